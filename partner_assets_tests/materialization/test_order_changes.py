"""What a second run of a day finds: changed orders, new ones, vanished ones, and ones that come back.

Cost is counted by the sandbox. Not here: the edges of a day (`test_order_days.py`).
"""

import json
from datetime import date

from partner_assets_tests.materialization.site import TODAY, OpenSite, Row, Site, materialized

MORNING = "2026-03-05T06:00:00Z"
THREE = ("orders", "order_lines", "order_charges")


def versions_of(site: Site, order: str) -> list[Row]:
    """Return the versions of an order, oldest first."""
    rows = site.rows("order_documents", transaction_id=order)
    return sorted(rows, key=lambda row: row["last_update_datetime"])


def change_later(site: Site, order: str, **fields: object) -> None:
    """Let a minute pass, and change an order: in a way of the sandbox's own unless fields are given."""
    site.sandbox.control("clock", advance_seconds=60)
    site.sandbox.control("orders/change", id=order, fields=fields)


def busy_order(site: Site) -> str:
    """Return an order that has lines and charges."""
    site.sandbox.control("orders/add", count=20, creationDateTime=MORNING)
    document = next(
        document
        for document in site.sandbox.world.order_documents(TODAY, TODAY)
        if len(json.dumps(document.get("licenseChargeConditions", []))) > 2000
    )
    transaction = document["transaction"]
    assert isinstance(transaction, dict)
    return str(transaction["id"])


def without_lineage(rows: list[Row]) -> list[Row]:
    """Return rows without what tells when, and by which run, they were read."""
    return [{name: value for name, value in row.items() if name not in ("fetched_at", "run_id")} for row in rows]


def test_one_changed_order_among_a_thousand_costs_the_search_and_one_document(open_site: OpenSite) -> None:
    """Guards against a second run that fetches what it has: its cost would grow with what exists."""
    site = open_site(orders_per_day=0)
    ids = site.sandbox.control("orders/add", count=1000, creationDateTime=MORNING)["ids"]
    assert isinstance(ids, list)
    site.run_day(TODAY)
    assert site.asked("order_details") == 1000
    change_later(site, ids[500])
    site.forget_requests()
    result = site.run_day(TODAY)
    assert (site.asked("search_orders"), site.asked("order_details"), site.asked()) == (12, 1, 13)
    metadata = materialized(result, "order_documents")["2026-03-05"]
    assert [metadata[name] for name in ("found", "fetched", "gone", "requests")] == [1000, 1, 0, 13]
    older, newer = versions_of(site, ids[500])
    assert (older["is_current"], newer["is_current"]) == (False, True)
    assert json.loads(newer["document"]) == site.sandbox.world.order(ids[500])
    assert json.loads(older["document"]) != json.loads(newer["document"])
    [order] = site.rows("orders", transaction_id=ids[500])
    assert (order["description"], order["version_count"]) == ("Changed after all", 2)
    assert len(site.rows("orders")) == 1000
    assert len(site.rows("order_documents")) == 1001


def test_a_changed_order_replaces_its_lines_and_charges(open_site: OpenSite) -> None:
    """Guards against lines of an older version that stay beside those of the newer one."""
    site = open_site(orders_per_day=0)
    order = busy_order(site)
    site.run_day(TODAY)
    assert len(site.rows("order_charges", transaction_id=order)) > 1
    charge = {"sequenceNumber": 7, "quantity": 3, "unitListPrice": 0.125}
    change_later(site, order, licenseChargeConditions=[{"sequenceNumber": 4, "licenseChargeBreakdown": [charge]}])
    others = [row for row in site.rows("order_charges") if row["transaction_id"] != order]
    site.run_day(TODAY)
    [row] = site.rows("order_charges", transaction_id=order)
    assert (row["line_number"], row["charge_number"], str(row["unit_list_price"])) == (4, 7, "0.13")
    assert [row["line_number"] for row in site.rows("order_lines", transaction_id=order)] == [4]
    assert [row for row in site.rows("order_charges") if row["transaction_id"] != order] == others


