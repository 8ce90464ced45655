"""The catalogue at its edges, and its history: what changed closes one version and opens the next, and nothing else does.

Not here: every value of every row (`test_truth.py`).
"""

from datetime import timedelta
from decimal import Decimal

import pytest

from partner_assets.lake import catalogue
from partner_assets.sandbox.accreditations import EMPTY_ACCREDITATION
from partner_assets.sandbox.assortments import ROW_COUNTS
from partner_assets.sandbox.packages import EMPTY_PACKAGE, PACKAGE_OF_10, PACKAGE_OF_11, PACKAGE_OF_23
from partner_assets_tests.materialization.site import OpenSite, Site, materialized

EDUCATION = "PRTF136"
ROBOTICS = "PRTF034"
EUROPE = 17


def sizes(site: Site, table: str, key: str) -> dict[str, int]:
    """Count the current rows of a table by the value of a column."""
    found: dict[str, int] = {}
    for row in site.current(table):
        found[row[key]] = found.get(row[key], 0) + 1
    return found


@pytest.mark.parametrize("page_cap", [None, 7])
def test_an_accreditation_may_have_any_number_of_products_on_either_side_of_a_page(
    open_site: OpenSite, page_cap: int | None
) -> None:
    """Guards against a last page that is dropped, where the estimate is wrong and pages are cut short."""
    site = open_site(orders_per_day=0, page_cap=page_cap, exact_counts=False)
    site.run_roots()
    for accreditation_id in ("PRTF141", "IPE00042006", "PRTF027", "PRTF034", "PRTF051", "PRTF077"):
        result = site.run_products(accreditation_id)
        reported = materialized(result, "products")[accreditation_id]["dagster/row_count"]
        assert reported == ROW_COUNTS[accreditation_id]
    assert sizes(site, "products", "accreditation_id") == {
        "IPE00042006": 1,
        "PRTF027": 10,
        "PRTF034": 11,
        "PRTF051": 100,
        "PRTF077": 101,
    }


def test_an_accreditation_without_products_is_materialised_all_the_same(open_site: OpenSite) -> None:
    """Guards against an empty answer that counts as a failure, or that leaves the partition missing for ever."""
    site = open_site(orders_per_day=0)
    site.run_roots()
    result = site.run_products(EMPTY_ACCREDITATION)
    assert materialized(result, "products")[EMPTY_ACCREDITATION]["dagster/row_count"] == 0
    result = site.run_prices(EMPTY_ACCREDITATION, EUROPE)
    assert materialized(result, "product_prices")[f"{EMPTY_ACCREDITATION}|{EUROPE}"]["dagster/row_count"] == 0
    assert site.rows("products") == site.rows("product_prices") == []


def test_the_parts_of_a_package_are_numbered_in_the_order_of_the_api(open_site: OpenSite) -> None:
    """Guards against pages of ten that are put together wrongly, and against parts that are taken for doubles."""
    site = open_site(orders_per_day=0)
    site.run_roots()
    site.run_products(EDUCATION)
    assert site.run("packages").success
    for package, size in ((PACKAGE_OF_23, 23), (PACKAGE_OF_11, 11), (PACKAGE_OF_10, 10), (EMPTY_PACKAGE, 0)):
        rows = site.current("package_contents", package_number=package[0], package_release=package[1])
        rows.sort(key=lambda row: row["position"])
        assert [row["position"] for row in rows] == list(range(1, size + 1))
        parts = site.sandbox.world.package_content(*package)
        assert [(row["product_number"], row["quantity"]) for row in rows] == [
            (part["number"], part["quantity"]) for part in parts
        ]


def test_a_package_that_several_accreditations_list_is_asked_for_once(open_site: OpenSite) -> None:
    """Guards against a request per accreditation for the same package."""
    site = open_site(orders_per_day=0, page_cap=None, exact_counts=True)
    record = {"id": "PRTF900", "name": "Twin", "accreditationType": "R"}
    site.sandbox.control("accreditations/add", record=record)
    site.run_roots()
    site.run_products(EDUCATION)
    assert site.run("packages").success
    alone = site.asked("package_content")
    packages = {(row["package_number"], row["package_release"]) for row in site.rows("package_contents")}
    site.run_products("PRTF900")
    twins = [row for row in site.current("products") if row["accreditation_id"] == "PRTF900"]
    number, release = PACKAGE_OF_11
    place = {"accreditationId": "PRTF900", "number": twins[0]["product_number"], "release": twins[0]["release"]}
    fields = {"number": number, "release": release, "type": "P"}
    for twin in twins:
        place |= {"number": twin["product_number"], "release": twin["release"]}
        site.sandbox.control("products/change", **place, fields={"type": "C", "dsOffering": "LIC"})
    site.sandbox.control("products/change", **place, fields=fields)
    site.run_products("PRTF900")
    assert len(site.current("products", product_number=number, release=release)) == 2
    site.forget_requests()
    assert site.run("packages").success
    assert site.asked("package_content") <= alone
    assert {(row["package_number"], row["package_release"]) for row in site.current("package_contents")} == packages


