"""Files that somebody deleted, renamed or spoilt, of days that Dagster takes for done: the sensors ask for them again.

Not here: what a run does that meets such a file by itself (`materialization/test_damage.py`).
"""

from datetime import date, timedelta
from pathlib import Path

from partner_assets.automation.lost_partitions import lost_days, lost_partitions
from partner_assets.partitions import price_slice
from partner_assets.tables.product_prices import PRODUCT_PRICES
from partner_assets.tables.products import PRODUCTS
from partner_assets_tests.automation.test_order_changes import Daemon, filled, statuses, truth
from partner_assets_tests.materialization.site import TODAY, OpenSite, Site, succeeded
from partner_assets_tests.test_truth import ORDERS_KEYS

START = date(2026, 2, 26)
DAYS = [START + timedelta(days=number) for number in range((TODAY - START).days + 1)]


def month(site: Site, table: str, name: str) -> Path:
    """Return the file of a table's month."""
    return site.lake / table / "legal_entity=main" / f"creation_month={name}" / "part-0.parquet"


def lost(site: Site) -> set[date]:
    """Return the days that are lost."""
    return lost_days(site.instance, site.partner.lake, DAYS)


def assert_all_is_well(site: Site) -> None:
    """Make sure that nothing is missing any more, and that orders are the truth."""
    assert lost(site) == set()
    assert Daemon(site, "order_gaps").tick() == []
    assert statuses(site) == truth(site)
    documents = {row["transaction_id"] for row in site.rows("order_documents")}
    assert documents == {row["transaction_id"] for row in site.rows("orders")}


def test_a_month_that_was_deleted_or_renamed_is_asked_for_again(open_site: OpenSite) -> None:
    """Guards against the missing file that nobody misses, since Dagster remembers that it was written.

    One day has no orders: it is done with no rows, and nobody's loss.
    """
    site = open_site(start=START, orders_per_day=4, seed=44)
    daemon = filled(site)
    days_of = {table: {row["creation_date"] for row in site.rows(table)} for table in ORDERS_KEYS}
    march = {day for day in DAYS if day.month == 3}
    assert lost(site) == set()
    renamed = month(site, "order_documents", "2026-03")
    renamed.rename(renamed.with_name("part-0.parquet.bak"))
    month(site, "order_charges", "2026-02").unlink()
    assert lost(site) == (days_of["order_documents"] & march) | (days_of["order_charges"] - march)
    gaps = Daemon(site, "order_gaps")
    assert gaps.settle() > 0
    asked_again = [row for row in site.rows("order_documents") if row["creation_date"] in march]
    assert site.asked("order_details") == len(asked_again)
    assert daemon.settle() == 0
    assert renamed.with_name("part-0.parquet.bak").exists()
    assert_all_is_well(site)


def test_the_rest_of_a_damaged_month_is_asked_for_after_the_day_that_met_it(open_site: OpenSite) -> None:
    """Guards against documents of 30 days that vanish in silence, because the 31st was the one to be read again."""
    site = open_site(start=START, orders_per_day=4)
    filled(site)
    month(site, "order_documents", "2026-03").write_bytes(b"PAR1 and then nothing")
    site.run_day(TODAY)
    before = {day for day in DAYS if day.month == 3} - {TODAY}
    assert lost(site) == before
    gaps = Daemon(site, "order_gaps")
    requests = gaps.tick()
    assert gaps.spans(requests) == [(str(min(before)), str(max(before)))]
    gaps.run(requests)
    assert_all_is_well(site)


def test_a_change_in_a_damaged_month_is_asked_for_although_the_lake_cannot_say_what_it_holds(
    open_site: OpenSite,
) -> None:
    """Guards against a feed that one bad file of an old month stops, tick after tick, for every other month too."""
    site = open_site(start=START, orders_per_day=4)
    daemon = filled(site)
    file = month(site, "orders", "2026-02")
    file.write_bytes(b"")
    site.sandbox.control("clock", advance_seconds=60)
    site.change_orders(1, START.isoformat())
    requests = daemon.tick()
    assert daemon.spans(requests) == [(START.isoformat(), START.isoformat())]
    daemon.run(requests)
    assert (site.lake / "quarantine" / file.relative_to(site.lake)).read_bytes() == b""
    assert daemon.settle() == 0
    assert_all_is_well(site)


def test_lost_parts_of_the_catalogue_are_told(open_site: OpenSite) -> None:
    """Guards against products of one accreditation that are missing until somebody wonders about a sum."""
    site = open_site(orders_per_day=0)
    site.run_roots()
    keys = site.instance.get_dynamic_partitions("accreditations")
    succeeded(site.run("products_by_accreditation", span=(keys[0], keys[-1])))
    site.run_prices("PRTF136", 17)
    slices = {key: (key,) for key in keys}
    lake = site.partner.lake
    with_rows = {row["accreditation_id"] for row in site.rows("products")}
    assert lost_partitions(site.instance, lake, PRODUCTS, slices) == set()
    [file] = site.files("products")
    file.unlink()
    assert lost_partitions(site.instance, lake, PRODUCTS, slices) == with_rows
    site.run_products(keys[0])
    assert lost_partitions(site.instance, lake, PRODUCTS, slices) == with_rows - {keys[0]}
    prices = {key: price_slice(key) for key in site.instance.get_dynamic_partitions("accreditation_price_lists")}
    assert lost_partitions(site.instance, lake, PRODUCT_PRICES, prices) == set()
    [file] = site.files("product_prices")
    file.write_bytes(file.read_bytes()[:-9])
    assert lost_partitions(site.instance, lake, PRODUCT_PRICES, prices) == {"PRTF136|17"}
