"""The checks of every table, over files that somebody else wrote: they fail, say which rows, and stop what is downstream.

The store itself refuses such rows, so the files are written by hand here. Not here: rejected records
(`materialization/test_rejected.py`), and rows that the store takes although they are wrong (`checks/`).
"""

import shutil
from datetime import date
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from partner_assets.checks.by_table import checks_of
from partner_assets.checks.look import files_of_run
from partner_assets.lake import catalogue
from partner_assets.tables.dictionary import TABLES, TABLES_BY_NAME
from partner_assets.tables.rejected import REJECTED
from partner_assets_tests.checks.damage import leave_out, look, shown
from partner_assets_tests.materialization.site import (
    TODAY,
    OpenSite,
    Site,
    checks,
    failure_texts,
    shrink_catalogue,
    succeeded,
)

ORDERS = TABLES_BY_NAME["orders"]
ALL = {"columns_as_declared", "key_is_unique", "nothing_rejected", "nothing_set_aside", "no_stray_files"}
FED = {*ALL, "no_new_fields"}
KEPT = {*FED, "no_column_vanished"}
CHECKS = {
    "accreditations": {*KEPT, "codes_known", "has_not_shrunk"},
    "price_lists": {*KEPT, "has_not_shrunk"},
    "products": {*KEPT, "references_whole", "codes_known", "has_not_shrunk"},
    "product_prices": {*KEPT, "references_whole", "distributor_price_agrees", "codes_known", "has_not_shrunk"},
    "package_contents": {*FED, "references_whole", "has_not_shrunk"},
    "order_documents": {*FED, "search_agrees", "has_not_shrunk"},
    "orders": {*KEPT, "codes_known"},
    "order_lines": {*KEPT, "references_whole", "codes_known"},
    "order_charges": {*KEPT, "references_whole", "total_list_price_agrees", "codes_known"},
    "code_labels": ALL,
}


def doubled(file: Path) -> None:
    """Write every row of a file twice."""
    with pq.ParquetFile(file) as parquet:
        data = parquet.read()
    pq.write_table(pa.concat_tables([data, data]), file)


def narrowed(file: Path, column: str) -> None:
    """Leave a column of a file out."""
    with pq.ParquetFile(file) as parquet:
        data = parquet.read()
    pq.write_table(data.drop_columns([column]), file)


class Meddler:
    """Doubles the rows of a month that a run has published, while the run reads the next month."""

    def __init__(self, site: Site, table: str) -> None:
        self._site = site
        self._table = table

    def slice_done(self, asset: str, done: int, total: int) -> None:
        """Double the first month as soon as the last slice of the table has been read."""
        if (asset, done) == (self._table, total):
            doubled(self._site.files(asset)[0])


def test_every_table_has_its_checks_and_each_says_what_it_guards() -> None:
    """Guards against a check that is lost when tables change, and against one that explains nothing."""
    tables = [table for table in TABLES if table is not REJECTED]
    assert {table.name: {check.name for check in checks_of(table)} for table in tables} == CHECKS
    for check in (check for table in tables for check in checks_of(table)):
        assert check.is_blocking is (check.name in ("columns_as_declared", "key_is_unique"))
        assert check.description.endswith(".")


def test_an_ordinary_run_fails_no_check_and_warns_of_codes_alone(open_site: OpenSite) -> None:
    """Guards against checks that fail over good files, which nobody would believe for long.

    The sandbox gives some codes that no list has, as the vendor does.
    """
    site = open_site(with_checks=True, orders_per_day=5)
    result = site.run_day(TODAY)
    evaluations = result.get_asset_check_evaluations()
    run = [table for table in CHECKS if table.startswith("order")]
    expected = {(table, check) for table in run for check in CHECKS[table]} | {("order_documents", "no_days_parked")}
    assert {(one.asset_key.to_user_string(), one.check_name) for one in evaluations} == expected
    assert len(evaluations) == len(expected)
    assert {evaluation.check_name for evaluation in evaluations if not evaluation.passed} <= {"codes_known"}
    for evaluation in evaluations:
        is_blocking = evaluation.check_name in ("columns_as_declared", "key_is_unique")
        assert evaluation.severity.value == ("ERROR" if is_blocking else "WARN")
        assert evaluation.description
    declared = checks(result, "orders")["columns_as_declared"]
    assert declared.metadata["files"].value == 1
    assert declared.metadata["rows"].value == len(site.rows("orders"))


