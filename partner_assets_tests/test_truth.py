"""The whole way, from the API's documents to Parquet and DuckDB: every table equals the sandbox's truth, value for value.

The oracle is `materialization/expected_rows.py`. Not here: boundaries one by one, changes, failures (`materialization/`).
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from partner_assets.automation.day_ranges import DayRange
from partner_assets.lake import catalogue
from partner_assets.runs import jobs_for, run_jobs
from partner_assets_tests.materialization.expected_rows import Expected, Row, expected_catalogue, expected_orders
from partner_assets_tests.materialization.site import TODAY, OpenSite, Site
from partner_assets_tests.tables.documented_codes import PRINTED_CODES

ORDERS_KEY = ("transaction_id", "line_number", "charge_number")
CATALOGUE_KEYS = {
    "accreditations": ("accreditation_id",),
    "price_lists": ("country_code", "price_list_id"),
    "products": ("accreditation_id", "product_number", "release"),
    "product_prices": ("accreditation_id", "price_list_id", "price_list_status", "product_number", "revenue_type"),
    "package_contents": ("package_number", "package_release", "position"),
}
ORDERS_KEYS = {
    "order_documents": ORDERS_KEY[:1],
    "orders": ORDERS_KEY[:1],
    "order_lines": ORDERS_KEY[:2],
    "order_charges": ORDERS_KEY,
}
SUMMED = {
    "accreditations": "length(name)",
    "price_lists": "price_list_id",
    "products": "availability_status",
    "product_prices": "distributor_price",
    "package_contents": "quantity",
    "order_documents": "length(transaction_id)",
    "orders": "charge_count",
    "order_lines": "line_number",
    "order_charges": "distributor_net_amount",
}


def run_all(site: Site, only: str, first: date) -> None:
    """Run a part of the graph as the command line does, and expect no failure."""
    outcomes = list(run_jobs(site.definitions, site.instance, jobs_for(only), DayRange(first, TODAY)))
    assert [outcome.failures for outcome in outcomes] == [[] for _ in jobs_for(only)]


def assert_equal_rows(found: Iterable[Row], expected: Iterable[Row], key: tuple[str, ...]) -> None:
    """Compare rows by key, naming the first ones that differ."""
    found, expected = list(found), list(expected)
    by_key = {tuple(row[name] for name in key): row for row in found}
    wanted = {tuple(row[name] for name in key): row for row in expected}
    assert (len(by_key), len(wanted)) == (len(found), len(expected)), "a key came twice"
    assert by_key.keys() ^ wanted.keys() == set()
    for place, row in wanted.items():
        shown = {name: by_key[place][name] for name in row}
        for name in ("extra", "document"):
            if isinstance(shown.get(name), str):
                shown[name] = json.loads(shown[name], parse_float=Decimal)
        assert shown == row


def assert_truth(site: Site, expected: Expected, keys: Mapping[str, tuple[str, ...]]) -> None:
    """Compare tables, and what was rejected, with what they ought to hold."""
    for table, key in keys.items():
        assert expected.rows[table], f"the truth has no {table}, so nothing is compared"
        assert_equal_rows(site.rows(table), expected.rows[table], key)
    rejected = [
        (row["table_name"], row["slice"], json.loads(row["record"], parse_float=Decimal))
        for row in site.rows("rejected")
    ]
    assert sorted(rejected, key=repr) == sorted(expected.rejected, key=repr)


def assert_truth_in_duckdb(site: Site, expected: Expected, tables: Iterable[str]) -> None:
    """Compare count and a sum per table, as an analyst sees them."""
    with catalogue.connect(site.lake) as connection:
        for table in tables:
            rows = expected.rows[table]
            column = SUMMED[table]
            total: Any = sum(
                len(row[column[7:-1]]) if column.startswith("length") else row[column] or 0 for row in rows
            )
            found = connection.execute(f"SELECT count(*), sum({column}) FROM {table}").fetchone()
            assert found == (len(rows), total), table


def count(site: Site, view: str) -> int:
    """Count the rows of a view."""
    with catalogue.connect(site.lake) as connection:
        found = connection.execute(f"SELECT count(*) FROM {view}").fetchone()
    assert found is not None
    return int(found[0])


@pytest.mark.parametrize(
    ("days", "orders_per_day", "seed"),
    [(10, 60, 44), pytest.param(30, 200, 1, marks=pytest.mark.campaign)],
)
def test_orders_are_the_truth_after_one_run_and_after_two(
    open_site: OpenSite, days: int, orders_per_day: int, seed: int
) -> None:
    """Guards against any lost, doubled, shifted or rounded value of an order, and against a second run that does work.

    The seed is one with a day without orders, and with documents that hold texts where numbers belong.
    """
    first = TODAY - timedelta(days=days - 1)
    site = open_site(with_checks=True, start=first, orders_per_day=orders_per_day, seed=seed)
    expected = expected_orders(site.sandbox.world.order_documents(first, TODAY))
    assert expected.rejected, "the truth holds nothing that must be rejected"
    run_all(site, "orders", first)
    assert_truth(site, expected, ORDERS_KEYS)
    assert_truth_in_duckdb(site, expected, ORDERS_KEYS)
    assert count(site, "order_items") == len(expected.rows["order_charges"])
    assert site.asked("order_details") == len(expected.rows["order_documents"])
    stamps = site.stamps(*ORDERS_KEYS)
    site.forget_requests()
    run_all(site, "orders", first)
    assert_truth(site, expected, ORDERS_KEYS)
    assert site.asked("search_orders") >= days
    assert site.asked("order_details") == 0
    assert site.stamps(*ORDERS_KEYS) == stamps


def test_the_catalogue_is_the_truth_after_one_run_and_after_two(open_site: OpenSite) -> None:
    """Guards against a page, a country, a future price or a part of a package that is lost, and against false history."""
    site = open_site(with_checks=True)
    expected = expected_catalogue(site.sandbox.world)
    run_all(site, "catalogue", TODAY)
    assert_truth(site, expected, CATALOGUE_KEYS)
    assert_truth_in_duckdb(site, expected, CATALOGUE_KEYS)
    assert count(site, "price_book") == len(expected.rows["product_prices"])
    assert {row["price_list_status"] for row in expected.rows["product_prices"]} == {"C", "F"}
    stamps = site.stamps(*CATALOGUE_KEYS)
    run_all(site, "catalogue", TODAY)
    assert_truth(site, expected, CATALOGUE_KEYS)
    assert site.stamps(*CATALOGUE_KEYS) == stamps


def test_code_labels_hold_every_code_that_the_reference_prints(open_site: OpenSite) -> None:
    """Guards against a list that exists in the code and never reaches an analyst."""
    site = open_site()
    site.run_roots()
    labels = {(row["code_set"], row["code"]): row["label"] for row in site.rows("code_labels")}
    assert len(labels) == len(site.rows("code_labels"))
    printed = {(code_set, code): label for code_set, codes in PRINTED_CODES.items() for code, label in codes.items()}
    assert {place: labels.get(place) for place in printed} == printed


def test_code_labels_that_are_written_down_are_not_written_again(open_site: OpenSite) -> None:
    """Guards against a file that every run replaces only because the time has changed."""
    site = open_site()
    site.run_roots()
    stamps, rows = site.stamps("code_labels"), site.rows("code_labels")
    site.run_roots()
    assert (site.stamps("code_labels"), site.rows("code_labels")) == (stamps, rows)
