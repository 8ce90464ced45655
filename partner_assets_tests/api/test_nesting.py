"""JSON that is nested deeper than whoever reads it later can follow."""

import json
from typing import Any

import pytest

from partner_assets.api.errors import BrokenAnswer, ServerError
from partner_assets.api.nesting import MOST_LEVELS
from partner_assets_tests.api.fake_time import client
from partner_assets_tests.api.scripted_server import Reply, ScriptedServer, rows

DEEP = [MOST_LEVELS, 500, 950, 100_000]
"""One level too many, depths that only some of the code could follow, and one that no decoder can."""


def nested(levels: int, content: bytes = b"1") -> bytes:
    """Return an envelope with one record whose field holds so many lists in one another."""
    field = b"[" * levels + content + b"]" * levels
    return b'{"data":[{"deep":%s}],"info":{"success":true,"estimatedSearchCount":1}}' % field


@pytest.mark.parametrize("levels", DEEP)
def test_a_row_that_is_nested_too_deep_is_a_broken_answer(levels: int) -> None:
    """Guards against a RecursionError that ends the whole run, without a word of the slice or the request."""
    with ScriptedServer(Reply(content=nested(levels))) as server, client(server.base_url, attempts=2) as api:
        for ask in (api.price_lists, api.accreditations, lambda: [api.order_details("PO_1")]):
            with pytest.raises(BrokenAnswer, match=f"nested more than {MOST_LEVELS} levels deep"):
                list(ask())
        assert len(server.requests) == 6


def test_a_row_that_is_nested_as_deep_as_allowed_is_read() -> None:
    """Guards against a bound that refuses what can be followed: the record and its list are two of the levels."""
    levels = MOST_LEVELS - 2
    body = nested(levels, b'"\xc3\xa9"')
    with ScriptedServer(Reply(content=body)) as server, client(server.base_url) as api:
        [record] = api.price_lists()
        document = api.order_details("PO_1")
        assert json.dumps(record["deep"], ensure_ascii=False) == "[" * levels + '"é"' + "]" * levels
        assert document.record == record


@pytest.mark.parametrize("place", ["info", "message", "error"])
def test_a_failure_that_is_nested_too_deep_is_still_that_failure(place: str) -> None:
    """Guards against a 500 that becomes a crash because its explanation is read as well."""
    deep: Any = b"[" * 100_000 + b"]" * 100_000
    failed = Reply(500, b'{"%s":%s}' % (place.encode(), deep))
    with ScriptedServer(failed, rows({"id": "A"}, estimated=1)) as server, client(server.base_url) as api:
        assert list(api.price_lists()) == [{"id": "A"}]
        assert api.counts().retries == 1
    with (
        ScriptedServer(failed) as server,
        client(server.base_url, attempts=1) as api,
        pytest.raises(ServerError, match="answered 500"),
    ):
        list(api.price_lists())


def test_a_new_key_beside_something_deep_is_no_crash() -> None:
    """Guards against a rotation that dies with a stack trace which holds the answer."""
    deep = b"[" * 100_000 + b"]" * 100_000
    body = b'{"hashed_key":"h","api_key":"k","deep":%s}' % deep
    with (
        ScriptedServer(Reply(content=body)) as server,
        client(server.base_url, attempts=1) as api,
        pytest.raises(BrokenAnswer, match="levels deep"),
    ):
        api.new_key()
