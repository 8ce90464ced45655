"""The four ways in which `sql` writes an answer, every digit as it is stored.

Here: CSV, JSON and Parquet, row by row. Not here: laying out a table for people (`sql_table.py`).
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, BinaryIO

import duckdb
import msgspec

from partner_assets.commands.asking import asked
from partner_assets.commands.sql_table import Answer, render
from partner_assets.lake import sql

BATCH_ROWS = 10_000

PLAN = ["explain_key", "explain_value"]
"""The columns of what EXPLAIN answers: a drawing of many lines."""

_END = re.compile(r";(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*\Z", re.DOTALL)
"""What may stand after a statement, and not within brackets."""

_json = msgspec.json.Encoder(decimal_format="number")


def write_table(connection: duckdb.DuckDBPyConnection, statement: str, out: BinaryIO) -> None:
    """Write an aligned table, with colours on a terminal, and below it how many rows there are."""
    batches = _rows(connection, _in_words(connection, statement))
    columns = _columns(connection)
    rows = [[shown(value) for value in row] for row in batches]
    names = [name for name, _ in columns]
    if names == PLAN:
        out.write("\n".join(cell or "" for row in rows for cell in row[1:]).encode())
        return
    types = [str(kind) for _, kind in columns]
    is_screen = out is getattr(sys.stdout, "buffer", None)
    out.write(render(Answer(names, types, rows), is_screen=is_screen).encode())


def write_csv(connection: duckdb.DuckDBPyConnection, statement: str, out: BinaryIO) -> None:
    """Write CSV in UTF-8: nothing between the commas is NULL, "" is an empty text."""
    rows = _rows(connection, _in_words(connection, statement))
    names = [name for name, _ in _columns(connection)]
    out.write(_csv_line(names))
    empty_lines = 0
    for row in rows:
        out.write(_csv_line([None if value is None else plain(value) for value in row]))
        empty_lines += row == (None,)
    if empty_lines:
        # Between commas it would be told from no row at all; here there are none.
        sys.stderr.write(
            f"Warning: {empty_lines:,} of the lines are empty, each a NULL of the only column, and many programs leave them out. "
            "Select another column beside it.\n"
        )


def write_json(connection: duckdb.DuckDBPyConnection, statement: str, out: BinaryIO) -> None:
    """Write one array of objects, a line each; decimals are numbers with all their digits, times are ISO 8601."""
    rows = _rows(connection, _in_words(connection, statement))
    names = _unique([name for name, _ in _columns(connection)])
    before = b"[\n"
    for row in rows:
        out.write(before + _json.encode(dict(zip(names, map(_fixed, row), strict=True))))
        before = b",\n"
    out.write(b"[]\n" if before == b"[\n" else b"\n]\n")


def write_parquet(connection: duckdb.DuckDBPyConnection, statement: str, out: BinaryIO) -> None:
    """Write Parquet with DuckDB's types, sums of integers as DECIMAL(38,0), intervals as texts."""
    import pyarrow.parquet as pq

    worded = _in_words(connection, statement, ("INTERVAL", "UNION"))
    with asked(connection, lambda: connection.sql(worded).to_arrow_reader(BATCH_ROWS)) as reader:
        names = _unique(reader.schema.names)
        schema = reader.schema
        for index, name in enumerate(names):
            schema = schema.set(index, schema.field(index).with_name(name))
        with pq.ParquetWriter(out, schema, compression="zstd") as writer:
            for batch in _batches(connection, reader):
                writer.write_batch(batch.rename_columns(names))


WRITERS: Mapping[str, Callable[[duckdb.DuckDBPyConnection, str, BinaryIO], None]] = {
    "table": write_table,
    "csv": write_csv,
    "json": write_json,
    "parquet": write_parquet,
}


