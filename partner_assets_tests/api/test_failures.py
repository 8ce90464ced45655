"""What goes wrong, as which type and in which words, and how many requests it costs."""

from typing import Any

import pytest

from partner_assets.api import errors
from partner_assets_tests.api.fake_time import FakeTime, client
from partner_assets_tests.api.scripted_server import Reply, ScriptedServer, failed, rows

HTML = Reply(200, b"<!DOCTYPE html><title>Sign in</title>", {"Content-Type": "text/html"})

PERMANENT = [
    (failed(400, "invalidRequest", "Invalid", detail="too long"), errors.BadRequest, "too long at /x"),
    (Reply(405, {"message": "no"}), errors.BadRequest, "405"),
    (Reply(401, {"message": "Missing API key in request"}), errors.MissingKey, "PARTNER_API_KEY"),
    (Reply(403, {"message": "API Consumer Not allowed"}), errors.KeyRefused, "API Consumer Not allowed"),
    (failed(404, "resourceNotFound", "Gone"), errors.NotFound, "Gone"),
    (failed(404, "invalidRequest", "Gone", status_code=400), errors.NotFound, "Gone"),
    (
        Reply(404, {"message": "no Route matched with those values"}),
        errors.NoRoute,
        "accreditations_search has another path, set PARTNER_API_PATH_ACCREDITATIONS_SEARCH",
    ),
    (Reply(404, {"message": "Not found"}), errors.NoRoute, "set PARTNER_API_PATH"),
    (Reply(302, b"", {"Location": "http://elsewhere.invalid/"}), errors.Redirected, "key is not sent"),
    (HTML, errors.NotJson, "is this the address of the Partner API"),
    (Reply(404, b"  <html>", {"Content-Type": "text/plain"}), errors.NotJson, "404"),
    (failed(200, "invalidRequest", "Bad", status_code=400), errors.Refused200, "success: false"),
    (failed(200, "resourceNotFound", "Gone", status_code=404), errors.NotFound, "success: false"),
    (rows(*["x" * 100] * 200), errors.AnswerTooLarge, "more than 5,000 bytes"),
    (rows(*["x" * 100] * 200, is_gzipped=True), errors.AnswerTooLarge, "more than 5,000 bytes"),
]

TRANSIENT = [
    (Reply(429, {"message": "Too many requests"}), errors.RateLimited, "Too many requests"),
    (failed(500, "internalServerError", "Oops"), errors.ServerError, "Oops"),
    (Reply(502, b"<html>Bad gateway</html>", {"Content-Type": "text/html"}), errors.ServerError, "502"),
    (Reply(408), errors.ServerError, "408"),
    (failed(200, "internalServerError", "Oops"), errors.ServerError, "success: false"),
    (failed(200, "other", "Oops", status_code=503), errors.ServerError, "success: false"),
    (Reply(is_reset=True), errors.Unreachable, "the connection broke"),
    (rows({"id": "A"}, declared_length=500), errors.BrokenAnswer, "broke off"),
    (rows({"id": "A"}, is_chunked=True), errors.BrokenAnswer, "broke off"),
    (Reply(200, b"\x1f\x8bnot gzip", {"Content-Encoding": "gzip"}), errors.BrokenAnswer, "decompressed"),
    (Reply(200, b'{"data":[{"id":'), errors.BrokenAnswer, "truncated"),
    (Reply(200, b""), errors.BrokenAnswer, "cannot be read"),
    (Reply(200, b'{"data":["\xff"],"info":{}}'), errors.BrokenAnswer, "cannot be read"),
    (Reply(200, {"message": "hello"}), errors.BrokenAnswer, "no `data`"),
    (Reply(200, {"data": None, "info": {}}), errors.BrokenAnswer, "cannot be read"),
    (Reply(200, {"data": [1]}), errors.BrokenAnswer, "cannot be read"),
]


@pytest.mark.parametrize(("reply", "kind", "words"), PERMANENT)
def test_a_permanent_failure_is_asked_once(reply: Reply, kind: type[errors.PartnerApiError], words: str) -> None:
    """Guards against the permanent 405 that was retried 5,363 times."""
    with ScriptedServer(reply) as server, client(server.base_url, max_answer_bytes=5000) as api:
        with pytest.raises(kind) as caught:
            list(api.accreditations())
        assert len(server.requests) == 1
        assert api.counts().retries == 0
    assert type(caught.value) is kind
    assert isinstance(caught.value, errors.PermanentError)
    assert words in str(caught.value)
    assert "GET /order/api4partners/v1/accreditations/search?skip=0&top=100" in str(caught.value)


