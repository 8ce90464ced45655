"""Every fault, as it is on the wire: read from the connection itself, since an HTTP library would hide half of it.

Not here: when faults happen (`test_fault_plans.py`), and what the project makes of them (`partner_assets_tests/faults`).
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from partner_assets.sandbox.fault_contents import BOMB_BYTES, DEEP_LEVELS, HUGE_BYTES
from partner_assets.sandbox.fault_plans import PROFILES
from partner_assets.sandbox.server import RunningSandbox, SandboxConfig, new_api_key
from partner_assets_tests.sandbox.client import ACCREDITATIONS, PRICE_LISTS, PRODUCTS
from partner_assets_tests.sandbox.raw_client import Heard, RawClient


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    """A sandbox with a quota that nobody spends."""
    config = SandboxConfig(days=2, orders_per_day=5, rate=1000, rate_window=60, api_keys=(new_api_key(),))
    with RunningSandbox(config) as running:
        yield running


@pytest.fixture(autouse=True)
def well_behaved(sandbox: RunningSandbox) -> Iterator[None]:
    """No fault outlives its test."""
    yield
    sandbox.control("faults/clear")


@pytest.fixture
def raw(sandbox: RunningSandbox) -> RawClient:
    """A client that sees bytes."""
    return RawClient(sandbox)


def meets(raw: RawClient, name: str, path: str = PRICE_LISTS, body: object = None, **options: object) -> Heard:
    """Return what comes back while a fault is set for every request."""
    raw.sandbox.control("faults", **{name: {"rate": 1, **options}})
    return raw.ask(path, body)


def test_what_meets_no_fault_is_whole_and_stays_open(raw: RawClient) -> None:
    """Without this, a client that hears nothing right would pass every test below."""
    heard = raw.ask(PRICE_LISTS)
    assert (heard.status, heard.ending, len(heard.body)) == (200, "open", heard.declared)
    assert heard.json()["info"]["success"] is True


@pytest.mark.parametrize(("name", "when"), [("too_many", None), ("too_many_told", "1")])
def test_too_many_says_when_to_come_back_or_does_not(raw: RawClient, name: str, when: str | None) -> None:
    """A 429 while X-RateLimit-Remaining says plenty is another program's doing, or a limit on the whole domain."""
    heard = meets(raw, name)
    assert (heard.status, heard.json()) == (429, {"message": "Too many requests, please try again later"})
    assert heard.headers.get("retry-after") == when
    assert int(heard.headers["x-ratelimit-remaining"]) > 0


def test_a_neighbour_spends_what_is_ours_and_shows_only_in_what_remains(raw: RawClient) -> None:
    """A client that counts its own requests alone would run into the limit."""
    before = int(raw.ask(PRICE_LISTS).headers["x-ratelimit-remaining"])
    heard = meets(raw, "neighbour")
    assert heard.status == 200
    assert int(heard.headers["x-ratelimit-remaining"]) == before - 1 - 100
    assert raw.sandbox.stats()["requests"] != 0


@pytest.mark.parametrize(("name", "status"), [("server_error", 500), ("bad_gateway", 502), ("unavailable", 503)])
def test_a_server_fails_with_an_envelope_a_web_page_or_nothing(raw: RawClient, name: str, status: int) -> None:
    """Three programs on the way can fail, and each says so in its own format."""
    heard = meets(raw, name)
    assert heard.status == status
    assert {500: b'"success":false', 502: b"<!DOCTYPE html>", 503: b""}[status] in heard.body
    assert len(heard.body) == heard.declared
    assert ("text/html" in heard.headers.get("content-type", "")) == (status == 502)


