"""Two keys of one partner: which one a request carries, and what happens when the API refuses it.

Not here: the files they come from (`keys/`), and that no error shows them (`test_secrecy.py`).
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from partner_assets.api import errors
from partner_assets.api.client import PartnerApi
from partner_assets.api.keys import KeySource
from partner_assets.api.transport import ApiKey
from partner_assets_tests.api.scripted_server import Reply, Request, ScriptedServer, rows

OLD, NEW = "o" * 64, "n" * 64
REFUSED = Reply(403, {"message": "API Consumer Not allowed"})
NOTHING = rows(estimated=0)


@dataclass
class Held:
    """A source of keys that a test can change, and what it was told."""

    values: list[str]
    told: list[str] = field(default_factory=list)

    def held_keys(self) -> Sequence[ApiKey]:
        """Return the keys."""
        return [ApiKey(value) for value in self.values]

    def accepted(self, key: ApiKey) -> None:
        """Write it down."""
        self.told.append(key.value)


@dataclass
class Gateway:
    """Answers nothing for the keys that it accepts, and refuses the others."""

    accepted: set[str]
    asked: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Reply:
        """Answer."""
        self.asked.append(request.headers["x-api-key"])
        return NOTHING if self.asked[-1] in self.accepted else REFUSED


def client(server: ScriptedServer, held: KeySource) -> PartnerApi:
    """Return a client with these keys."""
    return PartnerApi(server.base_url, held, attempts=2)


def test_the_first_key_is_used_and_no_other_is_asked_for() -> None:
    """Guards against a request that spends the quota of a key for nothing."""
    gateway, held = Gateway({OLD, NEW}), Held([OLD, NEW])
    with ScriptedServer(script=gateway) as server, client(server, held) as api:
        for _ in range(3):
            list(api.accreditations())
    assert gateway.asked == [OLD] * 3
    assert held.told == []


def test_a_key_that_is_refused_gives_way_to_the_other_for_good() -> None:
    """Guards against a run that ends on the day on which the vendor exchanges the keys, and a 403 for every request."""
    gateway, held = Gateway({OLD}), Held([OLD, NEW])
    with ScriptedServer(script=gateway) as server, client(server, held) as api:
        list(api.accreditations())
        gateway.accepted = {NEW}
        list(api.accreditations())
        list(api.price_lists())
    assert gateway.asked == [OLD, OLD, NEW, NEW]
    assert held.told == [NEW]


def test_a_key_that_came_later_is_found_when_it_is_needed() -> None:
    """Guards against a process of weeks that knows only the keys of its start."""
    gateway, held = Gateway({OLD}), Held([OLD])
    with ScriptedServer(script=gateway) as server, client(server, held) as api:
        list(api.accreditations())
        held.values, gateway.accepted = [NEW, OLD], {NEW}
        list(api.accreditations())
    assert gateway.asked == [OLD, OLD, NEW]


def test_if_every_key_is_refused_each_is_tried_once() -> None:
    """Guards against a storm of refused requests, and a message that leaves the other key open."""
    gateway, held = Gateway(set()), Held([OLD, NEW])
    with (
        ScriptedServer(script=gateway) as server,
        client(server, held) as api,
        pytest.raises(errors.KeyRefused) as caught,
    ):
        list(api.accreditations())
    assert gateway.asked == [OLD, NEW]
    assert str(caught.value).endswith("The other key that there is was refused as well.")
    assert held.told == []


@pytest.mark.parametrize(
    "reply",
    [Reply(401, {"message": "Missing API key in request"}), Reply(404, {"message": "no Route matched"}), Reply(500)],
)
def test_no_other_failure_tries_another_key(reply: Reply) -> None:
    """Guards against a new key that is taken for accepted because something else went wrong."""
    held = Held([OLD, NEW])
    with (
        ScriptedServer(reply) as server,
        PartnerApi(server.base_url, held, attempts=1) as api,
        pytest.raises(errors.PartnerApiError),
    ):
        list(api.accreditations())
    assert {request.headers["x-api-key"] for request in server.requests} == {OLD}


class _Slow(BaseHTTPRequestHandler):
    """Answers like the gateway, but holds the second answer back; a `ScriptedServer` decides one after the other."""

    protocol_version = "HTTP/1.1"
    gateway: Gateway
    may_answer: threading.Event

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.gateway(Request("GET", self.path, headers, b""))
        if len(self.gateway.asked) == 2:
            self.may_answer.wait(60)
        self.wfile.write(reply.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_an_answer_that_was_long_under_way_does_not_bring_its_key_back() -> None:
    """Guards against threads that change the key to and fro, with a refused request every time."""
    held, gateway, may_answer = Held([OLD, NEW]), Gateway({OLD}), threading.Event()
    handler = type("Handler", (_Slow,), {"gateway": gateway, "may_answer": may_answer})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        with PartnerApi(f"http://127.0.0.1:{server.server_address[1]}", held, attempts=2) as api:
            list(api.price_lists())
            slow = threading.Thread(target=lambda: list(api.accreditations()))
            slow.start()
            while slow.is_alive() and len(gateway.asked) < 2:
                slow.join(0.01)
            gateway.accepted = {NEW}
            list(api.price_lists())
            may_answer.set()
            slow.join()
            list(api.price_lists())
        server.shutdown()
        serving.join()
    assert gateway.asked == [OLD, OLD, OLD, NEW, NEW]
    assert held.told == [NEW]


@pytest.mark.parametrize("accepted", [{OLD}, {NEW}])
def test_what_is_quoted_hides_the_key_that_was_sent(accepted: set[str]) -> None:
    """Guards against a server that repeats the second key, while only the first is hidden."""
    echo = [Reply(400, {"message": f"bad request with {key}"}) for key in (OLD, NEW)]
    held = Held([OLD, NEW])

    def script(request: Request) -> Reply:
        key = request.headers["x-api-key"]
        return echo[(OLD, NEW).index(key)] if key in accepted else REFUSED

    with (
        ScriptedServer(script=script) as server,
        client(server, held) as api,
        pytest.raises(errors.BadRequest, match=r"bad request with \[the key\]"),
    ):
        list(api.accreditations())
