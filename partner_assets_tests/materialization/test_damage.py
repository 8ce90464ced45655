"""Files that went bad or went away: named, set aside and made again, by the run or by the next ones; nothing vanishes.

Not here: what is damage and what is not (`lake/test_quarantine.py`), and the sensors (`automation/`).
"""

import itertools
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pyarrow.parquet as pq

from partner_assets.sandbox.keys import hash_of
from partner_assets_tests.checks.damage import look
from partner_assets_tests.materialization.expected_rows import expected_orders
from partner_assets_tests.materialization.site import (
    KEY,
    TODAY,
    OpenSite,
    Row,
    Site,
    checks,
    failure_texts,
    materialized,
    succeeded,
)
from partner_assets_tests.test_truth import ORDERS_KEYS, assert_truth

FIRST = date(2026, 3, 1)
MADE_OF_DOCUMENTS = ("orders", "order_lines", "order_charges")


def cut_short(file: Path) -> None:
    """Leave the first half of a file, as a disk that lost the rest does."""
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def spoilt(file: Path) -> None:
    """Change some bytes in the middle of a file, whose footer stays whole."""
    content = bytearray(file.read_bytes())
    page = pq.read_metadata(file).row_group(0).column(0).data_page_offset
    content[page : page + 200] = bytes(200)
    file.write_bytes(content)


def emptied(file: Path) -> None:
    """Leave nothing."""
    file.write_bytes(b"")


DAMAGE = (cut_short, spoilt, emptied)


def filled(open_site: OpenSite) -> Site:
    """Return a site with five days of orders in one month's files."""
    site = open_site(with_checks=True, start=FIRST, orders_per_day=4)
    site.run_days(FIRST, TODAY)
    site.forget_requests()
    return site


def without_lineage(site: Site, *tables: str) -> Mapping[str, list[Row]]:
    """Return the rows of tables without what tells when, and by which run, they were read."""
    hidden = {"fetched_at", "run_id"}
    return {
        table: [{name: value for name, value in row.items() if name not in hidden} for row in site.rows(table)]
        for table in tables
    }


def assert_all_is_well(site: Site) -> None:
    """Make sure that every orders table is the truth."""
    assert_truth(site, expected_orders(site.sandbox.world.order_documents(FIRST, TODAY)), ORDERS_KEYS)


def test_a_damaged_month_of_orders_is_made_again_of_its_documents(open_site: OpenSite) -> None:
    """Guards against a month that shows only the days of the run that met the damage, and against asking for it again."""
    site = filled(open_site)
    before = {name: site.rows(name) for name in ORDERS_KEYS}
    bad: dict[Path, bytes] = {}
    for table, damage in zip(MADE_OF_DOCUMENTS, DAMAGE, strict=True):
        [file] = site.files(table)
        damage(file)
        bad[file] = file.read_bytes()
    result = site.run_day(TODAY)
    assert {name: site.rows(name) for name in ORDERS_KEYS} == before
    assert site.asked("order_details") == 0
    for table, (file, content) in zip(MADE_OF_DOCUMENTS, bad.items(), strict=True):
        kept = site.lake / "quarantine" / file.relative_to(site.lake)
        assert kept.read_bytes() == content
        told = materialized(result, table)[TODAY.isoformat()]["set_aside"]
        assert str(file) in told
        assert str(kept) in told
        check = checks(result, table)["nothing_set_aside"]
        assert not check.passed
        assert str(kept) in check.description


def test_damaged_documents_are_asked_for_again_and_the_other_days_keep_their_orders(open_site: OpenSite) -> None:
    """Guards against damage that stops every run of a month for ever, and against orders that go with their documents."""
    site = filled(open_site)
    before = without_lineage(site, *ORDERS_KEYS)
    [file] = site.files("order_documents")
    spoilt(file)
    site.run_day(TODAY)
    assert without_lineage(site, *MADE_OF_DOCUMENTS) == {name: before[name] for name in MADE_OF_DOCUMENTS}
    assert {row["creation_date"] for row in site.rows("order_documents")} == {TODAY}
    assert site.asked("order_details") == len(site.rows("order_documents"))
    assert (site.lake / "quarantine" / file.relative_to(site.lake)).exists()
    site.run_days(FIRST, TODAY)
    assert without_lineage(site, *ORDERS_KEYS) == before
    assert_all_is_well(site)


