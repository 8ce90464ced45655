"""The key goes into one header and nowhere else."""

import logging
import traceback
from types import TracebackType

import pytest

from partner_assets.api.errors import PartnerApiError
from partner_assets_tests.api.fake_time import KEY, client
from partner_assets_tests.api.scripted_server import Reply, ScriptedServer, failed, rows
from partner_assets_tests.api.test_failures import PERMANENT, TRANSIENT


class Secret:
    """What pydantic's SecretStr looks like from outside."""

    def get_secret_value(self) -> str:
        """Return the secret."""
        return KEY


def chain(error: BaseException) -> list[BaseException]:
    """Return the error and all that hang on it, suppressed or not."""
    links: list[BaseException] = []
    queue: list[BaseException | None] = [error]
    while queue:
        link = queue.pop()
        if link is not None and link not in links:
            links.append(link)
            queue += [link.__cause__, link.__context__]
    return links


def variables(trace: TracebackType | None) -> str:
    """Return every local variable of our own frames, as a debugger or a rich traceback would print it."""
    text = ""
    while trace is not None:
        frame = trace.tb_frame
        if "partner_assets/api" in frame.f_code.co_filename:
            text += repr(frame.f_locals)
        trace = trace.tb_next
    return text


ECHO = [
    Reply(403, {"message": f"The key {KEY} is not known"}),
    failed(400, "invalidRequest", f"Bad key {KEY}"),
    failed(200, "invalidRequest", f"Bad key {KEY}"),
]


@pytest.mark.parametrize("reply", [case[0] for case in PERMANENT + TRANSIENT] + ECHO)
def test_no_error_shows_the_key(reply: Reply, caplog: pytest.LogCaptureFixture) -> None:
    """Guards against a key in a log: requests hangs the request, key and all, onto its exceptions."""
    caplog.set_level(logging.DEBUG)
    with (
        ScriptedServer(reply) as server,
        client(server.base_url, attempts=2, max_answer_bytes=5000) as api,
        pytest.raises(PartnerApiError) as caught,
    ):
        list(api.accreditations())
    for link in chain(caught.value):
        assert isinstance(link, PartnerApiError)
        shown = (
            "".join(traceback.format_exception(link)) + repr(link) + repr(vars(link)) + variables(link.__traceback__)
        )
        assert KEY not in shown
    assert KEY not in caplog.text


def test_no_repr_shows_the_key() -> None:
    """Guards against a key in the output of a prompt or a debugger."""
    with ScriptedServer(rows(estimated=0)) as server, client(server.base_url) as api:
        list(api.accreditations())
        for shown in (api, vars(api), vars(vars(api)["_transport"]), vars(vars(api)["_caller"])):
            assert KEY not in repr(shown)
        assert KEY not in str(api.counts())


def test_the_key_travels_in_its_header_only() -> None:
    """Guards against a key in a query string, where every proxy logs it."""
    with ScriptedServer(rows(estimated=0)) as server, client(server.base_url) as api:
        list(api.accreditations())
        list(api.products("R", "X"))
    for request in server.requests:
        assert request.headers["x-api-key"] == KEY
        assert KEY not in request.target + request.body.decode()
        assert {name for name, value in request.headers.items() if KEY in value} == {"x-api-key"}
        assert request.headers["user-agent"].startswith("partner-assets")
        assert request.headers["accept-encoding"] == "gzip"


def test_a_wrapped_key_is_unwrapped() -> None:
    """Guards against sending eight asterisks."""
    from partner_assets.api.client import PartnerApi

    with ScriptedServer(rows(estimated=0)) as server, PartnerApi(server.base_url, Secret()) as api:
        list(api.accreditations())
        assert server.requests[0].headers["x-api-key"] == KEY


@pytest.mark.parametrize("key", ["", " abc", "abc\n", "ключ"])
def test_a_key_that_cannot_be_a_header_is_refused_without_showing_it(key: str) -> None:
    """Guards against a copied line end that becomes a strange failure later."""
    from partner_assets.api.client import PartnerApi

    with pytest.raises(ValueError, match="must be printable ASCII") as caught:
        PartnerApi("http://127.0.0.1:9", key)
    assert not key.strip() or key.strip() not in str(caught.value)


def test_a_new_key_shows_its_hash_only() -> None:
    """Guards against a fresh key in the scrollback."""
    reply = Reply(200, {"hashed_key": "$2b$12$x", "api_key": "s3cret"})
    with ScriptedServer(reply) as server, client(server.base_url) as api:
        made = api.new_key()
        assert (made.api_key, made.hashed_key) == ("s3cret", "$2b$12$x")
        assert "s3cret" not in repr(made)
        assert (server.requests[0].method, server.requests[0].path) == ("POST", "/order/api4partners/v0/apikeys")
