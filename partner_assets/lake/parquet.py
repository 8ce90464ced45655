"""Rows to Arrow tables to Parquet files and back: schemas, encodings, footers. Which rows belong where is `store.py`'s.

The writer's settings are those that won when they were measured: zstd level 3, row groups of one DuckDB vector batch,
dictionaries for what repeats, delta encodings for amounts, times and ids, bloom filters for looked-up ids.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from partner_assets.lake.errors import DamagedFile, DuplicateKey, ForeignFile, LakeError
from partner_assets.lake.footer import shift_places
from partner_assets.lake.page_places import HoleyFile, hole_between, is_free, page_places, places_before, without_hole
from partner_assets.lake.row_block import RowBlock
from partner_assets.lake.row_pieces import rows_at
from partner_assets.tables.record import Row
from partner_assets.tables.table import Column, ColumnType, Table

ROW_GROUP_ROWS = 122_880

_BATCH_BYTES = 32 * 1024 * 1024
"""How much is decoded at a time: a month of documents at once takes twice its size on top of it, for as long as it is read."""

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


def in_order(table: Table, data: pa.Table) -> pa.Table:
    """Sort as the table's files are sorted, and make sure that its key is one.

    Raises:
        DuplicateKey: If two rows have the same key.
        LakeError: If a required column holds a null.
    """
    for column in table.columns:
        if column.required and data.column(column.name).null_count:
            raise LakeError(
                f"{table.name}.{column.name} is never null, but a row without it came; nothing was written."
            )
    counts = data.group_by(list(table.row_key)).aggregate([([], "count_all")])
    if counts.num_rows != data.num_rows:
        twice = next(row for row in counts.to_pylist() if row.pop("count_all") > 1)
        where = ", ".join(f"{name} {value}" for name, value in twice.items())
        raise DuplicateKey(f"{table.name} would hold two rows with the same key ({where}); nothing was written.")
    return sorted_rows(table, data)


def sorted_rows(table: Table, data: pa.Table) -> pa.Table:
    """Sort as the table's files are sorted; what stands in order already is not copied, nor are long pieces that do."""
    keys = [(name, "ascending") for name in table.row_order]
    order = pc.sort_indices(data.select(table.row_order), sort_keys=keys)
    return rows_at(data, order.to_numpy().astype(np.int64))