def test_orders_are_not_made_of_documents_that_are_lost(open_site: OpenSite) -> None:
    """Guards against orders that are emptied because the documents they were made of are gone, and called fresh."""
    site = filled(open_site)
    before = {name: site.rows(name) for name in MADE_OF_DOCUMENTS}
    [file] = site.files("order_documents")
    file.unlink()
    job = dg.define_asset_job("orders_alone", dg.AssetSelection.assets(*MADE_OF_DOCUMENTS))
    definitions = dg.Definitions.merge(site.definitions, dg.Definitions(jobs=[job]))
    result = definitions.resolve_job_def("orders_alone").execute_in_process(
        instance=site.instance, partition_key=TODAY.isoformat(), raise_on_error=False
    )
    assert not result.success
    [text] = failure_texts(result)
    assert f"The documents of {TODAY} are lost: materialise order_documents first." in text
    assert {name: site.rows(name) for name in MADE_OF_DOCUMENTS} == before


def test_a_month_of_orders_that_was_deleted_comes_back_whole_with_any_of_its_days(open_site: OpenSite) -> None:
    """Guards against a deleted file that the next run fills with one day, which then looks like all there is.

    The run reports all days that it wrote, so that the UI shows for each of them which run that was.
    """
    site = filled(open_site)
    before = {name: site.rows(name) for name in ORDERS_KEYS}
    for file in site.files("orders"):
        file.unlink()
    result = site.run_day(TODAY)
    assert {name: site.rows(name) for name in ORDERS_KEYS} == before
    assert site.asked("order_details") == 0
    days = {(FIRST + timedelta(days=number)).isoformat() for number in range(5)}
    reported = materialized(result, "orders")
    assert set(reported) == days
    assert sum(one["dagster/row_count"] for one in reported.values()) == len(site.rows("orders"))


def test_every_other_damaged_table_is_set_aside_and_read_again(open_site: OpenSite) -> None:
    """Guards against a catalogue that one bad file stops for ever."""
    site = open_site(with_checks=True, orders_per_day=0)
    site.run_roots()
    keys = site.instance.get_dynamic_partitions("accreditations")
    succeeded(site.run("products_by_accreditation", span=(keys[0], keys[-1])))
    site.run_prices("PRTF136", 17)
    tables = ("accreditations", "price_lists", "code_labels", "products", "product_prices")
    before = {table: len(site.current(table)) for table in tables if table != "code_labels"}
    files = {table: site.files(table)[0] for table in tables}
    for file, damage in zip(files.values(), itertools.cycle(DAMAGE), strict=False):
        damage(file)
    site.run("catalogue_roots")  # the first of the two roots cannot see the second one yet
    site.run_roots()
    succeeded(site.run("products_by_accreditation", span=(keys[0], keys[-1])))
    site.run_prices("PRTF136", 17)
    assert {table: len(site.current(table)) for table in before} == before
    for table, file in files.items():
        assert (site.lake / "quarantine" / file.relative_to(site.lake)).exists(), table
        assert look(site, "columns_as_declared", table).passed
        assert not look(site, "nothing_set_aside", table).passed


def test_what_was_rejected_does_not_stop_a_table_when_its_file_is_damaged(open_site: OpenSite) -> None:
    """Guards against a list of bad records that keeps the good ones out."""
    site = filled(open_site)
    bad = site.lake / "rejected/legal_entity=main/table_name=orders/part-0.parquet"
    bad.parent.mkdir(parents=True, exist_ok=True)
    bad.write_bytes(b"PAR1")
    site.run_day(TODAY)
    assert (site.lake / "quarantine" / bad.relative_to(site.lake)).read_bytes() == b"PAR1"
    assert_all_is_well(site)


def test_a_run_that_fails_after_setting_a_file_aside_says_where_the_old_rows_are(open_site: OpenSite) -> None:
    """Guards against a message that old rows were kept, when they are in quarantine."""
    site = filled(open_site)
    [file] = site.files("order_documents")
    cut_short(file)
    site.sandbox.control("keys/revoke", hashed_key=hash_of(KEY))
    result = site.run("orders_by_day", key=TODAY.isoformat())
    assert not result.success
    [text] = failure_texts(result)
    assert f"{file} was damaged (" in text
    assert f"is set aside as {site.lake / 'quarantine' / file.relative_to(site.lake)}" in text
