"""Searches whose rows move from page to page while they are read."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from partner_assets.api.errors import RepeatedPage, ShiftingPages, TransientError
from partner_assets.api.windows import timestamp
from partner_assets_tests.api.fake_time import client
from partner_assets_tests.api.paged_orders import APRIL, WEEK, numbers_of, order, shelf
from partner_assets_tests.api.scripted_server import Reply, Request, ScriptedServer, rows

Change = Callable[[list[Any], int], None]
"""Changes the rows before the answer to the request of this number, counted from 1."""


def restless(records: list[Any], change: Change, *, estimated: int | None = None, cap: int = 1000) -> Any:
    """Return a script that serves rows that change, with this estimate or the true number."""
    count = [0]

    def script(request: Request) -> Reply:
        count[0] += 1
        change(records, count[0])
        skip, top = request.query["skip"], request.query["top"]
        return rows(*records[skip : skip + min(top, cap)], estimated=len(records) if estimated is None else estimated)

    return script


def three_leave(records: list[Any], request: int) -> None:
    """Take away rows that were read, before the second page; one alone is made up for by the row that pages share."""
    if request == 2:
        del records[5:8]


def one_appears(records: list[Any], request: int) -> None:
    """Put a row in front, before the second page."""
    if request == 2:
        records.insert(0, order(999))


def three_leave_and_three_appear(records: list[Any], request: int) -> None:
    """Take away rows that were read and put as many at the end, before the second page."""
    if request == 2:
        del records[5:8]
        records.extend(order(i) for i in (997, 998, 999))


@pytest.mark.parametrize("estimated", [None, 260])
@pytest.mark.parametrize("cap", [1000, 40])
@pytest.mark.parametrize("change", [three_leave, one_appears, three_leave_and_three_appear])
def test_an_order_that_comes_or_goes_while_paging_takes_no_other_with_it(
    change: Change, cap: int, estimated: int | None
) -> None:
    """Guards against 249 of 250 in silence, also where the estimate never changes, or is right both times."""
    alive = [order(i) for i in range(250)]
    script = restless(alive, change, estimated=estimated, cap=cap)
    with ScriptedServer(script=script) as server, client(server.base_url) as api:
        found = numbers_of(api)
        assert len(found) == len(set(found))
        assert set(numbers_of(alive)) <= set(found)
        assert api.counts().drifted_searches == 0


def test_orders_without_any_estimate_are_read_again_as_well() -> None:
    """Guards against a detection that needs the estimate to waver."""
    alive = [order(i) for i in range(250)]

    def script(request: Request) -> Reply:
        three_leave(alive, len(server.requests))
        return shelf(alive, estimated=None)(request)

    with ScriptedServer(script=script) as server, client(server.base_url) as api:
        assert set(numbers_of(alive)) <= set(numbers_of(api))


def test_an_order_that_leaves_before_the_last_look_is_seen_to_be_missing() -> None:
    """Guards against rows after a cut page that slip away just as we look for them."""
    alive = [order(i) for i in range(100)]

    def change(records: list[Any], request: int) -> None:
        if request == 2:
            records.pop(0)

    with ScriptedServer(script=restless(alive, change)) as server, client(server.base_url) as api:
        assert len(numbers_of(api)) == 100
        assert [request.query["skip"] for request in server.requests][:3] == [0, 99, 0]


def created_by_the_hour(count: int) -> list[Any]:
    """Return orders that were created one an hour."""
    return [order(i) | {"creationDateTime": timestamp(APRIL + timedelta(hours=i))} for i in range(count)]


def shifting_by_two(records: list[Any], *, cap: int = 100) -> Any:
    """Return a script that keeps to the window, but begins every page after the first two rows too late."""

    def script(request: Request) -> Reply:
        window, skip = request.json()["creationDateTime"], request.query["skip"]
        wanted = [one for one in records if window["from"] <= one["creationDateTime"] <= window["to"]]
        start = skip + 2 if skip else 0
        return rows(*wanted[start : start + cap], estimated=len(wanted))

    return script


@pytest.mark.parametrize("cap", [3, 10, 100])
def test_orders_that_never_hold_still_are_read_in_windows_that_one_page_holds(cap: int) -> None:
    """Guards against orders that every reading misses, because pages shift in the same way each time."""
    alive = created_by_the_hour(150)
    with ScriptedServer(script=shifting_by_two(alive, cap=cap)) as server, client(server.base_url) as api:
        assert sorted(numbers_of(api)) == sorted(numbers_of(alive))
        assert api.counts().drifted_searches == 0


def test_orders_that_hold_still_in_no_window_are_an_error() -> None:
    """Guards against an answer that may lack orders and does not say so, and against an endless search for them."""
    behind = [order(i) for i in range(250)]
    ahead = behind[2:]

    def script(request: Request) -> Reply:
        return shelf(behind if request.query["skip"] == 0 else ahead, estimated=250)(request)

    with ScriptedServer(script=script) as server, client(server.base_url) as api:
        with pytest.raises(ShiftingPages, match=r"from 2025-04-01T00:00:00Z to 2025-04-01T00:00:0.* so some may be"):
            numbers_of(api)
        assert len(server.requests) < 500


def test_changed_orders_that_never_hold_still_are_all_that_was_found_and_counted_as_drifted() -> None:
    """Guards against a change feed that stops: it reads such a window again, and asks for what was found meanwhile."""
    alive = [order(i) for i in range(250)]

    def change(records: list[Any], request: int) -> None:
        del records[0]

    everything = set(numbers_of(alive))
    with ScriptedServer(script=restless(alive, change)) as server, client(server.base_url) as api:
        found = set(numbers_of(api.search_orders(updated=(APRIL, APRIL + timedelta(days=3)))))
        assert api.counts().drifted_searches == 1
        assert [request.query["skip"] for request in server.requests].count(0) == 3
    assert set(numbers_of(alive)) <= found <= everything


def test_a_second_order_that_pushes_the_only_one_on_is_no_repeated_page() -> None:
    """Guards against a busy minute that looks like a server that ignores skip: the same page of one row, twice."""
    alive = [order(1)]

    def change(records: list[Any], request: int) -> None:
        if request == 2:
            records.insert(0, order(2))

    with ScriptedServer(script=restless(alive, change)) as server, client(server.base_url) as api:
        assert numbers_of(api) == ["PO_2", "PO_1"]


def test_the_newest_form_of_any_reading_wins() -> None:
    """Guards against a second reading that overwrites what is newer, or is ignored where it is."""
    alive = [order(i) for i in range(150)]
    newer = order(7, "2025-04-03T00:00:00Z")

    def change(records: list[Any], request: int) -> None:
        if request == 2:
            del records[5]
            records[6] = newer

    with ScriptedServer(script=restless(alive, change)) as server, client(server.base_url) as api:
        assert newer in list(api.search_orders(created=WEEK))


def products(count: int) -> list[dict[str, Any]]:
    """Return rows of a catalogue."""
    return [{"number": f"{i:04}", "release": "R1"} for i in range(count)]


@pytest.mark.parametrize("cap", [1000, 20, 2])
@pytest.mark.parametrize("change", [three_leave, one_appears])
def test_a_catalogue_that_shifts_once_is_read_again_and_only_the_second_reading_counts(
    change: Change, cap: int
) -> None:
    """Guards against a live product that is closed, and against a withdrawn one that stays."""
    shelves = products(142)

    def late(records: list[Any], request: int) -> None:
        change(records, request if cap > 2 else request - 10)

    with ScriptedServer(script=restless(shelves, late, cap=cap)) as server, client(server.base_url) as api:
        assert list(api.products("R", "PRTF1")) == shelves


def test_a_price_list_that_is_replaced_between_two_pages_is_not_mixed() -> None:
    """Guards against half of the old prices and half of the new: the rows stay where they are and only change."""
    prices: list[Any] = [{"number": f"{i:04}", "prices": ["old"]} for i in range(150)]

    def change(records: list[Any], request: int) -> None:
        if request == 2:
            records[:] = [{**record, "prices": ["new"]} for record in records]

    with ScriptedServer(script=restless(prices, change)) as server, client(server.base_url) as api:
        assert list(api.product_prices("R", "PRTF1", price_list_id=1)) == prices
        assert {row["prices"][0] for row in prices} == {"new"}


def test_a_catalogue_that_never_holds_still_is_an_error() -> None:
    """Guards against a table made of pages that do not belong together."""

    def change(records: list[Any], request: int) -> None:
        del records[0]

    with (
        ScriptedServer(script=restless(products(150), change)) as server,
        client(server.base_url) as api,
        pytest.raises(ShiftingPages, match="search products: rows moved from page to page in each of 3 readings"),
    ):
        list(api.products("R", "PRTF1"))
    assert issubclass(ShiftingPages, TransientError)


def test_a_package_that_shifts_is_read_again() -> None:
    """Guards against a package that lacks a part, or has it twice, from then on."""
    parts: list[Any] = [{"number": f"{i}", "quantity": 1} for i in range(25)]
    with ScriptedServer(script=restless(parts, three_leave)) as server, client(server.base_url) as api:
        assert list(api.package_content("5CB", "V5")) == parts


def test_a_row_that_differs_every_time_it_is_asked_for_ends_in_both_forms() -> None:
    """Guards against a catalogue that can never be read because the server stamps its rows with the time."""
    count = [0]

    def script(request: Request) -> Reply:
        count[0] += 1
        stamped = [{**record, "asked": count[0]} for record in products(120)]
        return shelf(stamped, estimated=120)(request)

    with ScriptedServer(script=script) as server, client(server.base_url) as api:
        found = list(api.products("R", "PRTF1"))
    assert [row["number"] for row in found].count("0099") == 2
    assert len(found) == 121


def test_a_server_that_leaves_rows_out_of_its_pages_is_read_twice_and_believed() -> None:
    """Guards against rows that a server counts but never shows, and so gives others twice: nothing moves there."""
    stock = products(250)
    hidden = {3, 50, 120}

    def script(request: Request) -> Reply:
        skip, top = request.query["skip"], request.query["top"]
        page = [row for i, row in enumerate(stock[skip : skip + top], skip) if i not in hidden]
        return rows(*page, estimated=250)

    shown = [row for i, row in enumerate(stock) if i not in hidden]
    with ScriptedServer(script=script) as server, client(server.base_url) as api:
        assert list(api.products("R", "PRTF1")) == shown


@pytest.mark.parametrize("count", [1, 2, 100])
def test_a_server_that_ignores_skip_is_still_found_out(count: int) -> None:
    """Guards against repeated pages that are taken for shifted ones, again and again."""
    page = rows(*products(count), estimated=500)
    with ScriptedServer(page) as server, client(server.base_url) as api:
        with pytest.raises(RepeatedPage):
            list(api.products("R", "PRTF1"))
        assert len(server.requests) == 6


@pytest.mark.parametrize("cap", [1, 2, 3])
@pytest.mark.parametrize("estimated", [1, 30, 40])
def test_tiny_pages_of_orders_are_read_to_the_end(cap: int, estimated: int) -> None:
    """Guards against an overlap that never gets ahead."""
    records = [order(i) for i in range(30)]
    with ScriptedServer(script=shelf(records, estimated=estimated, cap=cap)) as server, client(server.base_url) as api:
        assert list(api.search_orders(created=WEEK)) == records
        assert len(server.requests) <= 33