@pytest.mark.parametrize("name", ["reset_at_once", "reset_after_head", "reset_in_body"])
def test_a_reset_comes_where_it_should(raw: RawClient, name: str) -> None:
    """A connection that is closed in good order is another thing, and easier to survive."""
    whole = raw.ask(PRICE_LISTS)
    heard = meets(raw, name)
    assert heard.ending == "reset"
    share = {"reset_at_once": None, "reset_after_head": 0, "reset_in_body": len(whole.body) // 2}[name]
    assert heard.status == (0 if share is None else 200)
    assert len(heard.body) == (share or 0)
    assert share is None or heard.declared == len(whole.body)


def test_a_length_that_is_too_long_ends_with_a_closed_connection(raw: RawClient) -> None:
    """The body is whole, and only its length says that it is not."""
    heard = meets(raw, "length_too_long")
    assert (heard.ending, heard.declared) == ("closed", len(heard.body) + 1000)
    assert heard.json()["info"]["success"] is True


def test_a_length_that_is_too_short_leaves_the_rest_on_the_connection(raw: RawClient) -> None:
    """Whoever believes it reads half a body, and finds the other half before the next answer."""
    heard = meets(raw, "length_too_short")
    assert heard.declared == len(heard.body) // 2
    assert heard.json()["info"]["success"] is True


def test_headers_and_bodies_trickle_in(raw: RawClient) -> None:
    """A timeout between two bytes never ends an answer of which a byte comes now and then."""
    head = meets(raw, "slow_headers", seconds=0.6)
    assert (head.status, head.ending) == (200, "closed")
    assert head.arrivals >= 15
    raw.sandbox.control("faults/clear")
    body = meets(raw, "slow_body", seconds=0.6)
    assert body.arrivals >= 15
    assert head.json() == body.json()


def test_a_stall_is_silent_until_it_ends(raw: RawClient) -> None:
    """A connection that is open and silent is what a firewall leaves of one that it forgot."""
    assert meets(raw, "stall").raw == b""
    assert raw.ask(PRICE_LISTS).ending == "open"
    assert meets(RawClient(raw.sandbox, silence=5), "stall", seconds=0.1).status == 200


@pytest.mark.parametrize("name", ["truncated_json", "invalid_json"])
def test_broken_json_has_its_true_length(raw: RawClient, name: str) -> None:
    """Nothing but the JSON tells that something is missing."""
    whole = raw.ask(PRICE_LISTS)
    heard = meets(raw, name)
    assert (heard.status, heard.ending, heard.declared) == (200, "open", len(heard.body))
    with pytest.raises(json.JSONDecodeError):
        heard.json()
    assert whole.body.startswith(heard.body[:-2])


@pytest.mark.parametrize(("name", "code"), [("success_false", 500), ("refused_in_200", 400)])
def test_a_success_says_that_it_is_none(raw: RawClient, name: str, code: int) -> None:
    """A client that looks at the status alone takes it for an empty page."""
    heard = meets(raw, name)
    assert heard.status == 200
    assert heard.json()["data"] == []
    assert heard.json()["info"] == {"success": False, "statusCode": code, "estimatedSearchCount": 0}


@pytest.mark.parametrize(("name", "encoding"), [("latin_1", "iso-8859-1"), ("utf_16", "utf-16")])
def test_a_body_comes_in_another_encoding_and_is_the_same_text(raw: RawClient, name: str, encoding: str) -> None:
    """Were it UTF-8 after all, nothing would be tried: there must be letters that the encodings write differently."""
    whole = raw.ask(ACCREDITATIONS)
    heard = meets(raw, name, ACCREDITATIONS)
    assert heard.headers["content-type"] == f"application/json; charset={encoding}"
    assert json.loads(heard.body.decode(encoding)) == whole.json()
    assert heard.body != whole.body
    with pytest.raises(UnicodeDecodeError):
        heard.body.decode("utf-8")


def test_a_redirect_points_elsewhere(raw: RawClient) -> None:
    """Whoever follows it takes the key along."""
    heard = meets(raw, "redirect", location="https://elsewhere.invalid/x")
    assert (heard.status, heard.headers["location"]) == (302, "https://elsewhere.invalid/x")


def test_a_bomb_is_small_on_the_wire_and_large_behind_it(raw: RawClient) -> None:
    """A bound on the bytes received would let it pass."""
    whole = raw.ask(PRICE_LISTS)
    heard = meets(raw, "gzip_bomb")
    assert heard.headers["content-encoding"] == "gzip"
    assert len(heard.body) == heard.declared < BOMB_BYTES / 500
    assert gzip.decompress(heard.body).rstrip() == whole.body
    assert zlib.crc32(gzip.decompress(heard.body)) != zlib.crc32(whole.body)
    assert len(gzip.decompress(heard.body)) == len(whole.body) + BOMB_BYTES


def test_deep_json_is_deep_and_huge_json_is_huge(raw: RawClient) -> None:
    """Both are JSON that nothing is wrong with, except for whoever reads it."""
    whole = raw.ask(PRICE_LISTS)
    deep = meets(raw, "deep_json")
    assert deep.body.count(b"[" * DEEP_LEVELS) == deep.body.count(b"]" * DEEP_LEVELS) == 1
    shallow = deep.body.replace(b"[" * DEEP_LEVELS, b"").replace(b"]" * DEEP_LEVELS, b"0")
    assert json.loads(shallow)["data"][0].pop("deep") == 0
    raw.sandbox.control("faults/clear")
    huge = meets(RawClient(raw.sandbox, silence=3), "huge_answer")
    assert len(huge.body) == len(whole.body) + HUGE_BYTES
    assert huge.json() == whole.json()


def test_pages_overlap_leave_rows_out_come_together_or_are_cut(raw: RawClient) -> None:
    """The first page is always right: what shifts can only be seen between pages."""
    body = {"accreditationType": "R", "accreditationId": "PRTF136"}
    everything = raw.ask(f"{PRODUCTS}?skip=0&top=100", body).rows()

    def page(name: str, skip: int) -> list[object]:
        raw.sandbox.control("faults/clear")
        return meets(raw, name, f"{PRODUCTS}?skip={skip}&top=5", body).rows()

    for name, start, end in (
        ("doubled_rows", 8, 13),
        ("missing_rows", 12, 17),
        ("page_too_large", 10, 20),
        ("page_capped", 10, 13),
    ):
        assert page(name, 10) == everything[start:end], name
        assert page(name, 0)[:3] == everything[:3], name
    assert page("page_too_large", len(everything) - 3) == everything[-3:]
    assert page("doubled_rows", 1)[0] == everything[0]


def test_a_revoked_key_stays_revoked(own_key: RunningSandbox) -> None:
    """A refusal that passes would be another thing."""
    raw = RawClient(own_key)
    assert meets(raw, "key_revoked", after=1, count=1).status == 200
    assert [raw.ask(PRICE_LISTS).status, raw.ask(PRICE_LISTS).status] == [403, 403]
    assert raw.ask(PRICE_LISTS).json() == {"message": "API Consumer Not allowed"}
    assert own_key.stats()["faults"] == {"key_revoked": 1}


@pytest.fixture
def own_key() -> Iterator[RunningSandbox]:
    """A sandbox whose key may be lost."""
    with RunningSandbox(SandboxConfig(days=1, orders_per_day=0, api_keys=(new_api_key(),))) as running:
        yield running


@pytest.mark.parametrize(("name", "hours"), [("clock_ahead", 1), ("clock_behind", -1)])
def test_a_wrong_clock_shows_in_the_date_and_in_when_to_come_back(raw: RawClient, name: str, hours: int) -> None:
    """Whoever takes the date to come back by his own clock waits for an hour, or not at all."""
    heard = meets(raw, name)
    date, later = (parsedate_to_datetime(heard.headers[header]) for header in ("date", "retry-after"))
    assert heard.status == 429
    assert later - date == timedelta(seconds=1)
    off = date - datetime.now(UTC) - timedelta(hours=hours)
    assert abs(off) < timedelta(minutes=5)
    assert heard.raw.lower().count(b"\r\ndate:") == 1


@pytest.mark.parametrize("name", PROFILES)
def test_every_fault_is_tried_here(name: str) -> None:
    """A profile that is added without a test would be a name and nothing else."""
    assert Path(__file__).read_text(encoding="utf-8").count(f'"{name}"') > 0
