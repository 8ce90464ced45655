"""Keys, quotas, unknown paths and compression: what happens before an endpoint is reached."""

import re
import socket
import time

import pytest
import requests

from partner_assets.sandbox.server import RunningSandbox, SandboxConfig, new_api_key
from partner_assets_tests.sandbox.client import ACCREDITATIONS, API_KEYS, PRICE_LISTS, SEARCH, Client

RATE_HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


def test_a_request_without_key_is_refused_by_the_gateway_without_envelope(client: Client) -> None:
    """A client that looks for the envelope in a 401 would crash instead of naming the missing key."""
    answer = client.get(PRICE_LISTS, headers={})
    assert (answer.status_code, answer.json()) == (401, {"message": "Missing API key in request"})


def test_an_unknown_key_is_refused_by_the_gateway_without_envelope(client: Client) -> None:
    """A wrong key that worked would let a client test pass that production fails."""
    answer = client.get(PRICE_LISTS, headers={"X-API-Key": "0" * 64})
    assert (answer.status_code, answer.json()) == (403, {"message": "API Consumer Not allowed"})


@pytest.mark.parametrize("path", ["/", "/order/api4partners/v2/orders/search", PRICE_LISTS + "/"])
def test_an_unknown_path_has_no_route(client: Client, path: str) -> None:
    """Three of the paths are guesses of the project: a client must be able to see that the guess was wrong."""
    answer = client.get(path)
    assert (answer.status_code, answer.json()) == (404, {"message": "no Route matched with those values"})


def test_the_wrong_method_has_no_route(client: Client) -> None:
    """The gateway knows routes, not methods: a 405 would be an answer that the vendor never gives."""
    assert client.get(SEARCH).status_code == 404


def test_a_new_key_is_accepted_only_once_its_hash_is_installed(own_client: Client) -> None:
    """The vendor installs keys by hand: a rotation that switches to the new key at once would lock itself out."""
    made = own_client.post(API_KEYS).json()
    assert re.fullmatch(r"\$2b\$12\$[./A-Za-z0-9]{53}", made["hashed_key"])
    assert re.fullmatch(r"[0-9a-f]{64}", made["api_key"])
    headers = {"X-API-Key": made["api_key"]}
    assert own_client.get(PRICE_LISTS, headers=headers).status_code == 403
    own_client.sandbox.control("keys/install", hashed_key=made["hashed_key"])
    assert own_client.get(PRICE_LISTS, headers=headers).status_code == 200
    own_client.sandbox.control("keys/revoke", hashed_key=made["hashed_key"])
    assert own_client.get(PRICE_LISTS, headers=headers).status_code == 403


def test_every_answer_carries_the_rate_headers(client: Client) -> None:
    """Pacing reads these headers from whatever comes: one kind of answer without them would stall it."""
    answers = [
        client.get(PRICE_LISTS),
        client.get(PRICE_LISTS, headers={}),
        client.get(PRICE_LISTS, headers={"X-API-Key": "x"}),
        client.get("/nowhere"),
        client.post(SEARCH, {}),
    ]
    assert [answer.status_code for answer in answers] == [200, 401, 403, 404, 400]
    assert all(name in answer.headers for answer in answers for name in RATE_HEADERS)
    assert answers[0].headers["X-RateLimit-Limit"] == "1000000"


def test_the_quota_counts_down_and_is_refused_when_spent_and_comes_back() -> None:
    """A limit that never bites, or never ends, would make every test of pacing worthless."""
    config = SandboxConfig(rate=3, rate_window=1.5, api_keys=(new_api_key(), new_api_key()))
    with RunningSandbox(config) as sandbox:
        client = Client(sandbox)
        answers = [client.get(ACCREDITATIONS) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
        assert answers[3].json() == {"message": "Too many requests, please try again later"}
        assert answers[3].headers["X-RateLimit-Limit"] == "3"
        assert "Retry-After" not in answers[3].headers
        other_key = {"X-API-Key": config.api_keys[1]}
        assert client.get(ACCREDITATIONS, headers=other_key).status_code == 200
        time.sleep(1.55)
        assert client.get(ACCREDITATIONS).status_code == 200


def test_a_refused_request_can_say_when_to_come_back() -> None:
    """The vendor promises no Retry-After, but a gateway may well send one: clients should be tried with both."""
    with RunningSandbox(SandboxConfig(rate=0, rate_window=30, retry_after=True, api_keys=(new_api_key(),))) as sandbox:
        answer = Client(sandbox).get(PRICE_LISTS)
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == answer.headers["X-RateLimit-Reset"] == "30"


def test_a_long_answer_is_gzipped_for_those_who_ask_and_for_nobody_else(client: Client) -> None:
    """A client that never meets gzip here would meet it first in production."""
    key = {"X-API-Key": client.sandbox.api_key}
    packed = client.get(PRICE_LISTS, headers=key | {"Accept-Encoding": "gzip"})
    plain = client.get(PRICE_LISTS, headers=key | {"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"]) / 2
    assert packed.json() == plain.json()


def test_answers_are_held_back_as_long_as_configured() -> None:
    """Benchmarks with latency would measure nothing if the latency were not there."""
    with RunningSandbox(SandboxConfig(latency_ms=400, api_keys=(new_api_key(),))) as sandbox:
        started = time.monotonic()
        assert Client(sandbox).get(PRICE_LISTS).ok
        assert time.monotonic() - started >= 0.4
        assert requests.get(f"{sandbox.base_url}/_sandbox/stats", timeout=5).elapsed.total_seconds() < 0.4


def test_a_client_that_leaves_while_it_asks_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    """A soak kills clients in the middle: a traceback for each would bury the ones that mean something."""
    with RunningSandbox(SandboxConfig(latency_ms=150, api_keys=(new_api_key(),))) as sandbox:
        head = f"POST {SEARCH} HTTP/1.1\r\nHost: x\r\nX-API-Key: {sandbox.api_key}\r\nContent-Length: 9\r\n\r\n{{"
        with socket.create_connection(("127.0.0.1", sandbox.port)) as connection:
            connection.sendall(head.encode())
        deadline = time.monotonic() + 10
        while not sandbox.stats()["requests"] and time.monotonic() < deadline:
            time.sleep(0.01)
        assert sandbox.stats()["statuses"] == {"499": 1}
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []
