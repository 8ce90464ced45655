"""Accreditations, price lists, products, prices and packages over HTTP."""

from decimal import Decimal
from itertools import pairwise

import pytest

from partner_assets.sandbox.accreditations import EMPTY_ACCREDITATION
from partner_assets.sandbox.assortments import ROW_COUNTS
from partner_assets.sandbox.codes_in_use import UNDOCUMENTED
from partner_assets.sandbox.packages import EMPTY_PACKAGE, PACKAGE_OF_10, PACKAGE_OF_11, PACKAGE_OF_23
from partner_assets.tables.codes import CODE_SETS
from partner_assets_tests.sandbox.client import (
    ACCREDITATIONS,
    ACCREDITATIONS_V0,
    PACKAGES,
    PRICE_LISTS,
    PRICES,
    PRODUCTS,
    Client,
)


def _question(client: Client, accreditation_id: str) -> dict[str, object]:
    kind = client.sandbox.world.catalogue.accreditation_type(accreditation_id)
    return {"accreditationType": kind, "accreditationId": accreditation_id}


def test_accreditations_come_of_both_kinds_with_objects_absent_here_and_there(client: Client) -> None:
    """A reader that needs an industry for every accreditation would fail on most of them."""
    records = client.get(ACCREDITATIONS).json()["data"]
    assert 20 <= len(records) <= 30
    assert {record["accreditationType"] for record in records} == {"R", "I"}
    deployments = {record.get("deploymentType") for record in records}
    assert deployments == {None, "1", "2", "4", "5", "7"}
    experiences = [record for record in records if record["accreditationType"] == "I"]
    for field in ("industry", "solutionRelease", "industrySolutionExperience"):
        assert 0 < sum(field in record for record in experiences) < len(experiences)
    names = client.get(ACCREDITATIONS_V0).json()["data"]
    assert {record["accreditationType"] for record in names} == {"Portfolio", "Industry Process Experience"}
    known = {None, "Public Cloud", "Private Cloud", "On Premise", "Mixed"}
    assert {record.get("deploymentType") for record in names} == {*known, "Name of 7"}


def test_accreditations_are_paged(client: Client) -> None:
    """The default page holds them all: only a smaller one shows that `skip` is heeded."""
    whole = client.get(ACCREDITATIONS).json()["data"]
    pages = [client.get(ACCREDITATIONS, skip=skip, top=7).json()["data"] for skip in range(0, len(whole) + 7, 7)]
    assert [record for page in pages for record in page] == whole
    assert pages[-1] == []


def test_price_lists_are_shared_by_countries_and_announce_futures_in_odd_ways(client: Client) -> None:
    """The absent date comes as null and as a text: both must mean the same to a reader."""
    countries = client.get(PRICE_LISTS).json()["data"]
    lists = {each["id"]: each for country in countries for each in country["priceLists"]}
    entries = sum(len(country["priceLists"]) for country in countries)
    assert (len(countries), len(lists)) == (14, 8)
    assert entries > len(countries)
    assert {"JPY", "INR", "EUR", "USD"} <= {each["currency"] for each in lists.values()}
    assert {None, "null"} <= {each["effectiveDate"] for each in lists.values()}
    assert {True, False} == {each["hasFuturePriceList"] for each in lists.values()}
    assert [country["countryCode"] for country in countries] == sorted(country["countryCode"] for country in countries)


@pytest.mark.parametrize("accreditation_id", sorted(ROW_COUNTS))
def test_products_come_ascending_with_several_releases_in_one_answer(client: Client, accreditation_id: str) -> None:
    """Numbers repeat once per release: a reader that keys rows by number alone loses releases."""
    rows = client.all_rows(PRODUCTS, _question(client, accreditation_id), 100)
    numbers = [row["number"] for row in rows]
    assert len(rows) == ROW_COUNTS[accreditation_id]
    assert numbers == sorted(numbers)
    keys = {(row["number"], row["release"]) for row in rows}
    assert len(keys) == len(rows)
    assert len(rows) < 10 or len(set(numbers)) < len(numbers)
    assert rows == client.sandbox.world.products(accreditation_id)
    assert rows == client.all_rows(PRODUCTS, _question(client, accreditation_id), 37)


def test_an_accreditation_may_have_no_products_at_all(client: Client) -> None:
    """Nothing to sell is a success with no rows, not a failure."""
    answer = client.post(PRODUCTS, _question(client, EMPTY_ACCREDITATION))
    assert answer.json() == {"data": [], "info": {"success": True, "statusCode": 200, "estimatedSearchCount": 0}}
    assert client.post(PRICES, _question(client, EMPTY_ACCREDITATION) | {"priceListId": 17}).json()["data"] == []


