"""Files that were written before their table had all of its columns: readable by everything, and whole after one write.

The other way round, a column that only a newer version of the code knows, is refused. Not here: filling the column
(`partner_assets_tests/rebuild/`).
"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from partner_assets.commands.sql import locked_catalogue
from partner_assets.lake import catalogue, parquet, reading
from partner_assets.lake.errors import ForeignFile
from partner_assets.lake.store import Lake
from partner_assets.tables.dictionary import TABLES_BY_NAME
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.table import Column, ColumnType, Table
from partner_assets_tests.lake import a_lake
from partner_assets_tests.lake.rows import DAY, NOW, order, put, row, stored, write_file

PRODUCTS = TABLES_BY_NAME["products"]
NEXT_MONTH = DAY + timedelta(days=31)


def older(table: Table, *names: str) -> Table:
    """Return a table as it was before it had some columns."""
    assert all(not table.column(name).required for name in names)
    return replace(table, values=tuple(column for column in table.values if column.name not in names))


def put_old(lake: Lake, table: Table, rows: list[Any], *names: str) -> None:
    """Write rows as the code did before the table had some columns."""
    was = older(table, *names)
    kept = [table.column_names.index(name) for name in was.column_names]
    put(lake, was, [tuple(one[index] for index in kept) for one in rows])


def names_in(file: Path) -> list[str]:
    """Return the columns that a file has."""
    return list(pq.read_schema(file).names)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake with one month written before `orders` had `status` and `payment_terms`."""
    lake = Lake(tmp_path / "lake", "main")
    rows = [order(1, status="PRC", payment_terms="30 days"), order(2, DAY + timedelta(days=1), currency="EUR")]
    put_old(lake, ORDERS, rows, "status", "payment_terms")
    return lake


def test_a_column_that_a_file_is_too_old_for_is_null(lake: Lake) -> None:
    """Guards against a month of orders that nobody can read, or write, from the day on which a column was added."""
    data = lake.read(ORDERS)
    assert data.schema == parquet.schema(ORDERS)
    assert stored(lake, ORDERS, "transaction_id", "status", "currency", "payment_terms") == [
        ("PO_1", None, "some", None),
        ("PO_2", None, "EUR", None),
    ]
    assert parquet.to_rows(lake.read(ORDERS, [(DAY,)])) == [order(1)]
    assert reading.check(ORDERS, lake.layout.files(ORDERS)[0]) == 2


@pytest.mark.parametrize(
    "columns", [["status"], ["transaction_id", "status"], ["creation_date", "currency"], ["status", "payment_terms"]]
)
def test_single_columns_are_read_as_from_any_file(lake: Lake, columns: list[str]) -> None:
    """Guards against rows that vanish because none of the wanted columns is in the file, and against a mixed-up order."""
    data = lake.read(ORDERS, columns=columns)
    assert (data.column_names, data.num_rows) == (columns, 2)
    for name in columns:
        assert data.schema.field(name) == parquet.schema(ORDERS).field(name)
        assert data.column(name).to_pylist() == lake.read(ORDERS).column(name).to_pylist()


def test_a_write_of_one_day_gives_the_whole_file_all_columns(lake: Lake) -> None:
    """Guards against a file whose other days lose their rows, or their values, when one day is written anew."""
    put(lake, ORDERS, [order(1, status="CAN")])
    [file] = lake.layout.files(ORDERS)
    assert names_in(file) == list(ORDERS.column_names)
    assert stored(lake, ORDERS, "transaction_id", "status", "currency") == [
        ("PO_1", "CAN", "some"),
        ("PO_2", None, "EUR"),
    ]


def test_a_write_that_changes_nothing_brings_the_file_up_to_date(lake: Lake) -> None:
    """Guards against an old file that slows every query down for ever because its rows never change again."""
    [written] = put(lake, ORDERS, [order(1)])
    assert written.is_changed
    assert names_in(written.file) == list(ORDERS.column_names)
    [again] = put(lake, ORDERS, [order(1)])
    assert not again.is_changed


