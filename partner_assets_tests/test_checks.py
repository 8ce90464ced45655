"""The checks of every table, over files that somebody else wrote: they fail, say which rows, and stop what is downstream.

The store itself refuses such rows, so the files are written by hand here. Not here: rejected records
(`materialization/test_rejected.py`), and rows that the store takes although they are wrong (`checks/`).
"""

import shutil
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from partner_assets.checks.by_table import checks_of
from partner_assets.checks.look import files_of_run
from partner_assets.tables.dictionary import TABLES, TABLES_BY_NAME
from partner_assets.tables.rejected import REJECTED
from partner_assets_tests.checks.damage import leave_out, look, shown
from partner_assets_tests.materialization.site import TODAY, OpenSite, Site, checks, failure_texts

ORDERS = TABLES_BY_NAME["orders"]
ALL = {"columns_as_declared", "key_is_unique", "nothing_rejected"}
CHECKS = {
    "accreditations": {*ALL, "codes_known", "has_not_shrunk"},
    "price_lists": {*ALL, "has_not_shrunk"},
    "products": {*ALL, "references_whole", "codes_known", "has_not_shrunk"},
    "product_prices": {*ALL, "references_whole", "distributor_price_agrees", "codes_known", "has_not_shrunk"},
    "package_contents": {*ALL, "references_whole", "has_not_shrunk"},
    "order_documents": {*ALL, "search_agrees", "has_not_shrunk"},
    "orders": {*ALL, "codes_known"},
    "order_lines": {*ALL, "references_whole", "codes_known"},
    "order_charges": {*ALL, "references_whole", "total_list_price_agrees", "codes_known"},
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
    """Copies a table's file while the table is being read, so that the check finds every row of before twice."""

    def __init__(self, site: Site, table: str) -> None:
        self._site = site
        self._table = table

    def slice_done(self, asset: str, done: int, total: int) -> None:
        """Copy the file as soon as a slice of the table has been read."""
        if asset == self._table:
            [file] = self._site.files(asset)
            shutil.copyfile(file, file.with_name("part-1.parquet"))


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
    site = open_site(orders_per_day=5)
    result = site.run_day(TODAY)
    evaluations = result.get_asset_check_evaluations()
    run = [table for table in CHECKS if table.startswith("order")]
    assert len(evaluations) == sum(len(CHECKS[table]) for table in run)
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


def test_a_check_that_cannot_look_says_so_and_leaves_the_others_their_say(open_site: OpenSite) -> None:
    """Guards against one missing column that hides every other finding behind an error of DuckDB."""
    site = open_site(orders_per_day=5)
    site.run_day(TODAY)
    [file] = site.files("orders")
    narrowed(file, "status")
    result = look(site, "codes_known", "orders")
    assert not result.passed
    assert result.description.startswith("codes_known of orders could not look: ")
    assert "status" in result.description
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
    site = open_site(orders_per_day=5)
    site.run_day(TODAY)
    before = site.rows("orders")
    order = before[0]["transaction_id"]
    site.sandbox.control("clock", advance_seconds=60)
    site.sandbox.control("orders/change", id=order)
    site.partner.progress = Meddler(site, "order_documents")
    result = site.run("orders_by_day", key=TODAY.isoformat())
    assert not result.success
    failed = {name for name, one in checks(result, "order_documents").items() if not one.passed}
    assert failed == {"key_is_unique", "search_agrees"}
    assert any("key_is_unique" in text for text in failure_texts(result))
    started = {event.step_key for event in result.all_events if event.event_type == dg.DagsterEventType.STEP_START}
    assert "order_documents" in started
    assert "order_tables_of_days" not in started
    assert site.rows("orders") == before


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
