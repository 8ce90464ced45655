"""The job `rebuild` over months of documents: the same rows again, without an API, and beside other writers.

The documents are written by hand, and there is no sandbox: whatever asked for something would fail. Not here: the
command, and code that really was older (`partner_assets_tests/commands/test_rebuild.py`).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from partner_assets.build import build_defs
from partner_assets.lake import parquet, reading
from partner_assets.lake.store import Lake
from partner_assets.materialization.order_tables import ORDER_TABLES
from partner_assets.materialization.rebuild import rebuild_job
from partner_assets.resources import Partner
from partner_assets.settings import load_without_api
from partner_assets.tables.dictionary import TABLES_BY_NAME
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.values import json_text
from partner_assets_tests.lake.rows import put, row, write_file
from partner_assets_tests.materialization.site import failure_texts, materialized, succeeded
from partner_assets_tests.tables.samples import a_charge, a_line, an_order

Row = dict[str, Any]
NAMES = [table.name for table in ORDER_TABLES]
OLD, NEW = date(2026, 2, 28), date(2026, 3, 2)
LEARNED = {"orders": ("payment_terms", ("paymentTerms",)), "order_charges": ("coupon_name", ("coupon", "name"))}


class Watch:
    """Notes how many slices are read at a time."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int, int]] = []

    def slice_done(self, asset: str, done: int, total: int) -> None:
        """Note a slice."""
        self.told.append((asset, done, total))


class Works:
    """A lake with documents, and the graph over it.

    Args:
        folder: Where the lake is made.
        instance: Where runs are recorded.
    """

    def __init__(self, folder: Path, instance: dg.DagsterInstance) -> None:
        self.root = folder / "lake"
        self.instance = instance
        self.partner = Partner(lambda: load_without_api({"PARTNER_LAKE": str(self.root)}))
        self.definitions = build_defs(self.partner, orders_start=OLD)

    def rebuild(self, *tables: str) -> dg.ExecuteInProcessResult:
        """Run the job: the graph's own, or that of some tables."""
        definitions, name = self.definitions, "rebuild"
        if tables:
            job = rebuild_job([TABLES_BY_NAME[table] for table in tables])
            definitions, name = dg.Definitions.merge(definitions, dg.Definitions(jobs=[job])), job.name
        return definitions.resolve_job_def(name).execute_in_process(
            instance=self.instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )

    def files(self, name: str) -> list[Path]:
        """Return a table's files, by month."""
        return self.partner.lake.layout.files(TABLES_BY_NAME[name])

    def rows(self, *names: str) -> dict[str, list[Row]]:
        """Return all rows of some tables, and what was rejected for them; by default of all three."""
        found = {name: _in_order(self.partner.lake.read(TABLES_BY_NAME[name]).to_pylist()) for name in names or NAMES}
        rejected = self.partner.lake.read(TABLES_BY_NAME["rejected"]).to_pylist()
        return {**found, "rejected": _in_order(one for one in rejected if one["table_name"] in found)}

    def stamps(self, *names: str) -> Mapping[Path, int]:
        """Return when each file of some tables was last written."""
        return {file: file.stat().st_mtime_ns for name in names for file in self.files(name)}

    def forget_columns(self) -> None:
        """Write every file as code would have that did not know some columns: their values are in `extra`."""
        for name, (column, path) in LEARNED.items():
            table = TABLES_BY_NAME[name]
            older = replace(table, values=tuple(one for one in table.values if one.name != column))
            for file in self.files(name):
                rows = [_unlearned(one, column, path) for one in reading.read(table, file).to_pylist()]
                values = [tuple(one[each] for each in older.column_names) for one in rows]
                write_file(older, parquet.to_arrow(older, values), file)


def _in_order(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda one: tuple(str(value) for value in one.values()))


def _unlearned(one: Row, column: str, path: tuple[str, ...]) -> Row:
    value = one[column]
    for name in reversed(path):
        value = {name: value}
    return {**one, "extra": json.dumps(value)}


def _document(number: int, day: date) -> tuple[Any, ...]:
    """Return an order's document, with one charge that is right and one that cannot become a row."""
    coupon = {"coupon": {"name": "SPRING"}}
    charges = [a_charge(**coupon), a_charge(sequenceNumber=2, quantity="two", **coupon)]
    made = an_order(
        transaction={"id": f"PO_{number}", "type": "PO"},
        creationDateTime=f"{day}T06:00:00Z",
        paymentTerms="30 days",
        licenseChargeConditions=[a_line(licenseChargeBreakdown=charges)],
    )
    created = datetime.combine(day, time(6), UTC)
    told = {"transaction_id": f"PO_{number}", "creation_datetime": created, "api_version": "v1"}
    lineage = {"document": json_text(made), "fetched_at": created + timedelta(hours=1), "run_id": "that read it"}
    return row(ORDER_DOCUMENTS, creation_date=day, last_update_datetime=created, **told, **lineage)


