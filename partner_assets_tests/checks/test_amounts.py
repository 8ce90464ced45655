"""Amounts that do not agree: to the cent, in decimals, and however large they are."""

from decimal import Decimal

import pytest

from partner_assets_tests.checks.damage import look, put, shown
from partner_assets_tests.materialization.site import TODAY, OpenSite, Row, Site, checks

EDUCATION = "PRTF136"
EUROPE = 17


def with_charge(open_site: OpenSite) -> tuple[Site, Row]:
    """Return a site with orders, and the place of one charge."""
    site = open_site(orders_per_day=20)
    site.run_day(TODAY)
    charge = site.rows("order_charges")[3]
    return site, {name: charge[name] for name in ("transaction_id", "line_number", "charge_number")}


def with_price(open_site: OpenSite) -> tuple[Site, Row]:
    """Return a site with prices, and the place of one."""
    site = open_site(orders_per_day=0)
    site.run_roots()
    site.run_prices(EDUCATION, EUROPE)
    price = site.current("product_prices")[3]
    return site, {name: price[name] for name in ("price_list_status", "product_number", "revenue_type")}


def test_the_amounts_of_the_sandbox_agree(open_site: OpenSite) -> None:
    """Guards against a check that takes the API's own rounding for a mistake."""
    site = open_site(with_checks=True, orders_per_day=200)
    charges = checks(site.run_day(TODAY), "order_charges")["total_list_price_agrees"]
    site.run_roots()
    prices = checks(site.run_prices("PRTF012", EUROPE), "product_prices")["distributor_price_agrees"]
    assert len(site.rows("order_charges")) > 500
    assert len(site.rows("product_prices")) > 100
    assert (charges.passed, prices.passed) == (True, True)
    assert charges.severity.value == prices.severity.value == "WARN"


# The last: money times a decimal of 18 digits would be clamped to 18 digits, and overflow from a million on.
@pytest.mark.parametrize(
    ("unit", "quantity", "total", "agrees"),
    [
        ("10.00", 3, "30.00", True),
        ("10.00", 3, "30.01", True),
        ("10.00", 3, "29.99", True),
        ("10.00", 3, "30.02", False),
        ("10.00", 3, "29.98", False),
        ("-10.00", 3, "30.00", False),
        ("0.10", 3, "0.30", True),
        (None, 3, "30.00", True),
        ("10.00", None, "30.00", True),
        ("10.00", 3, None, True),
        ("1234567.89", 1_000_000, "1234567890000.00", True),
        ("1234567.89", 1_000_000, "1234567890000.02", False),
        ("9999999999999999.99", 2**63 - 1, "9999999999999999.99", False),
    ],
)
def test_a_total_is_the_unit_price_times_the_quantity(
    open_site: OpenSite, unit: str | None, quantity: int | None, total: str | None, agrees: bool
) -> None:
    """Guards against rounding of our own, against an overflow that ends the run, and against a null taken for zero."""
    site, place = with_charge(open_site)
    put(site, "order_charges", place, unit_list_price=money(unit), quantity=quantity, total_list_price=money(total))
    finding = look(site, "total_list_price_agrees", "order_charges")
    assert finding.passed is agrees
    values = {"unit_list_price": unit, "quantity": str(quantity), "total_list_price": total}
    wanted = [{name: str(value) for name, value in place.items()} | values]
    assert shown(finding) == ([] if agrees else wanted)


@pytest.mark.parametrize(
    ("price", "percentage", "distributor", "agrees"),
    [
        ("100.00", "39.5", "60.50", True),
        ("100.00", "39.5", "60.51", True),
        ("100.00", "39.5", "60.52", False),
        ("100.00", "39.5", "39.50", False),
        ("0.03", "33.3333333333", "0.02", True),
        ("100.00", "0", "100.00", True),
        ("100.00", None, "1.00", True),
        (None, "39.5", "1.00", True),
        ("100.00", "39.5", None, True),
        ("9000000000000.00", "12.5", "7875000000000.00", True),
        ("9000000000000.00", "12.5", "7875000000000.02", False),
        ("9999999999999999.99", "-9999999999.5", "1.00", False),
    ],
)
def test_a_partner_price_is_the_list_price_less_the_discount(
    open_site: OpenSite, price: str | None, percentage: str | None, distributor: str | None, agrees: bool
) -> None:
    """Guards against a percentage read as a share, against doubles, and against an overflow that ends the run."""
    site, place = with_price(open_site)
    values = {
        "ds_list_price": money(price),
        "distributor_discount_percentage": None if percentage is None else Decimal(percentage),
        "distributor_price": money(distributor),
    }
    put(site, "product_prices", place, **values)
    finding = look(site, "distributor_price_agrees", "product_prices")
    assert finding.passed is agrees
    assert [{name: row[name] for name in place} for row in shown(finding)] == ([] if agrees else [place])
    if not agrees:
        [row] = shown(finding)
        assert (row["ds_list_price"], row["distributor_price"]) == (price, distributor)
        assert "1 rows of product_prices, distributor_price is not" in finding.description


def money(text: str | None) -> Decimal | None:
    """Return an amount."""
    return None if text is None else Decimal(text)
