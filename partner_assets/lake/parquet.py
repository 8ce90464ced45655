"""Rows to Arrow tables to Parquet files: schemas, order, encodings, footers. Which rows belong where is `store.py`'s.

The writer's settings are those that won when they were measured: zstd level 3, row groups of one DuckDB vector batch,
dictionaries for what repeats, delta encodings for amounts and times, bloom filters for looked-up ids. Not here: reading
files (`reading.py`).
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from partner_assets.lake.errors import DuplicateKey, LakeError
from partner_assets.lake.footer import shift_places
from partner_assets.lake.page_places import HoleyFile, hole_between, is_free, page_places, places_before, without_hole
from partner_assets.lake.row_block import RowBlock
from partner_assets.lake.row_pieces import Positions, rows_at
from partner_assets.tables.record import Row
from partner_assets.tables.table import Column, ColumnType, Table

ROW_GROUP_ROWS = 122_880

ROW_GROUP_BYTES = 64 * 1024 * 1024
"""Decoded: a writer holds one row group, so that a month need not be in memory to be written."""

_WIDE_ROW_BYTES, _WIDE_ROW_GROUP_BYTES = 1024, 16 * 1024 * 1024
"""Rows as wide as documents are read by the day, and those who read one decode what lies in its row group."""

_ARROW_TYPES: Mapping[ColumnType, pa.DataType] = {
    ColumnType.TEXT: pa.string(),
    ColumnType.INT: pa.int64(),
    ColumnType.BOOL: pa.bool_(),
    ColumnType.DATE: pa.date32(),
    ColumnType.TS: pa.timestamp("us", tz="UTC"),
    ColumnType.MONEY: pa.decimal128(18, 2),
    ColumnType.PERCENT: pa.decimal128(20, 10),
    ColumnType.RATIO: pa.decimal128(20, 10),
    ColumnType.JSON: pa.string(),
}


def arrow_type(kind: ColumnType) -> pa.DataType:
    """Return the type that a column of a kind has in every file."""
    return _ARROW_TYPES[kind]


def schema(table: Table) -> pa.Schema:
    """Return the one schema that every file of a table is written with."""
    return pa.schema(
        [pa.field(column.name, _ARROW_TYPES[column.type], nullable=not column.required) for column in table.columns]
    )


def to_arrow(table: Table, rows: Sequence[Row]) -> pa.Table:
    """Turn rows (values in the order of the table's columns) into an Arrow table of the table's schema."""
    if isinstance(rows, RowBlock):
        return rows.data
    wanted = schema(table)
    columns = zip(*rows, strict=True) if rows else ((),) * len(wanted)
    return pa.Table.from_arrays(
        [pa.array(values, type=field.type) for values, field in zip(columns, wanted, strict=True)], schema=wanted
    )


def to_rows(data: pa.Table) -> list[Row]:
    """Turn an Arrow table into rows of Python values, exact decimals and aware times included."""
    return list(RowBlock(data))


def check_complete(table: Table, data: pa.Table) -> None:
    """Do nothing if every required column has all its values.

    Raises:
        LakeError: If one holds a null.
    """
    for column in table.columns:
        if column.required and data.column(column.name).null_count:
            raise LakeError(
                f"{table.name}.{column.name} is never null, but a row without it came; nothing was written."
            )


def check_key(table: Table, data: pa.Table) -> None:
    """Do nothing if a table's key is one.

    Args:
        table: The table.
        data: The columns of its key, at least, of all rows.

    Raises:
        DuplicateKey: If two rows have the same key.
    """
    counts = data.group_by(list(table.row_key)).aggregate([([], "count_all")])
    if counts.num_rows != data.num_rows:
        twice = next(row for row in counts.to_pylist() if row.pop("count_all") > 1)
        where = ", ".join(f"{name} {value}" for name, value in twice.items())
        raise DuplicateKey(f"{table.name} would hold two rows with the same key ({where}); nothing was written.")


def row_order(table: Table, keys: pa.Table) -> Positions:
    """Return the order in which rows stand in the table's files, as positions; `keys` are its columns `row_order`."""
    order: Positions = pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in table.row_order]).to_numpy()
    return order.astype(np.int64)