def read(table: Table, file: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a file of the table; a column that the table has had only since the file was written is null there.

    Raises:
        DamagedFile: If the file is not Parquet, or its content is not what was written.
        ForeignFile: If its columns are not those of the table.
    """
    with _opened(table, file) as parquet:
        missing = _lacking(table, parquet)
        wanted = [name for name in columns or table.column_names if name not in missing]
        # A key is never lacking: without a column there would be no rows to count.
        data = _in_batches(parquet, wanted or [table.key[0]])
        if data.num_rows != parquet.metadata.num_rows:
            # The footer has no checksum, but counts the rows twice.
            raise DamagedFile(file, f"it holds {data.num_rows} of {parquet.metadata.num_rows} rows")
        return _completed(table, data, columns or table.column_names) if missing else data


def _in_batches(parquet: pq.ParquetFile, columns: Sequence[str]) -> pa.Table:
    batches = parquet.iter_batches(_batch_rows(parquet), columns=columns)
    return pa.Table.from_batches(batches, pa.schema([parquet.schema_arrow.field(name) for name in columns]))


def _batch_rows(parquet: pq.ParquetFile) -> int:
    """Return how many rows of a file are decoded at a time."""
    metadata = parquet.metadata
    size = sum(metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups))
    return max(1, int(_BATCH_BYTES * metadata.num_rows / max(size, 1)))


def look_through(table: Table, file: Path) -> None:
    """Read all of a file, a little at a time, to know that it can be read.

    Raises:
        DamagedFile, ForeignFile: As for `read`.
    """
    with _opened(table, file) as parquet:
        count = sum(batch.num_rows for batch in parquet.iter_batches(_batch_rows(parquet)))
        if count != parquet.metadata.num_rows:
            raise DamagedFile(file, f"it holds {count} of {parquet.metadata.num_rows} rows")


def lacking(table: Table, file: Path) -> tuple[str, ...]:
    """Return the columns that the table has had only since the file was written, by its footer alone.

    Raises:
        DamagedFile: If the file is not Parquet.
        ForeignFile: If its columns are not those of the table.
    """
    with _opened(table, file) as parquet:
        return _lacking(table, parquet)


def any_lacks(table: Table, files: Iterable[Path]) -> bool:
    """Tell whether one of some files lacks columns; one that cannot be read is for those to tell who read it."""
    for file in files:
        try:
            if lacking(table, file):
                return True
        except (ForeignFile, FileNotFoundError):
            continue
    return False


def _lacking(table: Table, parquet: pq.ParquetFile) -> tuple[str, ...]:
    found = set(parquet.schema_arrow.names)
    return tuple(name for name in table.column_names if name not in found)


def _completed(table: Table, data: pa.Table, columns: Sequence[str]) -> pa.Table:
    """Return a file's columns with those that it lacks, as nulls, in the order of the table."""
    fields = [field for field in schema(table) if field.name in columns]
    arrays = [
        data.column(field.name) if field.name in data.column_names else pa.nulls(data.num_rows, field.type)
        for field in fields
    ]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def check(table: Table, file: Path) -> int:
    """Check that a file has the columns of its table, by its footer alone, and return its number of rows.

    Raises:
        DamagedFile: If the file is not Parquet.
        ForeignFile: If its columns are not those of the table.
    """
    with _opened(table, file) as parquet:
        return int(parquet.metadata.num_rows)


@contextmanager
def _opened(table: Table, file: Path) -> Iterator[pq.ParquetFile]:
    try:
        with pq.ParquetFile(file, page_checksum_verification=True) as parquet:
            found = parquet.schema_arrow.remove_metadata()
            if not _is_of(table, found):
                raise ForeignFile(
                    f"{file} does not have the columns of {table.name} (declaration {table.fingerprint}): "
                    f"{_difference(schema(table), found)}. Move it away and materialise again."
                )
            yield parquet
    except (pa.ArrowException, OSError, UnicodeDecodeError) as broken:
        if getattr(broken, "errno", None) is not None:
            raise  # the disk's own trouble; Arrow's, for a page that does not decompress, have no number
        raise DamagedFile(file, str(broken).strip().partition("\n")[0]) from None


def _is_of(table: Table, found: pa.Schema) -> bool:
    """Tell whether these are the columns of a table, or those that it had before it got some more that may be null.

    Never the other way round: a column that the declaration does not have would be gone with the next write.
    """
    may_lack = {column.name for column in table.values if not column.required}
    expected = [field for field in schema(table) if field.name in found.names or field.name not in may_lack]
    return bool(found.equals(pa.schema(expected)))


def write(
    table: Table, data: pa.Table, file: Path, lineage: Mapping[str, str], *, instead_of: Path | None = None
) -> int:
    """Write an Arrow table to a file and wait until the disk has it.

    Args:
        table: The table that the rows belong to.
        data: The rows, in the table's order.
        file: Where to write; the folder is made if it is missing.
        lineage: Who wrote this and when, for the file's footer.
        instead_of: The file that it will replace, see `page_places.py`.

    Returns:
        The size of the file in bytes.
    """
    footer = {f"partner_assets.{name}": value for name, value in lineage.items()}
    footer |= {"partner_assets.table": table.name, "partner_assets.declaration": table.fingerprint}
    file.parent.mkdir(parents=True, exist_ok=True)
    data = data.replace_schema_metadata(footer)
    options = _options(table, data.num_rows)
    taken = places_before(instead_of)
    pages = without_hole(taken)  # a month hardly changes from one write to the next
    with file.open("w+b") as sink:
        while True:
            hole = hole_between(taken, pages)
            pq.write_table(data, HoleyFile(sink, hole), **options)
            shift_places(sink, hole)
            sink.flush()
            pages = without_hole(page_places(file))
            if is_free(hole, taken, pages):
                break
            sink.seek(0)
            sink.truncate()
        os.fsync(sink.fileno())
    return file.stat().st_size


def _options(table: Table, row_count: int) -> dict[str, Any]:
    encodings = {column.name: encoding for column in table.columns if (encoding := _encoding(column))}
    looked_up = [column.name for column in table.columns if column.is_looked_up]
    bloom = {"ndv": max(1, min(row_count, ROW_GROUP_ROWS)), "fpp": 0.01}
    return {
        "compression": "zstd",
        "compression_level": 3,
        "row_group_size": ROW_GROUP_ROWS,
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
        return "DELTA_BYTE_ARRAY"
    return {
        ColumnType.MONEY: "DELTA_BINARY_PACKED",
        ColumnType.TS: "DELTA_BINARY_PACKED",
        ColumnType.JSON: "PLAIN",
        ColumnType.BOOL: "PLAIN",
    }.get(column.type)


def _difference(wanted: pa.Schema, found: pa.Schema) -> str:
    missing = [field.name for field in wanted if field.name not in found.names]
    unknown = [name for name in found.names if name not in wanted.names]
    changed = [
        field.name for field in wanted if field.name in found.names and not field.equals(found.field(field.name))
    ]
    parts = (("missing", missing), ("unknown", unknown), ("of another type", changed))
    return "; ".join(f"{what}: {', '.join(names)}" for what, names in parts if names) or "their order differs"
