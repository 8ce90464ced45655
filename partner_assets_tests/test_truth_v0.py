"""The whole way, asked of the deprecated v0: the same tables as of v1, but for names whose code the vendor prints nowhere.

The oracle is `materialization/old_documents.py`. Not here: comparing rows, and the truth of v1 (`test_truth.py`).
"""

from collections.abc import Collection, Iterable
from datetime import timedelta

import pytest

from partner_assets.sandbox.world import World
from partner_assets_tests.materialization.expected_rows import Expected, expected_catalogue, expected_orders
from partner_assets_tests.materialization.old_documents import (
    NAMED,
    Difference,
    differences,
    expected_old_catalogue,
    expected_old_orders,
    is_documented,
    old_orders,
    order_id,
)
from partner_assets_tests.materialization.site import TODAY, OpenSite
from partner_assets_tests.test_truth import (
    CATALOGUE_KEYS,
    ORDERS_KEYS,
    assert_truth,
    assert_truth_in_duckdb,
    run_all,
)

FIRST = TODAY - timedelta(days=5)
ORDERS = ("orders", "order_lines", "order_charges")


def names_that_stand(old: Expected, new: Expected, tables: Iterable[str]) -> set[Difference]:
    """Return where v0 leads to something else than v1, after making sure that no code for it is printed anywhere."""
    found = differences(old.rows, {table: new.rows[table] for table in tables})
    wrong = {one for one in found if one[1] not in NAMED[one[0]] or is_documented(NAMED[one[0]][one[1]], one[3])}
    assert wrong == set()
    return found


def places(found: Iterable[Difference]) -> set[tuple[str, str]]:
    """Return the tables and columns of differences."""
    return {(table, column) for table, column, _, _ in found}


def expected_mixture(world: World, seen_again: Collection[str]) -> Expected:
    """Return what the orders tables hold after v1 was asked for all orders, and v0 for some that changed since."""
    documents = list(world.order_documents(FIRST, TODAY))
    again = [each for each in documents if order_id(each) in seen_again]
    old = expected_old_orders(old_orders(world, again))
    for row in old.rows["orders"]:
        row["version_count"] = 2
    expected = expected_orders(each for each in documents if each not in again)
    expected.rejected += old.rejected
    for table in ORDERS:
        expected.rows[table] += old.rows[table]
    return expected


@pytest.mark.parametrize(
    ("days", "orders_per_day", "seed"),
    [(6, 60, 44), pytest.param(30, 200, 1, marks=pytest.mark.campaign)],
)
def test_orders_of_v0_are_the_truth_after_one_run_and_after_two(
    open_site: OpenSite, days: int, orders_per_day: int, seed: int
) -> None:
    """Guards against amounts that v0 calls otherwise and nobody reads, and names where the vendor prints the code."""
    first = TODAY - timedelta(days=days - 1)
    site = open_site(start=first, api_version="v0", orders_per_day=orders_per_day, seed=seed)
    documents = list(site.sandbox.world.order_documents(first, TODAY))
    expected = expected_old_orders(old_orders(site.sandbox.world, documents))
    assert expected.rejected, "the truth holds nothing that must be rejected"
    stand = names_that_stand(expected, expected_orders(documents), ORDERS)
    assert places(stand) == {(table, column) for table in ORDERS for column in NAMED[table]}
    run_all(site, "orders", first)
    assert_truth(site, expected, ORDERS_KEYS)
    assert_truth_in_duckdb(site, expected, ORDERS_KEYS)
    assert (site.asked("order_details_v0"), site.asked("order_details")) == (len(documents), 0)
    stamps = site.stamps(*ORDERS_KEYS)
    site.forget_requests()
    run_all(site, "orders", first)
    assert_truth(site, expected, ORDERS_KEYS)
    assert (site.asked("order_details_v0"), site.asked("search_orders")) == (0, 0)
    assert site.stamps(*ORDERS_KEYS) == stamps


def test_the_catalogue_is_the_truth_when_accreditations_are_asked_of_v0(open_site: OpenSite) -> None:
    """Guards against a kind of accreditation that stays a name: no product and no price could be asked for with it."""
    site = open_site(api_version="v0")
    world = site.sandbox.world
    expected = expected_old_catalogue(world)
    stand = names_that_stand(expected, expected_catalogue(world), CATALOGUE_KEYS)
    assert places(stand) == {("accreditations", "deployment_type")}
    run_all(site, "catalogue", TODAY)
    assert_truth(site, expected, CATALOGUE_KEYS)
    assert_truth_in_duckdb(site, expected, CATALOGUE_KEYS)
    assert (site.asked("accreditations_v0") > 0, site.asked("accreditations")) == (True, 0)


def test_a_lake_of_v1_goes_on_with_v0(open_site: OpenSite) -> None:
    """Guards against a change of version that fetches every order again, or closes rows that say the same as before."""
    new = open_site(start=FIRST, orders_per_day=20)
    new.run_roots()
    run_all(new, "orders", FIRST)
    stamps = new.stamps(*ORDERS_KEYS)
    old = open_site(start=FIRST, orders_per_day=20, api_version="v0")
    old.wait(timedelta(hours=1))
    run_all(old, "orders", FIRST)
    assert (old.asked("order_details_v0"), old.stamps(*ORDERS_KEYS)) == (0, stamps)
    (changed,) = old.change_orders(1, TODAY.isoformat())
    run_all(old, "orders", FIRST)
    assert_truth(old, expected_mixture(old.sandbox.world, {changed}), {table: ORDERS_KEYS[table] for table in ORDERS})
    old.run_roots()
    world = old.sandbox.world
    stand = differences(expected_old_catalogue(world).rows, expected_catalogue(world).rows)
    closed = [row for row in old.rows("accreditations") if row["valid_to"] is not None]
    assert {row["deployment_type"] for row in closed} == {before for _, _, before, _ in stand}
    assert len(old.current("accreditations")) == len(world.accreditations())