def test_a_changed_price_closes_its_version_and_opens_the_next(open_site: OpenSite) -> None:
    """Guards against a price that is overwritten, so that nobody knows what held last month."""
    site = open_site(orders_per_day=0)
    site.run_roots()
    site.run_prices(ROBOTICS, EUROPE)
    before = site.rows("product_prices")
    assert {row["price_list_status"] for row in before} == {"C", "F"}
    site.sandbox.control("prices/change", priceListId=EUROPE, percent=200)
    result = site.run_prices(ROBOTICS, EUROPE)
    as_of = materialized(result, "product_prices")[f"{ROBOTICS}|{EUROPE}"]["as_of"]
    closed = [row for row in site.rows("product_prices") if row["valid_to"]]
    current = site.current("product_prices", price_list_status="C")
    was_current = [row for row in before if row["price_list_status"] == "C"]
    assert [row | {"valid_to": None} for row in closed] == was_current
    assert {row["valid_to"].timestamp() for row in closed} == {as_of}
    assert {row["valid_from"].timestamp() for row in current} == {as_of}
    prices = {(row["product_number"], row["revenue_type"]): row["ds_list_price"] for row in was_current}
    for row in current:
        old = prices.pop((row["product_number"], row["revenue_type"]))
        assert abs(row["ds_list_price"] - 2 * old) <= Decimal("0.02")
    assert prices == {}
    announced = [row for row in before if row["price_list_status"] == "F"]
    assert site.current("product_prices", price_list_status="F") == announced


def test_analysts_see_what_holds_now(open_site: OpenSite) -> None:
    """Guards against closed versions in a view: every price that ever changed would count twice."""
    site = open_site(orders_per_day=0)
    site.run_roots()
    site.run_prices(ROBOTICS, EUROPE)
    site.sandbox.control("prices/change", priceListId=EUROPE, percent=200)
    site.run_prices(ROBOTICS, EUROPE)
    assert site.run("views").success
    current = site.current("product_prices")
    assert len(current) < len(site.rows("product_prices"))
    total = sum(row["ds_list_price"] for row in current)
    with catalogue.connect(site.lake) as connection:
        for view in ("product_prices", "price_book"):
            query = f"SELECT count(*), sum(ds_list_price) FROM {view}"
            assert connection.execute(query).fetchone() == (len(current), total)


def test_an_unchanged_catalogue_is_left_alone(open_site: OpenSite) -> None:
    """Guards against history that grows with every read, and against files that change although their rows do not."""
    site = open_site(orders_per_day=0)
    tables = ("accreditations", "price_lists", "products", "product_prices", "package_contents")
    stamps = []
    for _ in range(2):
        site.run_roots()
        site.run_products(EDUCATION)
        result = site.run_prices(EDUCATION, EUROPE)
        assert site.run("packages").success
        stamps.append(site.stamps(*tables))
    assert len(stamps[0]) == len(tables)
    assert stamps[0] == stamps[1]
    assert materialized(result, "product_prices")[f"{EDUCATION}|{EUROPE}"]["file_changed"] is False


def test_a_product_that_vanishes_is_closed_and_not_deleted(open_site: OpenSite) -> None:
    """Guards against a product that stays on sale for ever, and against one that never was."""
    site = open_site(orders_per_day=0)
    site.run_roots()
    site.run_products(ROBOTICS)
    gone = site.current("products")[3]
    place = {"number": gone["product_number"], "release": gone["release"]}
    site.sandbox.control("products/remove", accreditationId=ROBOTICS, **place)
    site.run_products(ROBOTICS)
    assert len(site.current("products")) == 10
    [closed] = [row for row in site.rows("products") if row["valid_to"]]
    assert closed | {"valid_to": None} == gone
    assert closed["valid_to"] > closed["valid_from"]


def test_an_accreditation_that_goes_and_comes_back_has_two_spans(open_site: OpenSite) -> None:
    """Guards against a gap in a history that is closed as if nothing had happened."""
    site = open_site(orders_per_day=0)
    [record] = [each for each in site.sandbox.world.accreditations() if each["id"] == ROBOTICS]
    site.run_roots()
    site.sandbox.control("accreditations/remove", id=ROBOTICS)
    site.run_roots()
    assert site.current("accreditations", accreditation_id=ROBOTICS) == []
    site.sandbox.control("accreditations/add", record=record)
    site.run_roots()
    first, second = sorted(site.rows("accreditations", accreditation_id=ROBOTICS), key=lambda row: row["valid_from"])
    assert second["valid_from"] - first["valid_to"] > timedelta(0)
    assert second["valid_to"] is None


def test_new_accreditations_and_price_lists_become_partitions(open_site: OpenSite) -> None:
    """Guards against something new to sell that nobody ever asks the products or prices of."""
    site = open_site(orders_per_day=0)
    site.run_roots()
    products = set(site.instance.get_dynamic_partitions("accreditations"))
    prices = set(site.instance.get_dynamic_partitions("accreditation_price_lists"))
    assert len(prices) == len(products) * len({row["price_list_id"] for row in site.rows("price_lists")})
    record = {"id": "PRTF900", "name": "New", "accreditationType": "R"}
    site.sandbox.control("accreditations/add", record=record)
    price_list = {"id": 99, "name": "New", "currency": "CHF", "hasFuturePriceList": False, "effectiveDate": None}
    site.sandbox.control("price-lists/add", record=price_list, countries=["CHE"])
    site.run_roots()
    assert set(site.instance.get_dynamic_partitions("accreditations")) - products == {"PRTF900"}
    added = set(site.instance.get_dynamic_partitions("accreditation_price_lists")) - prices
    assert {"PRTF900|99", f"PRTF900|{EUROPE}", f"{EDUCATION}|99"} <= added
    site.run_prices("PRTF900", 99)
    assert {row["currency"] for row in site.current("product_prices")} == {"CHF"}