@pytest.fixture
def works(tmp_path: Path, instance: dg.DagsterInstance) -> Works:
    """A lake with documents of a day in one month and of a day in the next, and between them a day without any."""
    works = Works(tmp_path, instance)
    put(works.partner.lake, ORDER_DOCUMENTS, [_document(number, day) for day in (OLD, NEW) for number in _numbers(day)])
    succeeded(works.rebuild())
    return works


def _numbers(day: date) -> range:
    return range(day.day * 10, day.day * 10 + 3)


def test_what_the_code_has_learned_is_taken_from_the_documents(works: Works) -> None:
    """Guards against years of orders whose new column stays empty, and against asking the API for them all again."""
    before = works.rows()
    assert [len(before[name]) for name in (*NAMES, "rejected")] == [6, 6, 6, 6]
    assert {one["payment_terms"] for one in before["orders"]} == {"30 days"}
    works.forget_columns()
    assert {one["extra"] for one in works.rows()["orders"]} == {'{"paymentTerms": "30 days"}'}
    assert {one["payment_terms"] for one in works.rows()["orders"]} == {None}
    result = succeeded(works.rebuild())
    assert works.rows() == before
    for name in NAMES:
        reported = materialized(result, name)
        assert set(reported) == {str(OLD), str(NEW)}
        assert sum(one["dagster/row_count"] for one in reported.values()) == 6
        assert {one["requests"] for one in reported.values()} == {0}
    assert sum(one["rejected"] for one in materialized(result, "order_charges").values()) == 6
    assert "api" not in vars(works.partner)


def test_a_second_rebuild_writes_nothing_and_holds_one_month_at_a_time(works: Works) -> None:
    """Guards against files that change although no row does, and against five years of documents in memory at once."""
    stamps = works.stamps(*NAMES)
    watch = Watch()
    works.partner.progress = watch
    succeeded(works.rebuild())
    assert works.stamps(*NAMES) == stamps
    assert watch.told == [("orders", 1, 1), ("orders", 1, 1)]


def test_days_without_documents_are_not_reported_as_read(works: Works) -> None:
    """Guards against a gap that is never filled, because a rebuild said that there is something."""
    for name in NAMES:
        assert works.instance.get_materialized_partitions(dg.AssetKey(name)) == {str(OLD), str(NEW)}


def test_one_table_can_be_rebuilt_alone(works: Works) -> None:
    """Guards against files of other tables written for nothing, and against rejected records lost with another table's."""
    before = works.rows()
    works.forget_columns()
    stamps, orders = works.stamps("orders", "order_lines"), works.rows("orders")
    result = succeeded(works.rebuild("order_charges"))
    assert works.stamps("orders", "order_lines") == stamps
    assert works.rows("order_charges") == {name: before[name] for name in ("order_charges", "rejected")}
    assert works.rows("orders") == orders
    assert set(materialized(result, "order_charges")) == {str(OLD), str(NEW)}
    assert materialized(result, "orders") == {}


@pytest.mark.parametrize("trouble", ["held", "damaged"])
def test_a_month_in_trouble_keeps_its_rows_and_the_others_are_made(works: Works, trouble: str) -> None:
    """Guards against a rebuild that mixes with a run or waits for it for ever, and against one bad file that ends it all."""
    before = works.rows()
    works.forget_columns()
    forgotten = works.rows()
    [_, file] = works.files("order_documents")
    works.partner.lake = Lake(works.root, "main", lock_seconds=0.05)
    if trouble == "held":
        with Lake(works.root, "main").holding(ORDER_DOCUMENTS, [(NEW,)]):
            result = works.rebuild()
    else:
        file.write_bytes(file.read_bytes()[:-100])
        result = works.rebuild()
    [told] = failure_texts(result)
    assert str(file) in told
    assert "Traceback" not in told
    made = works.rows()
    for day, expected in ((OLD, before), (NEW, forgotten)):
        for name in NAMES:
            assert _of(made[name], day) == _of(expected[name], day)
    events = works.instance.all_logs(result.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
    assert {one.asset_materialization.partition for one in events if one.asset_materialization} == {str(OLD)}


def _of(rows: list[Row], day: date) -> list[Row]:
    return [one for one in rows if one["creation_date"] == day]


def test_every_learned_column_is_one_that_a_file_may_lack() -> None:
    """Guards against a story that no update of the code could ever tell."""
    for name, (column, path) in LEARNED.items():
        declared = TABLES_BY_NAME[name].column(column)
        assert (declared.required, declared.paths) == (False, (path,))