def test_an_order_that_vanishes_is_confirmed_and_leaves_the_tables_but_not_the_documents(open_site: OpenSite) -> None:
    """Guards against an order that is shown although it is gone, and against one whose history goes with it."""
    site = open_site(orders_per_day=0)
    order = busy_order(site)
    site.run_day(TODAY)
    [before] = versions_of(site, order)
    assert before["gone_at"] is None
    site.sandbox.control("orders/remove", id=order)
    site.forget_requests()
    result = site.run_day(TODAY)
    assert site.asked("order_details") == 1
    assert site.sandbox.stats()["statuses"] == {"200": site.asked("search_orders"), "404": 1}
    metadata = materialized(result, "order_documents")["2026-03-05"]
    assert metadata["gone"] == 1
    [after] = versions_of(site, order)
    assert after == before | {"is_current": False, "gone_at": after["gone_at"]}
    # When it was asked for, and not there.
    assert metadata["as_of"] < after["gone_at"].timestamp() < metadata["published_at"]
    for table in THREE:
        assert site.rows(table, transaction_id=order) == []
        assert site.rows(table)


def test_an_order_known_to_be_gone_costs_nothing_more(open_site: OpenSite) -> None:
    """Guards against asking for ever after an order that no longer exists, and against a time of death that moves."""
    site = open_site(orders_per_day=0)
    order = busy_order(site)
    site.run_day(TODAY)
    site.sandbox.control("orders/remove", id=order)
    site.run_day(TODAY)
    gone = versions_of(site, order)
    stamps = site.stamps("order_documents", *THREE)
    site.forget_requests()
    site.run_day(TODAY)
    assert site.asked("order_details") == 0
    assert versions_of(site, order) == gone
    assert site.stamps("order_documents", *THREE) == stamps


def test_an_order_that_comes_back_unchanged_is_current_again(open_site: OpenSite) -> None:
    """Guards against an order that was hidden for a moment and stays buried."""
    site = open_site(orders_per_day=0)
    order = busy_order(site)
    document = site.sandbox.world.order(order)
    site.run_day(TODAY)
    before = {table: without_lineage(site.rows(table)) for table in THREE}
    site.sandbox.control("orders/remove", id=order)
    site.run_day(TODAY)
    site.sandbox.control("orders/add", document=document)
    site.run_day(TODAY)
    [version] = versions_of(site, order)
    assert (version["is_current"], version["gone_at"]) == (True, None)
    assert {table: without_lineage(site.rows(table)) for table in THREE} == before


def test_an_order_that_comes_back_changed_has_both_versions(open_site: OpenSite) -> None:
    """Guards against a return that overwrites what the order was before it went."""
    site = open_site(orders_per_day=0)
    order = busy_order(site)
    document = site.sandbox.world.order(order)
    site.run_day(TODAY)
    site.sandbox.control("orders/remove", id=order)
    site.run_day(TODAY)
    site.sandbox.control("orders/add", document=document)
    change_later(site, order, currency="CHF")
    site.run_day(TODAY)
    older, newer = versions_of(site, order)
    assert (older["is_current"], newer["is_current"], newer["gone_at"]) == (False, True, None)
    assert [row["currency"] for row in site.rows("orders", transaction_id=order)] == ["CHF"]
    assert json.loads(older["document"]) == document


def test_an_order_added_in_the_past_appears_with_the_next_run_of_its_day(open_site: OpenSite) -> None:
    """Guards against a day that is never looked at again once it is over."""
    day = date(2026, 3, 3)
    site = open_site(start=day, orders_per_day=0)
    early = site.add_order("2026-03-03T01:00:00Z")
    site.run_day(day)
    site.sandbox.control("clock", advance_seconds=3600)
    late = site.add_order("2026-03-03T00:30:00Z")
    site.forget_requests()
    site.run_day(day)
    assert {row["transaction_id"] for row in site.rows("orders")} == {early, late}
    assert site.asked("order_details") == 1


def test_every_version_is_kept_over_many_changes(open_site: OpenSite) -> None:
    """Guards against a history that knows only the last two versions, and against two current ones."""
    site = open_site(orders_per_day=0)
    order = site.add_order(MORNING)
    for name in ("one", "two", "three"):
        change_later(site, order, paymentTerms=name)
        site.run_day(TODAY)
    versions = versions_of(site, order)
    assert [json.loads(row["document"])["paymentTerms"] for row in versions] == ["one", "two", "three"]
    assert [row["is_current"] for row in versions] == [False, False, True]
    assert [row["version_count"] for row in site.rows("orders")] == [3]
