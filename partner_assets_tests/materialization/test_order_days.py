"""Where a day of orders begins and ends, and how many orders it may have: nothing is lost or doubled at an edge.

Not here: what happens to orders later (`test_order_changes.py`).
"""

from collections import Counter
from datetime import date, timedelta
from typing import Literal

import pytest

from partner_assets_tests.materialization.site import OpenSite, materialized

MARCH = date(2026, 3, 1)
DAYS = [MARCH + timedelta(days=number) for number in range(5)]
ORDER_TABLES = ("order_documents", "orders", "order_lines", "order_charges")
EDGES = {
    "2026-03-02T23:59:59.999999Z": date(2026, 3, 2),
    "2026-03-03T00:00:00Z": date(2026, 3, 3),
    "2026-03-03T00:00:00.001Z": date(2026, 3, 3),
    "2026-03-03T23:59:59Z": date(2026, 3, 3),
    "2026-03-03T23:59:59.999Z": date(2026, 3, 3),
    "2026-03-03T23:59:59.999999Z": date(2026, 3, 3),
    "2026-03-04T00:00:00Z": date(2026, 3, 4),
}


@pytest.mark.parametrize("window_end", ["inclusive", "exclusive"])
def test_an_order_at_midnight_lands_once_in_the_day_it_was_created(
    open_site: OpenSite, window_end: Literal["inclusive", "exclusive"]
) -> None:
    """Guards against an order between two windows, or in both, whichever way the API reads the end of a window."""
    site = open_site(start=MARCH, orders_per_day=0, window_end=window_end)
    created = {site.add_order(moment): day for moment, day in EDGES.items()}
    for day in sorted(set(EDGES.values())):
        site.run_day(day)
    for table in ("order_documents", "orders"):
        rows = site.rows(table)
        assert len(rows) == len(EDGES)
        assert {row["transaction_id"]: row["creation_date"] for row in rows} == created
    assert site.asked("order_details") == len(EDGES)
    assert site.rows("rejected") == []
    for table in ("order_lines", "order_charges"):
        assert {row["transaction_id"]: row["creation_date"] for row in site.rows(table)}.items() <= created.items()


@pytest.mark.parametrize("window_end", ["inclusive", "exclusive"])
def test_days_in_one_run_divide_the_orders_as_days_on_their_own_do(
    open_site: OpenSite, window_end: Literal["inclusive", "exclusive"]
) -> None:
    """Guards against a range run that reads one window over all its days and puts an order into the wrong one."""
    site = open_site(start=MARCH, orders_per_day=0, window_end=window_end)
    created = {site.add_order(moment): day for moment, day in EDGES.items()}
    result = site.run_days(DAYS[0], DAYS[-1])
    assert {row["transaction_id"]: row["creation_date"] for row in site.rows("orders")} == created
    assert site.rows("rejected") == []
    counts = {key: metadata["dagster/row_count"] for key, metadata in materialized(result, "orders").items()}
    assert counts == {day.isoformat(): list(created.values()).count(day) for day in DAYS}


@pytest.mark.parametrize("page_cap", [None, 7])
def test_a_day_may_have_any_number_of_orders_on_either_side_of_a_page(
    open_site: OpenSite, page_cap: int | None
) -> None:
    """Guards against paging that trusts the estimate, which is wrong here, or the length of a page, which is capped."""
    sizes = dict(zip(DAYS, (0, 1, 10, 11, 101), strict=True))
    site = open_site(start=MARCH, orders_per_day=0, page_cap=page_cap, exact_counts=False)
    for day, size in sizes.items():
        if size:
            site.sandbox.control("orders/add", count=size, creationDateTime=f"{day}T06:00:00Z")
    site.run_days(DAYS[0], DAYS[-1])
    found = Counter(row["creation_date"] for row in site.rows("orders"))
    assert {day: found[day] for day in DAYS} == sizes
    assert len({row["transaction_id"] for row in site.rows("orders")}) == sum(sizes.values())
    assert len(site.rows("order_documents")) == sum(sizes.values())


def test_a_day_of_exactly_a_hundred_orders_is_read_to_its_end(open_site: OpenSite) -> None:
    """Guards against a full last page that is taken for the end, or for a reason to ask for ever."""
    site = open_site(orders_per_day=0)
    site.sandbox.control("orders/add", count=100, creationDateTime="2026-03-05T06:00:00Z")
    site.run_day(date(2026, 3, 5))
    assert len(site.rows("orders")) == 100
    assert site.asked("search_orders") == 3


def test_a_day_without_orders_is_materialised_and_makes_no_file(open_site: OpenSite) -> None:
    """Guards against an empty day that counts as missing, and against files that hold nothing."""
    site = open_site(orders_per_day=0)
    result = site.run_day(date(2026, 3, 5))
    for table in ORDER_TABLES:
        assert materialized(result, table)["2026-03-05"]["dagster/row_count"] == 0
        assert site.files(table) == []


def test_a_day_that_lost_its_orders_is_empty_and_its_neighbours_are_not(open_site: OpenSite) -> None:
    """Guards against a replaced slice that takes another one of the same file with it."""
    site = open_site(start=date(2026, 3, 3), orders_per_day=0)
    kept = {site.add_order("2026-03-03T12:00:00Z"), site.add_order("2026-03-05T11:00:00Z")}
    lost = site.add_order("2026-03-04T12:00:00Z")
    site.run_days(date(2026, 3, 3), date(2026, 3, 5))
    site.sandbox.control("orders/remove", id=lost)
    site.run_day(date(2026, 3, 4))
    assert {row["transaction_id"] for row in site.rows("orders")} == kept
    assert {row["transaction_id"] for row in site.rows("order_documents")} == {*kept, lost}