def sorted_rows(table: Table, data: pa.Table) -> pa.Table:
    """Sort as the table's files are sorted; what stands in order already is not copied, nor are long pieces that do."""
    return rows_at(data, row_order(table, data.select(table.row_order)))


def write(
    table: Table,
    pieces: Iterable[pa.Table],
    file: Path,
    lineage: Mapping[str, str],
    *,
    row_count: int,
    instead_of: Path | None = None,
) -> int:
    """Write Arrow tables to one file, a row group at a time, and wait until the disk has it.

    Args:
        table: The table that the rows belong to.
        pieces: The rows, in the table's order, in tables of any length; gone through once more if the pages of the file
            lie badly.
        file: Where to write; the folder is made if it is missing.
        lineage: Who wrote this and when, for the file's footer.
        row_count: How many rows there are.
        instead_of: The file that it will replace, see `page_places.py`.

    Returns:
        The size of the file in bytes.
    """
    footer = {f"partner_assets.{name}": value for name, value in lineage.items()}
    footer |= {"partner_assets.table": table.name, "partner_assets.declaration": table.fingerprint}
    file.parent.mkdir(parents=True, exist_ok=True)
    declared = schema(table).with_metadata(footer)
    options = _options(table, row_count)
    taken = places_before(instead_of)
    pages = without_hole(taken)  # a month hardly changes from one write to the next
    with file.open("w+b") as sink:
        while True:
            hole = hole_between(taken, pages)
            with pq.ParquetWriter(HoleyFile(sink, hole), declared, **options) as writer:
                for group in row_groups(pieces):
                    writer.write_table(group, row_group_size=ROW_GROUP_ROWS)
            shift_places(sink, hole)
            sink.flush()
            pages = without_hole(page_places(file))
            if is_free(hole, taken, pages):
                break
            sink.seek(0)
            sink.truncate()
        os.fsync(sink.fileno())
    return file.stat().st_size


def row_groups(pieces: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Put pieces of a table together to row groups, and cut them where one is full."""
    held: list[pa.Table] = []
    rows, size = 0, 0.0
    for piece in pieces:
        row_size = piece.nbytes / max(piece.num_rows, 1)
        most_bytes = ROW_GROUP_BYTES if row_size < _WIDE_ROW_BYTES else _WIDE_ROW_GROUP_BYTES
        start = 0
        while start < piece.num_rows:
            room = min(ROW_GROUP_ROWS - rows, int((most_bytes - size) / max(row_size, 1)))
            if room < 1 and held:
                yield pa.concat_tables(held)
                held, rows, size = [], 0, 0.0
                continue
            taken = piece.slice(start, max(room, 1))
            held.append(taken)
            start, rows, size = start + taken.num_rows, rows + taken.num_rows, size + taken.num_rows * row_size
    if held:
        yield pa.concat_tables(held)


def _options(table: Table, row_count: int) -> dict[str, Any]:
    encodings = {column.name: encoding for column in table.columns if (encoding := _encoding(column))}
    looked_up = [column.name for column in table.columns if column.is_looked_up]
    bloom = {"ndv": max(1, min(row_count, ROW_GROUP_ROWS)), "fpp": 0.01}
    return {
        "compression": "zstd",
        "compression_level": 3,
        "store_decimal_as_integer": True,
        # Without them, a bit that flips on the disk is another value in one read out of three, and not an error.
        "write_page_checksum": True,
        "use_dictionary": [column.name for column in table.columns if column.name not in encodings],
        "column_encoding": encodings,
        "bloom_filter_options": dict.fromkeys(looked_up, bloom),
        "sorting_columns": [pq.SortingColumn(table.column_names.index(name)) for name in table.row_order],
    }


def _encoding(column: Column) -> str | None:
    """Return the encoding of a column that does not repeat enough for a dictionary, or None."""
    if column.is_looked_up:
        # DELTA_BYTE_ARRAY takes as much room once it is compressed, and a quarter more time to read.
        return None if column.is_repeated else "PLAIN"
    return {
        ColumnType.MONEY: "DELTA_BINARY_PACKED",
        ColumnType.TS: "DELTA_BINARY_PACKED",
        ColumnType.JSON: "PLAIN",
        ColumnType.BOOL: "PLAIN",
    }.get(column.type)