def test_checks_can_be_run_by_themselves(open_site: OpenSite) -> None:
    """Guards against checks that only work in the run that wrote the rows, and against a warning that ends a run."""
    site = open_site(orders_per_day=5)
    site.run_day(TODAY)
    leave_out(site, "orders")
    job = dg.define_asset_job("checks_alone", dg.AssetSelection.checks_for_assets("order_documents", "order_lines"))
    definitions = dg.Definitions.merge(site.definitions, dg.Definitions(jobs=[job]))
    result = definitions.resolve_job_def("checks_alone").execute_in_process(instance=site.instance)
    assert result.success
    assert all(check.passed for check in checks(result, "order_documents").values())
    assert checks(result, "order_documents")["has_not_shrunk"].description == "This run has read nothing."
    assert not checks(result, "order_lines")["references_whole"].passed


def test_a_file_with_a_missing_column_fails_the_check_and_names_it(open_site: OpenSite) -> None:
    """Guards against a file of another version that DuckDB would quietly fill with nulls."""
    site = open_site(orders_per_day=5)
    site.run_day(TODAY)
    [file] = site.files("orders")
    assert look(site, "columns_as_declared", "orders").passed
    narrowed(file, "extra")
    result = look(site, "columns_as_declared", "orders")
    assert not result.passed
    assert result.description == (
        f"{file} does not have the columns of orders (declaration {ORDERS.fingerprint}): missing: extra. "
        "Move it away and materialise again."
    )


def test_a_file_that_is_older_than_a_column_passes_every_check_and_says_what_fills_it(open_site: OpenSite) -> None:
    """Guards against a table that stops every run from the day on which it got a column."""
    site = open_site(with_checks=True, orders_per_day=5)
    site.run_day(TODAY)
    for table, column, filled in (
        ("orders", "status", "partner-assets rebuild orders"),
        ("order_documents", "gone_at", "the next materialisation"),
    ):
        [file] = site.files(table)
        narrowed(file, column)
        result = look(site, "columns_as_declared", table)
        rows = len(site.rows(table))
        told = f"1 files, {rows} rows. {column} is younger than 1 of them and null there. To be filled by {filled}."
        assert (result.passed, result.description) == (True, told)
        said = {check: look(site, check, table).description for check in CHECKS[table]}
        assert {check: text for check, text in said.items() if "could not look" in text} == {}
    assert checks(site.run_day(TODAY), "orders")["columns_as_declared"].description == f"1 files, {rows} rows."


def test_every_check_of_every_table_can_look(open_site: OpenSite) -> None:
    """Guards against a check that complains at every run, since its table is not like the one that it was written for."""
    site = open_site(orders_per_day=5)
    shrink_catalogue(site.sandbox, accreditations=2, price_lists=1)
    for job in ("catalogue_roots", "products_by_accreditation", "prices_by_price_list", "packages"):
        partitions = {
            "products_by_accreditation": "accreditations",
            "prices_by_price_list": "accreditation_price_lists",
        }
        keys = list(site.instance.get_dynamic_partitions(partitions[job])) if job in partitions else []
        site.run(job, span=(keys[0], keys[-1]) if keys else None)
    site.run_day(TODAY)
    said = {
        (table, check): str(look(site, check, table).description)
        for table, checks in CHECKS.items()
        for check in checks
    }
    assert {check: text for check, text in said.items() if "could not look" in text} == {}


def test_a_check_that_cannot_look_says_so_and_leaves_the_others_their_say(open_site: OpenSite) -> None:
    """Guards against one missing column that hides every other finding behind an error of DuckDB."""
    site = open_site(orders_per_day=5)
    site.run_day(TODAY)
    [file] = site.files("orders")
    narrowed(file, "transaction_type")
    result = look(site, "codes_known", "orders")
    assert not result.passed
    assert result.description.startswith("codes_known of orders could not look: ")
    assert "transaction_type" in result.description
    assert look(site, "key_is_unique", "orders").passed
    file.write_text("no Parquet")
    assert not look(site, "key_is_unique", "orders").passed
    assert not look(site, "references_whole", "order_lines").passed


