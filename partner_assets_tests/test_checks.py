"""The asset checks over files that somebody else wrote: they fail, say which rows, and stop what is downstream.

The store itself refuses such rows, so the files are written by hand here. Not here: rejected records
(`materialization/test_rejected.py`).
"""

import shutil
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from partner_assets.checks import columns_as_declared, files_of_run, key_is_unique
from partner_assets.tables.dictionary import TABLES_BY_NAME
from partner_assets_tests.materialization.site import TODAY, OpenSite, Site, checks, failure_texts

ORDERS = TABLES_BY_NAME["orders"]


def doubled(file: Path) -> None:
    """Write every row of a file twice."""
    with pq.ParquetFile(file) as parquet:
        data = parquet.read()
    pq.write_table(pa.concat_tables([data, data]), file)


def narrowed(file: Path) -> None:
    """Leave a column of a file out."""
    with pq.ParquetFile(file) as parquet:
        data = parquet.read()
    pq.write_table(data.drop_columns(["extra"]), file)


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


def test_all_checks_pass_after_an_ordinary_run(open_site: OpenSite) -> None:
    """Guards against checks that fail over good files, which nobody would believe for long."""
    site = open_site(orders_per_day=5)
    result = site.run_day(TODAY)
    evaluations = result.get_asset_check_evaluations()
    assert len(evaluations) == 4 * 3
    assert all(evaluation.passed for evaluation in evaluations)
    declared = checks(result, "orders")["columns_as_declared"]
    assert declared.metadata["files"].value == 1
    assert declared.metadata["rows"].value == len(site.rows("orders"))


def test_a_file_with_a_missing_column_fails_the_check_and_names_it(open_site: OpenSite) -> None:
    """Guards against a file of another version that DuckDB would quietly fill with nulls."""
    site = open_site(orders_per_day=5)
    site.run_day(TODAY)
    [file] = site.files("orders")
    assert columns_as_declared(ORDERS, [file]).passed
    narrowed(file)
    result = columns_as_declared(ORDERS, [file])
    assert not result.passed
    assert result.description == (
        f"{file} does not have the columns of orders (declaration {ORDERS.fingerprint}): missing: extra. "
        "Move it away and materialise again."
    )


def test_a_doubled_key_fails_the_check_and_is_shown(open_site: OpenSite) -> None:
    """Guards against rows that count twice in every sum."""
    site = open_site(orders_per_day=5)
    site.run_day(TODAY)
    [file] = site.files("orders")
    assert key_is_unique(ORDERS, [file]).passed
    ids = {row["transaction_id"] for row in site.rows("orders")}
    doubled(file)
    result = key_is_unique(ORDERS, [file])
    assert not result.passed
    shown = result.metadata["offending rows"].value
    assert isinstance(shown, list)
    assert {(row["transaction_id"], row["rows"]) for row in shown} == {(order, "2") for order in ids}


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
    assert failed == {"key_is_unique"}
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
