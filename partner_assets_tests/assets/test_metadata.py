"""What a run reports of every partition it materialised, and how often it writes a file.

Not here: the assets as they are declared (`test_graph.py`).
"""

from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq

from partner_assets_tests.materialization.site import NOW, TODAY, OpenSite, materialized

ORDERS = ("order_documents", "orders", "order_lines", "order_charges")
REPORTED = {
    "dagster/row_count",
    "rejected",
    "requests",
    "seconds",
    "as_of",
    "published_at",
    "path",
    "file_bytes",
    "file_changed",
    "preview",
}


def test_every_materialised_partition_reports_rows_bytes_requests_and_a_preview(open_site: OpenSite) -> None:
    """Guards against a green box that does not say what it did."""
    site = open_site(start=TODAY - timedelta(days=1), orders_per_day=5)
    site.forget_requests()
    result = site.run_days(TODAY - timedelta(days=1), TODAY)
    for table in ORDERS:
        reports = materialized(result, table)
        assert set(reports) == {"2026-03-04", "2026-03-05"}
        for day, report in reports.items():
            facts = {"found", "fetched", "gone", "drifted", "behind"} if table == "order_documents" else set()
            assert set(report) == REPORTED | facts
            rows = site.rows(table, creation_date=date.fromisoformat(str(day)))
            assert report["dagster/row_count"] == len(rows) > 0
            assert report["path"] == str(site.files(table)[0])
            assert report["file_bytes"] == site.files(table)[0].stat().st_size
            assert report["file_changed"] is True
            assert report["as_of"] > NOW.timestamp()
            assert report["seconds"] >= 0
            lines = report["preview"].splitlines()
            assert lines[0].startswith("creation_date | transaction_id | ")
            assert len(lines) == 2 + min(3, len(rows))
            assert lines[2].startswith(f"{day} | ")
    counts = {table: sum(each["requests"] for each in materialized(result, table).values()) for table in ORDERS}
    assert counts == {"order_documents": site.asked(), "orders": 0, "order_lines": 0, "order_charges": 0}


def test_an_asset_without_partitions_reports_the_same(open_site: OpenSite) -> None:
    """Guards against metadata that only days have."""
    site = open_site(orders_per_day=0)
    result = site.run_roots()
    for table, requests in {"accreditations": site.asked("accreditations"), "price_lists": 1, "code_labels": 0}.items():
        [report] = materialized(result, table).values()
        assert set(report) == REPORTED
        assert report["requests"] == requests
        assert report["dagster/row_count"] == len(site.rows(table))


def test_forty_days_over_two_months_are_one_run_that_writes_each_month_once(open_site: OpenSite) -> None:
    """Guards against a file that is rewritten for each of its days: forty times the work, and as many versions."""
    first = TODAY - timedelta(days=39)
    site = open_site(start=first, orders_per_day=2)
    result = site.run_days(first, TODAY)
    assert [run.run_id for run in site.instance.get_runs()] == [result.run_id]
    for table in ORDERS:
        reports = materialized(result, table)
        assert len(reports) == 40
        # A month's size is reported once per day: were the file written again in between, the sizes would differ.
        written = {(report["path"], report["file_bytes"]) for report in reports.values()}
        assert written == {(str(file), file.stat().st_size) for file in site.files(table)}
        months = [file.parent.name for file in site.files(table)]
        assert months == ["creation_month=2026-01", "creation_month=2026-02", "creation_month=2026-03"]
    assert sum(len(site.rows("orders", creation_date=first + timedelta(days=number))) for number in range(40)) == len(
        site.rows("orders")
    )


def test_rows_and_footers_name_the_run_that_wrote_them(open_site: OpenSite) -> None:
    """Guards against rows that cannot be traced to what fetched them."""
    site = open_site(start=TODAY - timedelta(days=1), orders_per_day=5)
    result = site.run_days(TODAY - timedelta(days=1), TODAY)
    first = {row["transaction_id"]: row["run_id"] for row in site.rows("orders")}
    assert set(first.values()) == {result.run_id}
    order = next(iter(first))
    site.sandbox.control("clock", advance_seconds=60)
    site.sandbox.control("orders/change", id=order)
    second = site.run_days(TODAY - timedelta(days=1), TODAY)
    assert {row["transaction_id"]: row["run_id"] for row in site.rows("orders")} == first | {order: second.run_id}
    for table in ORDERS:
        assert footer(site.files(table)[0])[b"partner_assets.run_id"] == second.run_id.encode()
        assert footer(site.files(table)[0])[b"partner_assets.table"] == table.encode()


def footer(file: Path) -> dict[bytes, bytes]:
    """Return the key and value metadata of a Parquet file."""
    with pq.ParquetFile(file) as parquet:
        return dict(parquet.schema_arrow.metadata)
