"""`partner-assets sql`: one statement against the catalogue, with no way to anything but the lake's files.

Here: opening, locking down, refusing what is no query. Not here: where the statement comes from (`statements.py`), how an
answer is written (`sql_formats.py`), and where to (`destinations.py`).
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import duckdb

from partner_assets.commands.destinations import destination
from partner_assets.commands.sql_formats import WRITERS
from partner_assets.lake import catalogue
from partner_assets.lake.sql import as_pattern, text
from partner_assets.settings import load_lake

NO_QUERY = (
    "Only one SELECT at a time (or DESCRIBE, SUMMARIZE, SHOW, EXPLAIN, PIVOT) can be asked: the lake is read-only."
)

_QUERY_WORD = re.compile(
    # Comments and brackets, then perhaps EXPLAIN, then a word that opens a query and nothing that writes.
    r"(?:\s|\(|--[^\n]*(?:\n|$)|/\*.*?\*/)*(?:explain\s+(?:analyze\s+)?)?\(*\s*(?:select|from|with|pivot|unpivot|values)\b",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_QUOTATION = 120


def sql(statement: str, style: str, output: Path | None) -> int:
    """Ask one question of the lake.

    Args:
        statement: One query.
        style: A key of `WRITERS`.
        output: The file to write to; standard output if None.

    Returns:
        The exit code, 0.

    Raises:
        FileNotFoundError: If there is no catalogue yet.
        click.ClickException: If the statement is wrong, or the answer cannot be written.
    """
    if style == "parquet" and output is None and sys.stdout is not None and sys.stdout.isatty():
        raise click.ClickException("Parquet is no text to be shown: name a file with --output, or write into a pipe.")
    try:
        with locked_catalogue(load_lake()) as connection:
            refuse_all_but_queries(connection, statement)
            with destination(output) as out:
                WRITERS[style](connection, statement, out)
    except duckdb.Error as error:
        raise click.ClickException(_told(error)) from None
    return 0


@contextmanager
def locked_catalogue(root: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the catalogue of a lake, so that no statement reads a file outside the lake, loads an extension or calls out.

    Args:
        root: The lake's folder.

    Raises:
        FileNotFoundError: If there is no catalogue yet.
    """
    folder = text(str(root.resolve()))
    with catalogue.connect(root) as connection:
        [(pattern,)] = connection.execute(f"SELECT {as_pattern(folder)}").fetchall()
        # allowed_directories also allows writing there, so a statement has to pass `refuse_all_but_queries` as well.
        for setting in (
            # Patterns are compared as they are written, before anything is looked for.
            f"allowed_directories = [{folder}, {text(pattern)}]",
            "TimeZone = 'UTC'",
            "autoinstall_known_extensions = false",
            "autoload_known_extensions = false",
            "allow_community_extensions = false",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            connection.execute(f"SET {setting}")
        yield connection


def refuse_all_but_queries(connection: duckdb.DuckDBPyConnection, statement: str) -> None:
    """Do nothing if the statement is one query.

    Raises:
        click.ClickException: If it is anything else, or more than one.
        duckdb.Error: If DuckDB cannot parse it.
    """
    statements = connection.extract_statements(statement)
    if len(statements) != 1:
        raise click.ClickException(NO_QUERY)
    kind = statements[0].type
    if kind == duckdb.StatementType.SELECT:
        return
    # MULTI is a PIVOT, which DuckDB takes apart, but also COPY of one; EXPLAIN ANALYZE runs whatever it explains.
    if kind in (duckdb.StatementType.MULTI, duckdb.StatementType.EXPLAIN) and _QUERY_WORD.match(statement):
        return
    raise click.ClickException(NO_QUERY)


def _told(error: duckdb.Error) -> str:
    """Return DuckDB's message: a line on what is wrong, and if it says where, a line with that."""
    message, _, place = str(error).partition("\n\nLINE ")
    sentence = " ".join(message.split())
    if isinstance(error, duckdb.PermissionException):
        sentence = f"{sentence.rstrip('.')}. Only the lake's own files can be read."
    where = place.splitlines()[0] if place else ""
    if len(where) > _LONGEST_QUOTATION:
        where = f"{where[:_LONGEST_QUOTATION]}…"
    return f"{sentence}\nLINE {where}" if where else sentence
