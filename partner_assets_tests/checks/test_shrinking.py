"""Slices that lost many rows in one run: of orders by day, of the catalogue by accreditation or price list or as a whole."""

from datetime import timedelta

import pytest

from partner_assets.checks.shrinking import MOST_LOST_PERCENT
from partner_assets.sandbox.packages import PACKAGE_OF_23
from partner_assets_tests.checks.damage import shown
from partner_assets_tests.materialization.site import TODAY, OpenSite, Row, Site, checks

TEN_PRODUCTS = "PRTF027"
EDUCATION = "PRTF136"
EUROPE = 17
YESTERDAY = TODAY - timedelta(days=1)


def remove_products(site: Site, count: int) -> list[Row]:
    """Let the partner no longer sell some of the products of an accreditation."""
    rows = site.current("products", accreditation_id=TEN_PRODUCTS)[:count]
    for row in rows:
        place = {"number": row["product_number"], "release": row["release"]}
        site.sandbox.control("products/remove", accreditationId=TEN_PRODUCTS, **place)
    return rows


@pytest.mark.parametrize(("lost", "passes"), [(0, True), (2, True), (3, False), (10, False)])
def test_a_day_that_lost_more_than_a_fifth_of_its_orders_says_so(open_site: OpenSite, lost: int, passes: bool) -> None:
    """Guards against an answer cut short that empties a day, and against a warning for the odd order that went."""
    assert MOST_LOST_PERCENT == 20
    site = open_site(with_checks=True, start=YESTERDAY, orders_per_day=0)
    for day in (YESTERDAY, TODAY):
        site.sandbox.control("orders/add", count=10, creationDateTime=f"{day}T06:00:00Z")
    assert checks(site.run_days(YESTERDAY, TODAY), "order_documents")["has_not_shrunk"].passed
    orders = [row["transaction_id"] for row in site.rows("orders", creation_date=TODAY)]
    assert len(orders) == 10
    # New orders do not make up for those that went.
    site.sandbox.control("orders/add", count=10, creationDateTime=f"{TODAY}T07:00:00Z")
    site.sandbox.control("orders/remove", ids=orders[:lost])
    check = checks(site.run_days(YESTERDAY, TODAY), "order_documents")["has_not_shrunk"]
    assert (check.passed, check.severity.value) == (passes, "WARN")
    shrunk = {"creation_date": TODAY.isoformat(), "lost": str(lost), "before": "10"}
    assert shown(check) == ([] if passes else [shrunk])
    assert checks(site.run_days(YESTERDAY, TODAY), "order_documents")["has_not_shrunk"].passed


def test_orders_that_only_changed_are_not_lost(open_site: OpenSite) -> None:
    """Guards against a busy day that looks like an empty one."""
    site = open_site(with_checks=True, orders_per_day=10)
    site.run_day(TODAY)
    site.sandbox.control("clock", advance_seconds=60)
    site.sandbox.control("orders/change", ids=[row["transaction_id"] for row in site.rows("orders")])
    result = site.run_day(TODAY)
    assert len(site.rows("order_documents")) == 2 * len(site.rows("orders"))
    assert checks(result, "order_documents")["has_not_shrunk"].passed


@pytest.mark.parametrize(("lost", "passes"), [(2, True), (3, False), (10, False)])
def test_an_accreditation_that_lost_more_than_a_fifth_of_its_products_says_so(
    open_site: OpenSite, lost: int, passes: bool
) -> None:
    """Guards against a page that is missing from an answer, which closes what it held."""
    site = open_site(with_checks=True, orders_per_day=0)
    site.run_roots()
    site.run_products("PRTF034")
    assert checks(site.run_products(TEN_PRODUCTS), "products")["has_not_shrunk"].passed
    remove_products(site, lost)
    check = checks(site.run_products(TEN_PRODUCTS), "products")["has_not_shrunk"]
    assert len(site.current("products", accreditation_id=TEN_PRODUCTS)) == 10 - lost
    assert check.passed is passes
    slice_of = {"accreditation_id": TEN_PRODUCTS, "lost": str(lost), "before": "10"}
    assert shown(check) == ([] if passes else [slice_of])
    assert checks(site.run_products(TEN_PRODUCTS), "products")["has_not_shrunk"].passed


def test_prices_that_all_changed_are_not_lost(open_site: OpenSite) -> None:
    """Guards against a warning at every rise of prices: all rows are closed, and all have a successor."""
    site = open_site(with_checks=True, orders_per_day=0)
    site.run_roots()
    site.run_prices(TEN_PRODUCTS, EUROPE)
    before = site.current("product_prices", price_list_status="C")
    site.sandbox.control("prices/change", priceListId=EUROPE, percent=104)
    check = checks(site.run_prices(TEN_PRODUCTS, EUROPE), "product_prices")["has_not_shrunk"]
    assert len([row for row in site.rows("product_prices") if row["valid_to"]]) == len(before) > 0
    assert check.passed


def test_prices_that_went_are_told_with_accreditation_and_price_list(open_site: OpenSite) -> None:
    """Guards against a slice that cannot be found again, since it takes two columns to name it."""
    site = open_site(with_checks=True, orders_per_day=0)
    site.run_roots()
    site.run_products(TEN_PRODUCTS)
    site.run_prices(TEN_PRODUCTS, EUROPE)
    before = len(site.current("product_prices"))
    remove_products(site, 10)
    check = checks(site.run_prices(TEN_PRODUCTS, EUROPE), "product_prices")["has_not_shrunk"]
    assert site.current("product_prices") == []
    lost = {"lost": str(before), "before": str(before)}
    assert shown(check) == [{"accreditation_id": TEN_PRODUCTS, "price_list_id": str(EUROPE), **lost}]


def test_a_table_that_is_read_as_a_whole_is_one_slice(open_site: OpenSite) -> None:
    """Guards against the contents of packages that vanish by the dozen without a word."""
    site = open_site(with_checks=True, orders_per_day=0)
    site.run_roots()
    site.run_products(EDUCATION)
    assert checks(site.run("packages"), "package_contents")["has_not_shrunk"].passed
    number, release = PACKAGE_OF_23
    before = len(site.current("package_contents"))
    site.sandbox.control("products/remove", accreditationId=EDUCATION, number=number, release=release)
    site.run_products(EDUCATION)
    check = checks(site.run("packages"), "package_contents")["has_not_shrunk"]
    assert not check.passed
    assert check.description == "1 of 1 slices of package_contents lost more than 20 % of their rows."
    assert shown(check) == [{"lost": "23", "before": str(before)}]
