"""Days read in full: the details of every order asked for again, because a run says so by its tag.

Not here: what a run without the tag asks for (`test_order_changes.py`), and the command that sets it.
"""

import json
from typing import Any

import pytest

from partner_assets.automation.day_ranges import DayRange
from partner_assets.automation.jobs import ORDERS
from partner_assets.materialization.details_tag import ALL_DETAILS, DETAILS
from partner_assets.runs import JobOutcome, run_jobs
from partner_assets.tables.values import from_json
from partner_assets_tests.materialization.site import TODAY, OpenSite, Site

MORNING = "2026-03-05T07:30:00Z"
LINEAGE = ("fetched_at", "run_id")


def run_today(site: Site, tags: dict[str, str]) -> JobOutcome:
    """Run the day as the command does."""
    [outcome] = run_jobs(site.unchecked, site.instance, [ORDERS], DayRange(TODAY, TODAY), tags=tags)
    return outcome


def without_lineage(site: Site, table: str) -> list[dict[str, Any]]:
    """Return a table without what tells when, and by which run, its rows were read."""
    return [{name: value for name, value in row.items() if name not in LINEAGE} for row in site.rows(table)]


def change_in_silence(site: Site, order: str) -> dict[str, Any]:
    """Give an order another currency, and leave its time of update as it is."""
    document = dict(site.sandbox.world.order(order) or {})
    document["currency"] = "CHF" if document.get("currency") != "CHF" else "USD"
    site.sandbox.control("orders/remove", id=order)
    site.sandbox.control("orders/add", document=document)
    return document


def test_a_full_day_costs_its_search_pages_and_one_document_per_order(open_site: OpenSite) -> None:
    """Guards against a full read that asks only for some, and against one that asks for anything twice."""
    site = open_site(orders_per_day=0)
    site.sandbox.control("orders/add", count=250, creationDateTime=MORNING)
    site.run_day(TODAY)
    site.forget_requests()
    site.run_day(TODAY)
    pages = site.asked("search_orders")
    assert site.asked() == pages
    site.forget_requests()
    facts = run_today(site, ALL_DETAILS).assets["order_documents"].facts
    assert (site.asked("search_orders"), site.asked("order_details"), site.asked()) == (pages, 250, pages + 250)
    assert (facts["found"], facts["fetched"], facts["requests"]) == (250, 250, pages + 250)


def test_documents_that_did_not_change_add_no_version(open_site: OpenSite) -> None:
    """Guards against a history that grows with every full read, although nothing happened."""
    site = open_site(orders_per_day=30)
    tables = ("order_documents", "orders", "order_lines", "order_charges")
    site.run_day(TODAY)
    before = {table: without_lineage(site, table) for table in tables}
    assert before["order_documents"]
    assert run_today(site, ALL_DETAILS).failures == []
    assert {table: without_lineage(site, table) for table in tables} == before


def test_only_a_full_read_sees_a_document_that_changed_without_a_new_time_of_update(open_site: OpenSite) -> None:
    """Guards against a lake that can never be made right when the vendor corrects documents by hand."""
    site = open_site(orders_per_day=0)
    order = site.add_order(MORNING)
    site.run_day(TODAY)
    [before] = site.rows("order_documents")
    document = change_in_silence(site, order)
    site.run_day(TODAY)
    assert site.rows("order_documents") == [before]
    assert run_today(site, ALL_DETAILS).failures == []
    [after] = site.rows("order_documents")
    assert json.loads(after["document"]) == document
    assert [row["currency"] for row in site.rows("orders")] == [document["currency"]]
    [[earlier]] = from_json(after["extra"]).values()
    assert earlier["document"] == before["document"]


def test_an_order_known_to_be_gone_is_not_asked_for_even_in_full(open_site: OpenSite) -> None:
    """Guards against a full read that asks for years of orders which no longer exist."""
    site = open_site(orders_per_day=0)
    order = site.add_order(MORNING)
    site.run_day(TODAY)
    site.sandbox.control("orders/remove", id=order)
    site.run_day(TODAY)
    site.forget_requests()
    assert run_today(site, ALL_DETAILS).failures == []
    assert site.asked("order_details") == 0


@pytest.mark.parametrize("value", ["ALL", "full", ""])
def test_a_value_of_the_tag_that_means_nothing_fails_the_run_before_it_asks(open_site: OpenSite, value: str) -> None:
    """Guards against a person who mistypes the tag, reads in a green run that all went well, and has read nothing."""
    site = open_site(orders_per_day=0)
    site.add_order(MORNING)
    site.forget_requests()
    [sentence] = run_today(site, {DETAILS: value}).failures
    assert sentence == f"The run's tag {DETAILS} is {value!r} and means nothing: set it to all, or leave it away."
    assert site.asked() == 0
