"""The files themselves: types, footers, sorting, compression, bloom filters, and what is refused. Real Parquet throughout.

Not here: which rows are in which file.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from partner_assets.lake import parquet, reading
from partner_assets.lake.errors import DamagedFile, DuplicateKey, ForeignFile, LakeError
from partner_assets.tables.dictionary import TABLES
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.record import Row
from partner_assets.tables.table import ColumnType, Table
from partner_assets_tests.lake.rows import charge, document, order, row, write_file

table_by_table = pytest.mark.parametrize("table", TABLES, ids=repr)

EXTREMES: dict[ColumnType, tuple[Any, Any]] = {
    ColumnType.TEXT: ("", "示例公司 फ़ूबार\n'\"\\"),
    ColumnType.INT: (-(2**63), 2**63 - 1),
    ColumnType.BOOL: (False, True),
    ColumnType.DATE: (date.min, date.max),
    ColumnType.TS: (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
    ColumnType.MONEY: (Decimal("-9999999999999999.99"), Decimal("90071992547409.93")),
    ColumnType.PERCENT: (Decimal("-9999999999.9999999999"), Decimal("0.0000000001")),
    ColumnType.RATIO: (Decimal("1.0400000000"), Decimal("9999999999.9999999999")),
    ColumnType.JSON: ("{}", '{"a":1930.0000000000002}'),
}


def write(table: Table, rows: list[Row], file: Path) -> pa.Table:
    """Write rows as the store does, and return them as they were sorted."""
    data = parquet.sorted_rows(table, parquet.to_arrow(table, rows))
    write_file(table, data, file)
    return data


def extreme_rows(table: Table) -> list[Row]:
    """Return the least and the greatest value of every column, and a row with every null that is allowed."""
    least, greatest = (tuple(EXTREMES[column.type][end] for column in table.columns) for end in (0, 1))
    keyed = {column.name: EXTREMES[column.type][1] for column in table.columns if column.name in table.row_key}
    text = next((name for name in keyed if table.column(name).type is ColumnType.TEXT), None)
    return [least, greatest, row(table, **{**keyed, **({text: "another"} if text else {})})]


@table_by_table
def test_every_value_of_every_type_comes_back_exactly(table: Table, tmp_path: Path) -> None:
    """Guards against cents, digits, microseconds or scripts lost in a file, and empty texts that become nulls."""
    rows = extreme_rows(table)
    write(table, rows, tmp_path / "f.parquet")
    assert sorted(parquet.to_rows(reading.read(table, tmp_path / "f.parquet")), key=repr) == sorted(rows, key=repr)


@table_by_table
def test_duckdb_reads_the_declared_types(table: Table, tmp_path: Path) -> None:
    """Guards against an encoding that DuckDB cannot read, or a type that it sees differently."""
    write(table, extreme_rows(table), tmp_path / "f.parquet")
    with duckdb.connect() as connection:
        described = connection.execute(f"DESCRIBE SELECT * FROM '{tmp_path / 'f.parquet'}'").fetchall()
        read = connection.sql(f"SELECT * FROM '{tmp_path / 'f.parquet'}'").to_arrow_table()
    assert [(name, kind) for name, kind, *_ in described] == [(c.name, c.type.duckdb) for c in table.columns]
    assert read.num_rows == 3
    for column in table.columns:
        if column.type in (ColumnType.MONEY, ColumnType.PERCENT, ColumnType.RATIO, ColumnType.INT, ColumnType.TEXT):
            assert set(EXTREMES[column.type]) <= set(read.column(column.name).to_pylist())


def test_the_footer_says_who_wrote_the_file(tmp_path: Path) -> None:
    """Guards against a file that nobody can trace to its run, or to the declaration that it follows."""
    write(ORDERS, [order(1)], tmp_path / "f.parquet")
    assert pq.read_schema(tmp_path / "f.parquet").metadata == {
        b"partner_assets.run_id": b"a-run",
        b"partner_assets.table": b"orders",
        b"partner_assets.declaration": ORDERS.fingerprint.encode(),
    }


def test_rows_are_sorted_by_slice_and_key(tmp_path: Path) -> None:
    """Guards against statistics that skip nothing, since every row group holds everything."""
    days = (date(2026, 3, 2), date(2026, 3, 1))
    rows = [
        charge(order, line, number, day)
        for day, orders in zip(days, ((2, 1), (4, 3)), strict=True)
        for order in orders
        for line in (10, 9)
        for number in (3, 2)
    ]
    write(ORDER_CHARGES, rows, tmp_path / "f.parquet")
    keys = [one[:4] for one in parquet.to_rows(reading.read(ORDER_CHARGES, tmp_path / "f.parquet"))]
    assert keys == sorted(keys)
    sorting = pq.ParquetFile(tmp_path / "f.parquet").metadata.row_group(0).sorting_columns
    assert [ORDER_CHARGES.column_names[column.column_index] for column in sorting] == list(ORDER_CHARGES.row_order)


def test_a_large_file_has_row_groups_of_the_measured_size(tmp_path: Path) -> None:
    """Guards against row groups that DuckDB cannot skip or share between threads, and an unmeasured compression."""
    data = parquet.to_arrow(ORDERS, [order(1)])
    many = data.take(pa.array([0] * (122_880 + 1)))
    write_file(ORDERS, many, tmp_path / "f.parquet")
    metadata = pq.ParquetFile(tmp_path / "f.parquet").metadata
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    assert [group.num_rows for group in groups] == [122_880, 1]
    columns = [group.column(number) for group in groups for number in range(metadata.num_columns)]
    assert {column.compression for column in columns} == {"ZSTD"}
    assert all(column.is_stats_set for column in columns)


@table_by_table
def test_looked_up_ids_have_bloom_filters(table: Table, tmp_path: Path) -> None:
    """Guards against a search for one order or licence that reads every file of five years."""
    write(table, extreme_rows(table), tmp_path / "f.parquet")
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT path_in_schema FROM parquet_metadata(?) WHERE bloom_filter_offset IS NOT NULL",
            [str(tmp_path / "f.parquet")],
        ).fetchall()
    assert {name for (name,) in found} == {column.name for column in table.columns if column.is_looked_up}


@table_by_table
def test_ids_have_a_dictionary_where_they_repeat_and_nowhere_else(table: Table, tmp_path: Path) -> None:
    """Guards against joins that take apart each of ten million equal ids, and look-ups that read a dictionary of unique ones."""
    write(table, extreme_rows(table), tmp_path / "f.parquet")
    group = pq.read_metadata(tmp_path / "f.parquet").row_group(0)
    stored = {group.column(number).path_in_schema: group.column(number) for number in range(group.num_columns)}
    looked_up = [column for column in table.columns if column.is_looked_up]
    assert {column.name: stored[column.name].has_dictionary_page for column in looked_up} == {
        column.name: column.is_repeated for column in looked_up
    }


def test_a_bloom_filter_finds_what_is_there(tmp_path: Path) -> None:
    """Guards against a filter that hides rows, which no count would show."""
    rows = [order(number, bill_to_po_reference=f"REF-{number}") for number in range(2000)]
    write(ORDERS, rows, tmp_path / "f.parquet")
    with duckdb.connect() as connection:
        for number in (0, 777, 1999):
            query = "SELECT transaction_id FROM read_parquet(?) WHERE bill_to_po_reference = ?"
            parameters = [str(tmp_path / "f.parquet"), f"REF-{number}"]
            assert connection.execute(query, parameters).fetchall() == [(f"PO_{number}",)]


def test_two_rows_with_one_key_are_refused() -> None:
    """Guards against totals that count an order twice."""
    with pytest.raises(DuplicateKey, match=r"orders would hold two rows with the same key \(transaction_id PO_1\)"):
        parquet.check_key(ORDERS, parquet.to_arrow(ORDERS, [order(1), order(2), order(1, currency="EUR")]))


@table_by_table
def test_a_null_in_a_required_column_is_refused(table: Table) -> None:
    """Guards against nulls where the dictionary promises none."""
    for index, column in enumerate(table.columns):
        values = list(row(table))
        values[index] = None
        data = parquet.to_arrow(table, [tuple(values)])
        if column.required:
            with pytest.raises(LakeError, match=f"{table.name}.{column.name} is never null"):
                parquet.check_complete(table, data)
        else:
            parquet.check_complete(table, data)


def _truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _spoilt(content: bytes) -> bytes:
    page = pq.read_metadata(pa.BufferReader(content)).row_group(0).column(0).data_page_offset
    return content[:page] + bytes(200) + content[page + 200 :]


@pytest.mark.parametrize("damage", [_truncated, _spoilt, lambda _: b"", lambda _: b"name,price\n"])
def test_a_damaged_file_is_named(damage: Any, tmp_path: Path) -> None:
    """Guards against a message from inside of Arrow that does not say which of a hundred files it means."""
    file = tmp_path / "part-0.parquet"
    write(ORDERS, [order(number) for number in range(50)], file)
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(DamagedFile) as raised:
        reading.read(ORDERS, file)
    assert str(raised.value).startswith(f"{file} is not a whole Parquet file ({raised.value.reason}). ")
    assert "\n" not in str(raised.value)


def test_a_bit_that_flips_is_never_another_value(tmp_path: Path) -> None:
    """Guards against a rotten disk that changes an amount or a document, which no count would show.

    Without checksums of the pages, one flip in three is read as another value.
    """
    file = tmp_path / "part-0.parquet"
    rows = [document(number, str(number)) for number in range(300)]
    write(ORDER_DOCUMENTS, rows, file)
    whole, expected = file.read_bytes(), reading.read(ORDER_DOCUMENTS, file)
    damaged = 0
    for place in range(0, len(whole), 17):
        content = bytearray(whole)
        content[place] ^= 1 << place % 8
        file.write_bytes(content)
        try:
            assert reading.read(ORDER_DOCUMENTS, file).equals(expected)
            with reading.StoredFile(ORDER_DOCUMENTS, file) as stored:
                assert stored.rows_at(np.arange(100, 200)).equals(expected.slice(100, 100))
        except ForeignFile:
            damaged += 1
    assert damaged > 100


def test_trouble_of_the_disk_is_not_blamed_on_the_file(tmp_path: Path) -> None:
    """Guards against telling somebody to move a file away that only could not be opened."""
    with pytest.raises(FileNotFoundError):
        reading.read(ORDERS, tmp_path / "missing.parquet")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: data.drop_columns(["transaction_type"]), "missing: transaction_type"),
        (lambda data: data.drop_columns(["status", "extra"]), "missing: status, extra"),
        (lambda data: data.append_column("colour", pa.array(["red"])), "unknown: colour"),
        (lambda data: data.set_column(3, "status", pa.array([1])), "of another type: status"),
        (lambda data: data.select(list(reversed(data.column_names))), "their order differs"),
    ],
)
def test_a_file_of_another_schema_is_named_with_the_difference(change: Any, reason: str, tmp_path: Path) -> None:
    """Guards against columns that DuckDB hides, since the first file of a table decides."""
    file = tmp_path / "part-0.parquet"
    pq.write_table(change(parquet.to_arrow(ORDERS, [order(1)])), file)
    for look in (reading.read, reading.check):
        with pytest.raises(ForeignFile) as raised:
            look(ORDERS, file)
        assert str(file) in str(raised.value)
        assert f": {reason}. Move it away" in str(raised.value)


def test_the_footer_alone_tells_the_number_of_rows(tmp_path: Path) -> None:
    """Guards against a check that counts wrongly, or reads everything to count."""
    write(ORDERS, [order(number) for number in range(7)], tmp_path / "f.parquet")
    assert reading.check(ORDERS, tmp_path / "f.parquet") == 7