def test_a_product_is_sold_under_several_accreditations(client: Client) -> None:
    """Joining products by number alone would multiply rows: the sandbox must show it."""
    world = client.sandbox.world
    holders: dict[object, set[object]] = {}
    for accreditation in world.accreditations():
        for row in world.products(str(accreditation["id"])):
            holders.setdefault(row["number"], set()).add(accreditation["id"])
    assert sum(len(ids) > 1 for ids in holders.values()) > 20


@pytest.mark.parametrize(
    ("code_set", "field"),
    [
        ("product_type", "type"),
        ("ds_offering", "dsOffering"),
        ("licensing_scheme", "licensingScheme"),
        ("default_support_level", "defaultSupportLevel"),
        ("availability_status", "availabilityStatus"),
    ],
)
def test_every_documented_product_code_occurs(client: Client, code_set: str, field: str) -> None:
    """A code that never occurs is never tried."""
    world = client.sandbox.world
    rows = (row for each in world.accreditations() for row in world.products(str(each["id"])))
    seen = {str(row[field]) for row in rows if field in row}
    assert {label.code for label in CODE_SETS[code_set]} | set(UNDOCUMENTED[code_set]) <= seen


def test_prices_follow_from_list_price_and_discount_and_are_empty_now_and_then(client: Client) -> None:
    """A product may have no price; those that have one must add up, whatever noise the numbers carry."""
    rows = client.all_rows(PRICES, _question(client, "PRTF012") | {"priceListId": 21}, 100)
    prices = [price for row in rows for price in row["prices"]]
    assert any(row["prices"] == [] for row in rows)
    assert [row["number"] for row in rows] == sorted({row["number"] for row in rows})
    assert any("firstYearDiscountPrice" in price for price in prices)
    for price in prices:
        expected = Decimal(price["dsListPrice"]) * (100 - Decimal(price["distributorDiscountPercentage"])) / 100
        assert abs(expected - Decimal(price["distributorPrice"])) <= Decimal("0.011")


def test_prices_differ_between_lists_and_between_now_and_the_future(client: Client) -> None:
    """If all answers were alike, a client that asks for the wrong list would pass."""
    question = _question(client, "PRTF027")
    answers = [
        client.post(PRICES, question | change).json()["data"]
        for change in (
            {"priceListId": 17},
            {"priceListId": 17, "priceListStatus": "F"},
            {"priceListId": 21},
            {"priceListId": 5},
        )
    ]
    assert all(answers)
    assert all(one != other for one, other in pairwise(answers))
    assert answers[0] == client.post(PRICES, question | {"priceListId": 17, "priceListStatus": "C"}).json()["data"]


def test_future_prices_of_a_list_without_future_are_nothing(client: Client) -> None:
    """Nothing announced is a success with no rows."""
    question = _question(client, "PRTF027") | {"priceListId": 5, "priceListStatus": "F"}
    answer = client.post(PRICES, question)
    assert (answer.status_code, answer.json()["data"]) == (200, [])


@pytest.mark.parametrize(
    ("package", "pages"),
    [
        (PACKAGE_OF_23, [10, 10, 3, 0]),
        (PACKAGE_OF_11, [10, 1, 0]),
        (PACKAGE_OF_10, [10, 0]),
        (EMPTY_PACKAGE, [0]),
        (("1XX-NOPE", "V5-6R2025"), [0]),
        ((PACKAGE_OF_23[0], "another release"), [0]),
    ],
)
def test_packages_need_several_pages_of_ten(client: Client, package: tuple[str, str], pages: list[int]) -> None:
    """The largest page of this endpoint is ten: a client that asks once has a third of the package."""
    body: dict[str, object] = {"number": package[0], "release": package[1]}
    sizes = [len(client.post(PACKAGES, body, skip=10 * at).json()["data"]) for at in range(len(pages))]
    assert sizes == pages
    assert client.all_rows(PACKAGES, body, 10) == client.sandbox.world.package_content(*package)


def test_the_packages_stand_in_the_products_of_an_accreditation(client: Client) -> None:
    """Clients find packages through products: a package that no accreditation lists would never be asked for."""
    rows = client.sandbox.world.products("PRTF136")
    listed = {(row["number"], row["release"]) for row in rows if row["type"] == "P" or row["dsOffering"] == "PCK"}
    assert {PACKAGE_OF_23, PACKAGE_OF_11, PACKAGE_OF_10, EMPTY_PACKAGE} <= listed
    assert listed <= set(client.sandbox.world.catalogue.packages())
