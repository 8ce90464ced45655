"""A partner so small that a hundred runs take a minute: four accreditations, two price lists, three days of orders.

Here: what it is, and what changes in it, so that old rows and true ones differ in every table. Not here: lake and graph
over it (`stage.py`).
"""

from collections.abc import Collection
from datetime import timedelta

from partner_assets.sandbox.server import RunningSandbox, SandboxConfig
from partner_assets_tests.materialization.expected_rows import Expected, expected_catalogue, expected_orders
from partner_assets_tests.materialization.site import KEY, NOW, TODAY

FIRST = TODAY - timedelta(days=2)
DAYS = ("2026-03-03", "2026-03-04", "2026-03-05")
# One of them without packages, one with letters that Latin-1 writes differently, one that comes later.
HELD, ADDED = ("PRTF008", "PRTF102", "IPE00042003"), "PRTF034"
LISTS = (5, 17)

CONFIG = SandboxConfig(seed=20, days=3, orders_per_day=10, page_cap=4, now=NOW, api_keys=(KEY,))
"""Pages of four rows, so that everything has several; a seed with an order that can become no row, in three days."""


def make_small(sandbox: RunningSandbox) -> dict[str, object]:
    """Take everything away but a little; return the accreditation that will be added."""
    catalogue = sandbox.world.catalogue
    added = next(each for each in catalogue.accreditations() if each["id"] == ADDED)
    for each in catalogue.accreditations():
        if each["id"] not in HELD:
            sandbox.control("accreditations/remove", id=each["id"])
    for price_list in {each["id"] for each in catalogue.every_price_list()} - set(LISTS):
        sandbox.control("price-lists/remove", id=price_list)
    return added


def change(sandbox: RunningSandbox, added: dict[str, object]) -> list[object]:
    """Change something in every table, and return the orders that there is an older version of."""
    sandbox.control("accreditations/add", record=added)
    sandbox.control("accreditations/change", id=HELD[0], fields={"name": "Ein neuer Name für Größeres"})
    sandbox.control("price-lists/change", id=17, fields={"effectiveDate": "2027-04-01"})
    for accreditation_id in HELD:
        row = sandbox.world.products(accreditation_id)[-1]
        place = {"number": row["number"], "release": row["release"]}
        sandbox.control("products/change", accreditationId=accreditation_id, **place, fields={"name": "Été"})
    for price_list in LISTS:
        sandbox.control("prices/change", priceListId=price_list, percent=103)
    sandbox.control("clock", advance_seconds=30)
    changed: list[object] = []
    for day in DAYS:
        sandbox.control("orders/remove", count=1, createdOn=day)
        ids = sandbox.control("orders/change", count=2, createdOn=day, fields={"description": "Changé, 変更"})["ids"]
        assert isinstance(ids, list)
        changed += ids
        sandbox.control("orders/add", count=2, creationDateTime=f"{day}T09:00:00Z")
    return changed


def truth(sandbox: RunningSandbox, changed: Collection[object]) -> Expected:
    """Return what the lake ought to hold now."""
    expected = expected_orders(sandbox.world.order_documents(FIRST, TODAY))
    for row in expected.rows["orders"]:
        row["version_count"] += row["transaction_id"] in changed
    catalogue = expected_catalogue(sandbox.world)
    return Expected({**expected.rows, **catalogue.rows}, [*expected.rejected, *catalogue.rejected])