def test_a_doubled_key_fails_the_check_and_is_shown(open_site: OpenSite) -> None:
    """Guards against rows that count twice in every sum."""
    site = open_site(orders_per_day=5)
    site.run_day(TODAY)
    [file] = site.files("orders")
    assert look(site, "key_is_unique", "orders").passed
    ids = {row["transaction_id"] for row in site.rows("orders")}
    doubled(file)
    result = look(site, "key_is_unique", "orders")
    assert not result.passed
    assert result.description == f"{len(ids)} keys of orders stand more than once."
    assert {(row["transaction_id"], row["rows"]) for row in shown(result)} == {(order, "2") for order in ids}


def test_a_failed_blocking_check_keeps_what_is_downstream_from_running(open_site: OpenSite) -> None:
    """Guards against views, or orders, that are built on documents known to be broken."""
    start = date(2026, 2, 27)
    site = open_site(with_checks=True, start=start, orders_per_day=5)
    site.run_days(start, TODAY)
    before = site.rows("orders")
    site.sandbox.control("clock", advance_seconds=60)
    site.sandbox.control("orders/change", id=before[-1]["transaction_id"])
    site.partner.progress = Meddler(site, "order_documents")
    result = site.run("orders_by_day", span=(start.isoformat(), TODAY.isoformat()))
    assert not result.success
    failed = {name for name, one in checks(result, "order_documents").items() if not one.passed}
    assert failed == {"key_is_unique", "search_agrees"}
    assert any("key_is_unique" in text for text in failure_texts(result))
    started = {event.step_key for event in result.all_events if event.event_type == dg.DagsterEventType.STEP_START}
    assert "order_documents" in started
    assert "order_tables_of_days" not in started
    assert site.rows("orders") == before


def test_a_copy_among_the_files_is_read_by_nobody_and_named(open_site: OpenSite) -> None:
    """Guards against a file that somebody copied or renamed, which would double every sum, and against deleting it."""
    site = open_site(orders_per_day=5)
    site.run_day(TODAY)
    [file] = site.files("orders")
    assert look(site, "no_stray_files", "orders").passed
    copies = [file.with_name("part-1.parquet"), file.with_name("part-0 (copy).parquet")]
    folder = file.parent.with_name(f"{file.parent.name} (copy)")
    for copy in copies:
        shutil.copyfile(file, copy)
    shutil.copytree(file.parent, folder)
    site.run_day(TODAY)
    result = look(site, "no_stray_files", "orders")
    assert not result.passed
    strays = [*copies, *(folder / name for name in ("part-0.parquet", "part-1.parquet", "part-0 (copy).parquet"))]
    assert all(str(stray) in result.description and stray.exists() for stray in strays)
    assert result.metadata["files"] == len(strays)
    succeeded(site.run("views"))
    with catalogue.connect(site.lake) as connection:
        found = connection.execute("SELECT count(*) FROM orders").fetchall()
    with pq.ParquetFile(file) as parquet:
        assert found == [(parquet.metadata.num_rows,)]


def test_a_month_under_the_name_of_another_is_named(open_site: OpenSite) -> None:
    """Guards against a folder that somebody renamed or copied: to the views it is a month like any other."""
    site = open_site(orders_per_day=5)
    site.run_day(TODAY)
    [file] = site.files("orders")
    shutil.copytree(file.parent, file.parent.with_name("creation_month=2026-04"))
    result = look(site, "no_stray_files", "orders")
    assert not result.passed
    assert "creation_month=2026-04" in result.description
    assert "counted twice" in result.description


@pytest.mark.parametrize(
    ("tags", "months"),
    [
        ({"dagster/partition": "2026-02-03"}, {"2026-02"}),
        (
            {"dagster/asset_partition_range_start": "2026-02-27", "dagster/asset_partition_range_end": "2026-03-02"},
            {"2026-02", "2026-03"},
        ),
        ({}, {"2026-01", "2026-02", "2026-03"}),
    ],
)
def test_a_run_checks_the_months_of_its_days_only(open_site: OpenSite, tags: dict[str, str], months: set[str]) -> None:
    """Guards against checks that grow with the lake instead of with the run."""
    site = open_site(orders_per_day=0)
    for month in ("2026-01", "2026-02", "2026-03"):
        folder = site.lake / f"orders/legal_entity=main/creation_month={month}"
        folder.mkdir(parents=True)
        (folder / "part-0.parquet").touch()
    files = files_of_run(site.partner.lake, ORDERS, tags)
    assert {file.parent.name.removeprefix("creation_month=") for file in files} == months
