"""Reading a search to its end, against a server that holds to the contract's worst."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from partner_assets.api.errors import BrokenAnswer, RepeatedPage, UnendingPaging
from partner_assets.api.pages import decode_records
from partner_assets_tests.api.fake_time import client
from partner_assets_tests.api.paged_orders import APRIL, WEEK, order, shelf
from partner_assets_tests.api.scripted_server import Reply, Request, ScriptedServer, rows


def found(script: Callable[[Request], Reply], **options: Any) -> tuple[list[dict[str, Any]], int]:
    """Return what a search for products finds, and the number of requests it took."""
    with ScriptedServer(script=script) as server, client(server.base_url, **options) as api:
        return list(api.products("R", "PRTF1")), len(server.requests)


@pytest.mark.parametrize("count", [0, 1, 10, 11, 99, 100, 101, 200, 250])
@pytest.mark.parametrize("off_by", [-50, -1, 0, 1, 50])
def test_every_row_comes_once_unless_the_estimate_is_beyond_belief(count: int, off_by: int) -> None:
    """Guards against paging that stops at the estimate, as a well-known tool did at 100 of 250."""
    records = [{"number": f"{i:04}"} for i in range(count)]
    estimated = max(count + off_by, 0)
    if (estimated and not count) or (estimated >= 20 and count * 2 < estimated):
        with pytest.raises(BrokenAnswer):
            found(shelf(records, estimated=estimated))
    else:
        assert found(shelf(records, estimated=estimated))[0] == records


@pytest.mark.parametrize("cap", [1, 7, 50, 99])
def test_a_server_that_caps_its_pages_is_read_to_the_end(cap: int) -> None:
    """Guards against taking a short page for the last one, and against stepping by `top` instead of by rows."""
    records = [{"number": f"{i:04}"} for i in range(150)]
    assert found(shelf(records, estimated=150, cap=cap))[0] == records


def test_a_short_page_in_the_middle_does_not_end_the_search() -> None:
    """Guards against the 197 of 250 rows that every other tool returned in silence."""
    records = [{"number": f"{i:04}"} for i in range(250)]

    def script(request: Request) -> Reply:
        skip, top = request.query["skip"], request.query["top"]
        return rows(*records[skip : skip + (top - 3 if skip == 100 else top)], estimated=250)

    assert found(script)[0] == records


def test_without_an_estimate_only_an_empty_page_ends_the_search() -> None:
    """Guards against trusting a short page when nothing confirms it."""
    records = [{"number": f"{i:04}"} for i in range(120)]
    assert found(shelf(records, estimated=None, cap=70))[0] == records


def test_a_short_page_takes_two_requests_once_a_longer_one_was_seen() -> None:
    """Guards against asking three times, for a row that was seen and then for none, in thousands of small searches."""
    records = [{"number": f"{i}"} for i in range(5)]

    def script(request: Request) -> Reply:
        return shelf(records[: int(request.json()["accreditationId"])], estimated=9)(request)

    with ScriptedServer(script=script) as server, client(server.base_url) as api:
        for size, requests in (("5", 3), ("4", 5), ("3", 7), ("5", 10)):
            assert list(api.products("R", size)) == records[: int(size)]
            assert len(server.requests) == requests


@pytest.mark.parametrize("cap", [1, 7, 50])
@pytest.mark.parametrize("estimated", [1, 7, 49, 50, 149])
def test_a_server_that_caps_its_pages_and_estimates_too_low_is_read_to_the_end(cap: int, estimated: int) -> None:
    """Guards against the last rows lost where a capped page happens to meet an estimate that is too low."""
    records = [{"number": f"{i:04}"} for i in range(150)]
    assert found(shelf(records, estimated=estimated, cap=cap))[0] == records


def test_a_complete_answer_of_a_server_that_ignores_skip_is_taken() -> None:
    """Guards against failing over a page that we only asked for to be sure."""
    assert found(lambda _: rows({"number": "1"}, estimated=1)) == ([{"number": "1"}], 2)


def test_a_full_page_never_ends_the_search_even_if_the_estimate_is_met() -> None:
    """Guards against losing row 101 to an estimate of 100."""
    records = [{"number": f"{i:04}"} for i in range(101)]
    assert len(found(shelf(records, estimated=100))[0]) == 101


def test_a_server_that_ignores_skip_is_found_out() -> None:
    """Guards against a search that repeats its first page for ever."""
    page = rows(*({"number": f"{i}"} for i in range(100)), estimated=500)
    with pytest.raises(RepeatedPage, match="same as the one before"):
        found(lambda _: page)


def test_a_paging_in_circles_is_found_out() -> None:
    """Guards against an endless run when two pages of one row, which cannot overlap, alternate."""

    def script(request: Request) -> Reply:
        return rows({"number": f"{request.query['skip'] % 2}"}, estimated=500)

    with pytest.raises(UnendingPaging, match="again and again"):
        found(script)


def test_a_paging_without_end_is_given_up() -> None:
    """Guards against an endless run when new rows never cease."""

    def script(request: Request) -> Reply:
        return rows(*({"number": f"{request.query['skip'] + i}"} for i in range(100)))

    with pytest.raises(UnendingPaging, match="no end after 5 pages and 496 rows"):
        found(script, max_pages=5)


def test_numbers_keep_every_digit() -> None:
    """Guards against binary floats, which turn 12345678901234567890.12 into 12345678901234567000."""
    body = (
        b'{"data":[{"a":12345678901234567890.12,"b":1930.0000000000002,"c":123456789012345678901234567890,"d":10}],'
        b'"info":{"success":true,"estimatedSearchCount":1}}'
    )
    (record,), _ = found(lambda _: Reply(content=body))
    assert record["a"] == Decimal("12345678901234567890.12")
    assert str(record["b"]) == "1930.0000000000002"
    assert record["c"] == 123456789012345678901234567890
    assert type(record["d"]) is int


def test_the_same_product_in_two_releases_stays_two_rows() -> None:
    """Guards against taking the product number for a key; only rows equal in every field are one."""
    records = [{"number": "A", "release": "R1"}, {"number": "A", "release": "R2"}, {"number": "A", "release": "R1"}]
    assert found(shelf(records, estimated=3))[0] == records[:2]


def test_a_package_keeps_equal_positions() -> None:
    """Guards against de-duplicating a list whose order and length mean something."""
    records = [{"number": "A", "quantity": 1}] * 2 + [{"number": f"{i}", "quantity": 1} for i in range(11)]
    with ScriptedServer(script=shelf(records, estimated=13)) as server, client(server.base_url) as api:
        assert list(api.package_content("5CB", "V5")) == records
        assert [request.query["top"] for request in server.requests] == [10, 10, 10]
        assert [request.query["skip"] for request in server.requests] == [0, 9, 13]


def test_price_lists_are_one_request_without_paging() -> None:
    """Guards against a query that the endpoint does not know."""
    with ScriptedServer(rows({"countryCode": "BLZ"}, estimated=3)) as server, client(server.base_url) as api:
        assert list(api.price_lists()) == [{"countryCode": "BLZ"}]
        assert [request.target for request in server.requests] == ["/order/api4partners/v0/price-lists/search"]


def test_an_accreditation_that_comes_twice_is_one_and_another_with_its_id_is_not() -> None:
    """Guards against products fetched twice, and against a record that vanishes because it shares its id."""
    records = [{"id": "PRTF1", "name": "A"}, {"id": "PRTF2"}, {"id": "PRTF1", "name": "A"}, {"id": "PRTF1"}]
    with ScriptedServer(script=shelf(records, estimated=4)) as server, client(server.base_url) as api:
        assert list(api.accreditations()) == [records[0], records[1], records[3]]


def test_a_long_span_is_cut_and_an_order_on_the_boundary_comes_once() -> None:
    """Guards against a doubled order where two windows share an inclusive end."""
    with ScriptedServer(script=shelf([order(1)], estimated=1)) as server, client(server.base_url) as api:
        assert list(api.search_orders(created=(APRIL, APRIL + timedelta(days=15)))) == [order(1)]
        windows = [request.json()["creationDateTime"] for request in server.requests if request.query["skip"] == 0]
    assert [window["from"] for window in windows] == [
        "2025-04-01T00:00:00Z",
        "2025-04-08T00:00:00Z",
        "2025-04-15T00:00:00Z",
    ]
    assert windows[-1]["to"] == "2025-04-16T00:00:00Z"


def test_two_criteria_of_time_are_cut_each_and_combined() -> None:
    """Guards against a pair of windows that is never asked about."""
    with ScriptedServer(script=shelf([], estimated=0)) as server, client(server.base_url) as api:
        days = timedelta(days=10)
        list(api.search_orders(created=(APRIL, APRIL + days), updated=(APRIL, APRIL + days), transaction_type="RN"))
        bodies = [request.json() for request in server.requests]
    assert len({(b["creationDateTime"]["from"], b["lastUpdateDateTime"]["from"]) for b in bodies}) == 2 * 4
    assert {b["transactionType"] for b in bodies} == {"RN"}


def test_the_newest_form_of_an_order_wins() -> None:
    """Guards against keeping the older of two forms, whichever came first."""
    new, old = order(1, "2025-04-03T00:00:00.5Z"), order(1, "2025-04-03T00:00:00Z")
    for records in ([old, new], [new, old]):
        with ScriptedServer(script=shelf(records, estimated=2)) as server, client(server.base_url) as api:
            assert list(api.search_orders(created=WEEK)) == [new]


@pytest.mark.parametrize(
    ("criteria", "sentence"),
    [
        ({}, "needs at least one of"),
        ({"transaction_type": "PO"}, "needs at least one of"),
        ({"bill_to_po_references": []}, "must not be empty"),
        ({"bill_to_po_references": "390830"}, "must be a list"),
        ({"created": (APRIL, APRIL)}, "not later than its start"),
        ({"updated": (APRIL.replace(tzinfo=None), APRIL)}, "has no timezone"),
    ],
)
def test_a_search_that_cannot_be_asked_for_is_refused_before_any_request(
    criteria: dict[str, Any], sentence: str
) -> None:
    """Guards against finding out by a 400, or only once the iterator is read."""
    with client("http://127.0.0.1:9") as api, pytest.raises(ValueError, match=sentence):
        api.search_orders(**criteria)


def test_a_number_that_no_decimal_can_hold_is_a_broken_answer() -> None:
    """Guards against an exponent beyond all bounds that ends a run with a bare arithmetic error."""
    with pytest.raises(ValueError, match="beyond all bounds"):
        decode_records(b'[{"id": 1e99999999999999999999}]')