def plain(value: Any) -> str:
    """Return a value as text, the same on every machine: no exponent in a decimal, times in UTC."""
    match value:
        case str():
            return value
        case bool():
            return str(value).lower()
        case Decimal():
            return format(value, "f")
        case datetime():
            return _in_utc(value).isoformat().replace("+00:00", "Z")
        case bytes() | bytearray():
            return bytes(value).hex()
        case list() | tuple() | dict():
            return _json.encode(_fixed(value)).decode()
        case _:
            return str(value)


def shown(value: Any) -> str | None:
    """Return a value as people read it in a table; None for NULL."""
    if value is None:
        return None
    return plain(value).replace("T", " ", 1) if isinstance(value, datetime) else plain(value)


def _in_words(
    connection: duckdb.DuckDBPyConnection, statement: str, lossy: Sequence[str] = ("INTERVAL", "TIMESTAMP_NS")
) -> str:
    """Return a statement whose answer has texts by DuckDB where the way to us has no type: a month is not thirty days.

    Args:
        connection: What the statement is for.
        statement: One query.
        lossy: The types, alone or within others, of which something would be lost.
    """
    if connection.extract_statements(statement)[0].type != duckdb.StatementType.SELECT:
        return statement
    try:
        answer = asked(connection, lambda: connection.sql(statement))
    except duckdb.Error:
        return statement  # what is wrong is told, and where, once it is asked
    is_lossy = [any(name in str(kind) for name in lossy) for kind in answer.types]
    if not any(is_lossy):
        return statement
    values = [f"CAST(#{place} AS VARCHAR)" if one else f"#{place}" for place, one in enumerate(is_lossy, start=1)]
    named = [f"{value} AS {sql.name(name)}" for value, name in zip(values, answer.columns, strict=True)]
    return f"SELECT {', '.join(named)} FROM (\n{_END.sub('', statement)}\n)"


def _rows(connection: duckdb.DuckDBPyConnection, statement: str) -> Iterator[tuple[Any, ...]]:
    """Ask a statement at once, and return its rows as they come."""
    asked(connection, lambda: connection.execute(statement))
    return _fetched(connection)


def _fetched(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while batch := asked(connection, lambda: connection.fetchmany(BATCH_ROWS)):
        yield from batch


def _batches(connection: duckdb.DuckDBPyConnection, reader: Any) -> Iterator[Any]:
    """Yield the record batches of an Arrow reader."""
    while True:
        try:
            batch = asked(connection, lambda: next(reader, None))
        except OSError as error:
            # DuckDB's words, which Arrow brings as trouble with a file; whoever writes would take them for that.
            raise duckdb.Error(str(error)) from None
        if batch is None:
            return
        yield batch


def _columns(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, Any]]:
    return [(name, kind) for name, kind, *_ in connection.description or ()]


def _unique(names: Sequence[str]) -> list[str]:
    """Return the names with a number after each that came before: an object cannot hold two fields of one name."""
    chosen: list[str] = []
    for name in names:
        candidate, number = name, 0
        while candidate in chosen:
            number += 1
            candidate = f"{name}_{number}"
        chosen.append(candidate)
    return chosen


def _csv_line(fields: Sequence[str | None]) -> bytes:
    return (",".join("" if field is None else _csv_field(field) for field in fields) + "\n").encode()


def _csv_field(field: str) -> str:
    if field == "" or any(sign in field for sign in ',"\r\n'):
        return '"' + field.replace('"', '""') + '"'
    return field


def _fixed(value: Any) -> Any:
    """Return a value for JSON, in which no decimal is written with an exponent."""
    match value:
        case Decimal():
            return msgspec.Raw(format(value, "f").encode()) if value.is_finite() else None
        case datetime():
            return _in_utc(value)
        case list() | tuple():
            return [_fixed(item) for item in value]
        case dict():
            return {str(key): _fixed(item) for key, item in value.items()}
        case _:
            return value


def _in_utc(value: datetime) -> datetime:
    return value if value.tzinfo is None else value.astimezone(UTC)
