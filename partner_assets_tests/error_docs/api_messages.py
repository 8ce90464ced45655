"""Provokes what is said of answers that arrive and are not what they should be, with a server that gives them.

Not here: failures below HTTP (`connection_messages.py`), and searches that do not end or hold still (`paging_messages.py`).
"""

from collections.abc import Sequence

from partner_assets.api import errors
from partner_assets.api.client import PartnerApi
from partner_assets.api.transport import ApiKey
from partner_assets_tests.api.fake_time import client
from partner_assets_tests.api.scripted_server import Reply, ScriptedServer, failed, rows
from partner_assets_tests.error_docs.scene import Provoke, Scene, produces

ANSWERS: dict[str, tuple[type[errors.PartnerApiError], Reply]] = {
    "answered 429": (errors.RateLimited, Reply(429, {"message": "API rate limit exceeded"})),
    "answered 5": (errors.ServerError, Reply(503)),
    "answered 200, but its body says": (errors.ServerError, failed(200, "internalServerError", "Oops")),
    "the body broke off": (errors.BrokenAnswer, rows({"id": "A"}, declared_length=500)),
    "that cannot be read: REASON": (errors.BrokenAnswer, Reply(200, b'{"data":[{"id":')),
    "an index may be being rebuilt": (errors.BrokenAnswer, rows(estimated=42)),
    "The same request would fail again": (errors.BadRequest, failed(400, "invalidRequest", "Invalid")),
    "The gateway saw no key": (errors.MissingKey, Reply(401, {"message": "Missing API key in request"})),
    "The key is unknown here": (errors.KeyRefused, Reply(403, {"message": "API Consumer Not allowed"})),
    "It does not exist, or not for this key": (errors.NotFound, failed(404, "resourceNotFound", "Gone")),
    "Nothing answers there": (errors.NoRoute, Reply(404, {"message": "no Route matched with those values"})),
    "to which the key is not sent": (errors.Redirected, Reply(302, b"", {"Location": "http://elsewhere.invalid/"})),
    "with a web page instead": (errors.NotJson, Reply(200, b"<html>", {"Content-Type": "text/html"})),
    "The same request would be refused": (errors.Refused200, failed(200, "invalidRequest", "Bad", status_code=400)),
    "brought more than N bytes": (errors.AnswerTooLarge, rows(*["x" * 100] * 200)),
    "it may pass, so run it again later": (errors.ServerError, Reply(503)),
    "the server asks for a wait": (errors.RateLimited, Reply(429, b"", {"Retry-After": "3600"})),
}
"""What the API answers, and what is made of it, for each row."""


def _answering(reply: Reply) -> Provoke:
    def ask(scene: Scene) -> None:
        with ScriptedServer(reply) as server, client(server.base_url, max_answer_bytes=5000) as api:
            list(api.products("R", "PRTF1"))

    return ask


for words, (kind, reply) in ANSWERS.items():
    produces(words, kind)(_answering(reply))


class TwoKeys:
    """A source of two keys."""

    def held_keys(self) -> Sequence[ApiKey]:
        """Return both."""
        return [ApiKey("one"), ApiKey("other")]

    def accepted(self, key: ApiKey) -> None:
        """Take no note."""


@produces("The other key that there is", errors.KeyRefused)
def two_refused_keys(scene: Scene) -> None:
    """Ask with two keys, neither of which is known."""
    with PartnerApi(scene.sandbox.base_url, TwoKeys()) as api:
        list(api.accreditations())


@produces("The request was given up because", errors.Stopped)
def closed_client(scene: Scene) -> None:
    """Ask with a client that was closed."""
    api = client(scene.sandbox.base_url)
    api.close()
    list(api.accreditations())