@pytest.mark.parametrize(("reply", "kind", "words"), TRANSIENT)
def test_a_transient_failure_passes(reply: Reply, kind: type[errors.PartnerApiError], words: str) -> None:
    """Guards against a run that dies of one hiccup."""
    good = rows({"id": "A"}, estimated=1)
    with ScriptedServer(reply, reply, good) as server, client(server.base_url) as api:
        assert list(api.price_lists()) == [{"id": "A"}]
        assert len(server.requests) == 3
        assert api.counts().retries == 2


@pytest.mark.parametrize(("reply", "kind", "words"), TRANSIENT)
def test_a_transient_failure_that_stays_is_raised_as_itself(
    reply: Reply, kind: type[errors.PartnerApiError], words: str
) -> None:
    """Guards against endless retries, and against a bare RetryError that hides what happened."""
    with ScriptedServer(reply) as server, client(server.base_url, attempts=3) as api:
        with pytest.raises(kind, match="Gave up after 3 attempts in") as caught:
            list(api.accreditations())
        assert len(server.requests) == 3
    assert isinstance(caught.value, errors.TransientError)
    assert words in str(caught.value)
    assert caught.value.attempts == 3


def test_no_server_at_all_is_unreachable() -> None:
    """Guards against a message that does not name the address."""
    with client("http://127.0.0.1:9", attempts=2) as api, pytest.raises(errors.Unreachable, match=r"127\.0\.0\.1:9"):
        list(api.accreditations())


def test_a_stalled_answer_is_given_up() -> None:
    """Guards against a run that hangs for ever on one connection."""
    stalled = rows({"id": "A"}, delay=1.0)
    with (
        ScriptedServer(stalled, rows({"id": "A"}, estimated=1)) as server,
        client(server.base_url, read_timeout=0.2) as api,
    ):
        assert list(api.price_lists()) == [{"id": "A"}]
        assert len(server.requests) == 2


@pytest.mark.parametrize("headers", [{"Retry-After": "7"}, {"X-RateLimit-Reset": "7"}])
def test_the_wait_that_a_429_asks_for_is_kept(headers: dict[str, str]) -> None:
    """Guards against hammering a server that said when to come back."""
    time = FakeTime()
    reply = Reply(429, {"message": "Too many requests"}, headers)
    with ScriptedServer(reply, rows(estimated=0)) as server, client(server.base_url, time) as api:
        list(api.accreditations())
    assert 7 <= time.slept < 9


def test_retry_after_may_be_a_date() -> None:
    """Guards against the second form that HTTP allows, and against a local clock that is wrong."""
    time = FakeTime()
    headers = {"Date": "Tue, 01 Apr 2025 10:00:00 GMT", "Retry-After": "Tue, 01 Apr 2025 10:00:20 GMT"}
    with ScriptedServer(Reply(503, b"", headers), rows(estimated=0)) as server, client(server.base_url, time) as api:
        list(api.accreditations())
    assert 20 <= time.slept < 21


def test_a_wait_beyond_the_bound_fails_at_once_and_says_so() -> None:
    """Guards against sleeping five minutes only to fail then."""
    time = FakeTime()
    with (
        ScriptedServer(Reply(429, b"{}", {"Retry-After": "4000"})) as server,
        client(server.base_url, time, retry_seconds=300) as api,
    ):
        with pytest.raises(errors.RateLimited, match="wait of 4000 seconds, and a request is given 300"):
            list(api.accreditations())
        assert len(server.requests) == 1
    assert time.slept == 0


def test_the_bound_on_time_ends_the_retries_before_the_bound_on_attempts() -> None:
    """Guards against a slice that is stuck for an hour on a server that is down."""
    time = FakeTime()
    with ScriptedServer(Reply(500)) as server, client(server.base_url, time, attempts=1000, retry_seconds=60) as api:
        with pytest.raises(errors.ServerError, match="Gave up after"):
            list(api.accreditations())
        assert len(server.requests) < 10
    assert time.slept <= 60


def test_a_redirect_sends_the_key_to_no_other_host() -> None:
    """Guards against a key that leaks to whatever address an answer names."""
    with ScriptedServer(rows()) as other:
        reply = Reply(307, b"", {"Location": f"{other.base_url}/x"})
        with ScriptedServer(reply) as server, client(server.base_url) as api, pytest.raises(errors.Redirected):
            list(api.accreditations())
        assert other.requests == []


def test_an_error_survives_a_trip_to_another_process() -> None:
    """Guards against an exception that cannot be pickled and arrives as another one."""
    import pickle

    error: Any = errors.NotFound("gone", status=404)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (str(copy), copy.status, type(copy)) == ("gone", 404, errors.NotFound)