@pytest.mark.parametrize("newer_first", [False, True])
def test_views_show_old_and_new_files_together(lake: Lake, newer_first: bool) -> None:
    """Guards against queries that fail, or hide a column, depending on which of two months DuckDB opens first."""
    other = DAY - timedelta(days=31) if newer_first else NEXT_MONTH
    put(lake, ORDERS, [order(3, other, status="CAN", payment_terms="60 days")])
    root = lake.layout.root
    catalogue.build(root)
    with locked_catalogue(root) as connection:
        rows = connection.execute("SELECT transaction_id, status, payment_terms FROM orders ORDER BY ALL").fetchall()
        assert rows == [("PO_1", None, None), ("PO_2", None, None), ("PO_3", "CAN", "60 days")]
        described = connection.execute("DESCRIBE orders").fetchall()
        assert [(name, kind) for name, kind, *_ in described] == [(one.name, one.type.duckdb) for one in ORDERS.columns]
        query = "SELECT count(*) FROM orders WHERE creation_date = ? AND legal_entity = 'main'"
        assert connection.execute(query, [DAY]).fetchone() == (1,)


def test_every_view_works_when_no_file_has_the_newest_column(tmp_path: Path) -> None:
    """Guards against a catalogue that cannot be built, or a macro that fails, on the day after an update."""
    root = tmp_path / "lake"
    a_lake.fill(root)
    for name in ("orders", "order_charges", "products", "accreditations"):
        table = TABLES_BY_NAME[name]
        gone = next(column.name for column in table.values if not column.required and not column.codes)
        for file in Lake(root, "main").layout.files(table):
            data = reading.read(table, file)
            write_file(older(table, gone), data.drop_columns([gone]), file)
    catalogue.build(root)
    with locked_catalogue(root) as connection:
        views = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
        assert len(views) > 15
        for (view,) in views:
            connection.execute(f"SELECT * FROM {view}").fetchall()
        assert connection.execute("SELECT count(*) FROM order_items").fetchone() == (4,)
        for macro in ("prices_as_of(now())", "orders_as_of(now())", "renewals_due(90)"):
            connection.execute(f"SELECT * FROM {macro}").fetchall()


def test_an_ordinary_lake_is_read_without_opening_every_file(tmp_path: Path) -> None:
    """Guards against views that pay for old files when there are none: binding would take seven times as long."""
    a_lake.fill(tmp_path / "lake")
    queries = [view.query for view in catalogue.all_views(tmp_path / "lake")]
    assert not any("union_by_name" in query for query in queries)


def test_history_goes_on_over_an_old_file(tmp_path: Path) -> None:
    """Guards against versions that are lost, or closed, when a column is added to a table with history."""
    lake = Lake(tmp_path / "lake", "main")
    product = row(PRODUCTS, accreditation_id="PRTF1", product_number="6NB", fetched_at=NOW, valid_from=NOW)
    put_old(lake, PRODUCTS, [product], "trigram")
    put(lake, PRODUCTS, [product], as_of={("PRTF1",): NOW + timedelta(days=1)})
    assert stored(lake, PRODUCTS) == [product]
    assert "trigram" in names_in(lake.layout.files(PRODUCTS)[0])


@pytest.mark.parametrize("extra", [{}, {"status": "PRC"}])
def test_a_column_of_a_newer_version_is_refused_and_kept(tmp_path: Path, extra: dict[str, Any]) -> None:
    """Guards against an old version of the code, started by mistake, that writes a month without its newest column."""
    lake = Lake(tmp_path / "lake", "main")
    newer = replace(ORDERS, values=(*ORDERS.values, Column("green_score", ColumnType.INT, "How green it is.")))
    put(lake, newer, [row(newer, transaction_id="PO_1", green_score=7, creation_date=DAY)])
    [file] = lake.layout.files(ORDERS)
    content = file.read_bytes()
    with pytest.raises(ForeignFile, match="unknown: green_score"):
        lake.read(ORDERS)
    with pytest.raises(ForeignFile, match="unknown: green_score"):
        put(lake, ORDERS, [order(1, **extra)])
    assert file.read_bytes() == content


def test_a_file_that_nobody_can_read_does_not_count_as_old(tmp_path: Path) -> None:
    """Guards against a catalogue that is not built, or a check that cannot speak, because of a file beside the point."""
    file = tmp_path / "part-0.parquet"
    file.write_text("no Parquet")
    assert not reading.any_lacks(ORDERS, [file, tmp_path / "missing.parquet"])
