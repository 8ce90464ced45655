"""The check for columns that lost all of their values: a field that the API no longer sends looks just like nulls.

Told by rows that had a value in their last version and have none now, while no row has one any more: a field that only
some kinds of orders have, or have only later, is not missed in the others. A required field is not this check's: its
record is rejected. Not here: when something is told (`told_once.py`).
"""

from partner_assets.checks.look import Check, Finding, Look
from partner_assets.checks.told_once import Sight, told_once, utc
from partner_assets.lake import sql
from partner_assets.materialization.order_tables import ORDER_TABLES
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.order_lines import ORDER_LINES
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.table import Column, Table

NAME = "no_column_vanished"

FEWEST = 3
"""Rows, or orders, that have to lose a value at once: now and then a person clears a field."""

_PLACES = {
    ORDERS: "$",
    ORDER_LINES: "$.licenseChargeConditions[*]",
    ORDER_CHARGES: "$.licenseChargeConditions[*].licenseChargeBreakdown[*]",
}
"""Where the records of a table stand in a document."""


def vanished_columns(table: Table) -> list[Check]:
    """Return the check of a table that knows what its rows were: one with history, or one that is made of documents.

    A table whose columns are all required has none: a record that lacks one of them is rejected.
    """
    if not (table.keeps_history or table in ORDER_TABLES) or not _optional(table):
        return []
    sentence = f"No column of {table.name} that had values has lost all of them; one that has is told once."
    return [Check(NAME, sentence, no_column_vanished)]


def no_column_vanished(look: Look) -> Finding:
    """Check whether a field is gone from all records."""
    columns = _optional(look.table)
    filled = _filled(look, columns)
    empty = [column for column in columns if column.name not in filled]
    lose = _lost_versions if look.table.keeps_history else _lost_in_documents
    gone = [one for one in (lose(look, empty) if empty else ()) if one.rows >= FEWEST]
    what = f"Columns of {look.table.name} whose values have all gone, as if the API no longer sent them"
    return told_once(look, NAME, gone, lambda name: name in filled, what)


def _optional(table: Table) -> list[Column]:
    return [column for column in table.values if column.paths and not column.required]


def _filled(look: Look, columns: list[Column]) -> set[str]:
    """Return the columns with a value: in a current row; for orders, in one that this run fetched."""
    counts = ", ".join(f"count({sql.name(column.name)})" for column in columns)
    mine = "true" if look.table.keeps_history else f"run_id = {sql.text(look.run_id)}"
    [found] = look.connection.execute(f"SELECT {counts} FROM {look.rows()} WHERE {mine}").fetchall()
    return {column.name for column, count in zip(columns, found, strict=True) if count}


def _lost_versions(look: Look, columns: list[Column]) -> list[Sight]:
    """Return, for each column, the current rows of a table with history that had a value in it once."""
    key = ", ".join(sql.name(name) for name in look.table.key)
    names = [sql.name(column.name) for column in columns]
    had = ", ".join(f"max(valid_to) FILTER ({name} IS NOT NULL) AS {name}" for name in names)
    rows = f"SELECT {had} FROM {look.rows(closed_too=True)} GROUP BY {key} HAVING bool_or(valid_to IS NULL)"
    return _sights(look, columns, [f"count({name}), max({name})" for name in names], rows)


def _lost_in_documents(look: Look, columns: list[Column]) -> list[Sight]:
    """Return, for each column, the orders that this run fetched without a value that their version before had."""
    run, documents = sql.text(look.run_id), look.rows(ORDER_DOCUMENTS)
    read = f"SELECT transaction_id, fetched_at, document FROM {documents} WHERE run_id = {run} AND is_current"
    before = (
        f"SELECT transaction_id, arg_max(document, fetched_at) AS document FROM {documents} "
        f"WHERE run_id <> {run} AND transaction_id IN (SELECT transaction_id FROM n) GROUP BY transaction_id"
    )
    lost = ", ".join(
        f"{_holds('o.document', look.table, column)} AND NOT {_holds('n.document', look.table, column)} "
        f"AS {sql.name(column.name)}"
        for column in columns
    )
    rows = (
        f"WITH n AS MATERIALIZED ({read}), o AS ({before}) "
        f"SELECT n.fetched_at AS since, {lost} FROM n JOIN o ON o.transaction_id = n.transaction_id"
    )
    names = [sql.name(column.name) for column in columns]
    return _sights(look, columns, [f"count(*) FILTER ({name}), min(since) FILTER ({name})" for name in names], rows)


def _sights(look: Look, columns: list[Column], counted: list[str], rows: str) -> list[Sight]:
    """Return what a query counts: for each column, a number of rows and since when."""
    [found] = look.connection.execute(f"SELECT {', '.join(counted)} FROM ({rows})").fetchall()
    pairs = zip(columns, found[::2], found[1::2], strict=True)
    return [Sight(column.name, utc(since), count) for column, count, since in pairs if count]


def _holds(document: str, table: Table, column: Column) -> str:
    """Return an expression that is true if a document holds a value for a column, under any of its names."""
    found = []
    for path in column.paths:
        place = _PLACES[table] + "".join(f'."{name}"' for name in path)
        # One value for the head of an order, a list of them for its lines.
        values = f"json_extract({document}, {sql.text(place)})"
        values = values if "*" in place else f"[{values}]"
        found.append(f"len(list_filter({values}, lambda value: json_type(value) <> 'NULL')) > 0")
    return f"({' OR '.join(found)})"
