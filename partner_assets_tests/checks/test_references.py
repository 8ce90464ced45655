"""References that lead nowhere: found, counted and shown, and none is found where nothing is broken."""

from datetime import timedelta

import pytest

from partner_assets_tests.checks.damage import leave_out, look, put, shown
from partner_assets_tests.materialization.site import TODAY, OpenSite, Site, checks

EDUCATION = "PRTF136"
EUROPE = 17
ORDERS = ("order_lines", "order_charges")
CATALOGUE = ("products", "product_prices", "package_contents")


def with_catalogue(open_site: OpenSite) -> Site:
    """Return a site whose lake holds one accreditation's products, prices and packages."""
    site = open_site(with_checks=True, orders_per_day=0)
    site.run_roots()
    site.run_products(EDUCATION)
    site.run_prices(EDUCATION, EUROPE)
    assert site.run("packages").success
    return site


def test_the_catalogue_and_the_orders_of_the_sandbox_are_whole(open_site: OpenSite) -> None:
    """Guards against a check that warns over good data, which nobody would read for long."""
    site = with_catalogue(open_site)
    assert [look(site, "references_whole", table).passed for table in CATALOGUE] == [True] * 3
    assert all(site.current(table) for table in CATALOGUE)
    site.sandbox.control("orders/add", count=20, creationDateTime=f"{TODAY}T06:00:00Z")
    result = site.run_day(TODAY)
    for table in ORDERS:
        assert site.rows(table)
        check = checks(result, table)["references_whole"]
        assert (check.passed, check.description) == (True, "Every row has what it refers to.")


def test_lines_without_their_order_are_shown(open_site: OpenSite) -> None:
    """Guards against sums over lines that no order explains."""
    site = open_site(orders_per_day=20)
    site.run_day(TODAY)
    order = site.rows("order_lines")[0]["transaction_id"]
    leave_out(site, "orders", transaction_id=order)
    lines = site.rows("order_lines", transaction_id=order)
    finding = look(site, "references_whole", "order_lines")
    assert not finding.passed
    assert finding.description == f"{len(lines)} rows of order_lines have no row in orders."
    assert shown(finding) == [
        {"transaction_id": order, "line_number": str(line["line_number"]), "missing in": "orders"}
        for line in lines[:10]
    ]


def test_a_charge_without_its_line_is_shown(open_site: OpenSite) -> None:
    """Guards against a charge whose order has lines, only not the one that it belongs to."""
    site = open_site(orders_per_day=20)
    site.run_day(TODAY)
    charge = site.rows("order_charges")[0]
    place = {"transaction_id": charge["transaction_id"], "line_number": charge["line_number"]}
    leave_out(site, "order_lines", **place)
    finding = look(site, "references_whole", "order_charges")
    assert not finding.passed
    assert [(row["transaction_id"], row["line_number"], row["missing in"]) for row in shown(finding)] == [
        (place["transaction_id"], str(place["line_number"]), "order_lines") for _ in site.rows("order_charges", **place)
    ]


def test_at_most_ten_rows_are_shown_and_all_are_counted(open_site: OpenSite) -> None:
    """Guards against an event log that holds a whole table."""
    site = open_site(orders_per_day=20)
    site.run_day(TODAY)
    leave_out(site, "orders")
    finding = look(site, "references_whole", "order_lines")
    lines = len(site.rows("order_lines"))
    assert lines > len(shown(finding)) == 10
    assert finding.description == f"{lines} rows of order_lines have no row in orders."


def test_only_the_months_of_the_run_are_looked_at(open_site: OpenSite) -> None:
    """Guards against a check whose cost grows with the lake, and against a warning of days that the run did not touch."""
    first = TODAY - timedelta(days=10)
    site = open_site(start=first, orders_per_day=5)
    site.run_days(first, TODAY)
    assert first.month != TODAY.month
    leave_out(site, "orders", creation_date=first)
    assert look(site, "references_whole", "order_lines", tags={"dagster/partition": TODAY.isoformat()}).passed
    assert not look(site, "references_whole", "order_lines", tags={"dagster/partition": first.isoformat()}).passed


@pytest.mark.parametrize(
    ("table", "parent", "where"),
    [
        ("products", "accreditations", {"accreditation_id": EDUCATION}),
        ("product_prices", "products", {"product_number": "5CC-MD2"}),
        ("product_prices", "price_lists", {"price_list_id": EUROPE}),
        ("package_contents", "products", {"product_number": "5CB-TEN-EDU"}),
    ],
)
def test_what_no_longer_is_in_the_catalogue_is_missed(
    open_site: OpenSite, table: str, parent: str, where: dict[str, object]
) -> None:
    """Guards against prices of what nobody sells: a closed row of the parent is none."""
    site = with_catalogue(open_site)
    leave_out(site, parent, **where)
    assert site.rows(parent, **where)
    finding = look(site, "references_whole", table)
    child = {"package_number" if table == "package_contents" else name: value for name, value in where.items()}
    orphans = site.current(table, **child)
    assert orphans
    assert not finding.passed
    assert finding.description == f"{len(orphans)} rows of {table} have no row in {parent}."
    assert {row["missing in"] for row in shown(finding)} == {parent}
    assert all(row[name] == str(value) for row in shown(finding) for name, value in child.items())


def test_another_release_of_a_package_is_not_the_package(open_site: OpenSite) -> None:
    """Guards against contents that are compared by the number alone."""
    site = with_catalogue(open_site)
    put(site, "products", {"product_number": "5CB-TEN-EDU"}, release="V5-6R2026")
    finding = look(site, "references_whole", "package_contents")
    assert {(row["package_number"], row["package_release"]) for row in shown(finding)} == {("5CB-TEN-EDU", "V5-6R2025")}


def test_a_closed_row_may_refer_to_what_is_gone(open_site: OpenSite) -> None:
    """Guards against a warning for ever about things that went together."""
    site = with_catalogue(open_site)
    leave_out(site, "products", product_number="5CC-MD2")
    leave_out(site, "product_prices", product_number="5CC-MD2")
    assert look(site, "references_whole", "product_prices").passed


def test_prices_wait_for_products_that_have_never_been_read(open_site: OpenSite) -> None:
    """Guards against a first run that warns of every price, since products and prices are read side by side."""
    site = open_site(with_checks=True, orders_per_day=0)
    site.run_roots()
    result = site.run_prices(EDUCATION, EUROPE)
    check = checks(result, "product_prices")["references_whole"]
    assert (check.passed, check.description) == (True, "products has not been materialised yet.")


def test_a_rejected_order_leaves_lines_without_one_and_the_run_goes_on(open_site: OpenSite) -> None:
    """Guards against a warning that stops what is downstream, and against lines that are lost with their order."""
    site = open_site(with_checks=True, orders_per_day=0)
    line = {"sequenceNumber": 1, "licenseChargeBreakdown": []}
    order = site.add_order(f"{TODAY}T06:00:00Z", soldToSite="nobody", licenseChargeConditions=[line])
    result = site.run_day(TODAY)
    check = checks(result, "order_lines")["references_whole"]
    assert (check.passed, check.severity.value) == (False, "WARN")
    assert shown(check) == [{"transaction_id": order, "line_number": "1", "missing in": "orders"}]
