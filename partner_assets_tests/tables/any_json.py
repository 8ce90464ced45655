"""Any JSON that could ever come, and an oracle that finds every value of it again.

The oracle shares no code with what it judges: it decodes with the standard library, and compares numbers as fractions.
Not here: what has to hold (the tests beside this).
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from partner_assets.tables.codes import codes_by_v0_name
from partner_assets.tables.record import Row
from partner_assets.tables.table import Column, ColumnType, Table
from partner_assets_tests.tables.samples import DAY, LINEAGE, NOW

Path = tuple[str, ...]

ODD_TEXTS = [
    "null",
    "",
    "NaN",
    "-Infinity",
    "1e999",
    "0x1F",
    "2026-03-01",
    "2026-03-01T10:00:00Z",
    "PO",
    "\0",
    "\ud800",
]
ODD_NUMBERS = [Decimal("1E+1000000"), Decimal("-1E+400"), Decimal("1E-999"), Decimal("-0.0"), 2**63, -(2**64), 10**4000]
TEXTS = st.text(max_size=8) | st.sampled_from(ODD_TEXTS)
NUMBERS = (
    st.integers(-(10**30), 10**30) | st.decimals(allow_nan=False, allow_infinity=False) | st.sampled_from(ODD_NUMBERS)
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
UNKNOWN = st.dictionaries(TEXTS.map(lambda name: f"x{name}"), ANY_JSON, max_size=3)
"""Fields that no table declares."""

FITTING: dict[ColumnType, st.SearchStrategy[Any]] = {
    ColumnType.TEXT: st.text(max_size=8) | st.sampled_from(["null", "", "NaN", "PO", "Cancelled"]),
    ColumnType.INT: st.integers(-(2**63), 2**63 - 1),
    ColumnType.BOOL: st.booleans(),
    ColumnType.DATE: st.dates().map(str) | st.just("null"),
    ColumnType.TS: st.datetimes().map(lambda moment: f"{moment.isoformat()}Z"),
    ColumnType.MONEY: st.decimals(-(10**12), 10**12, places=4) | st.integers(-(10**9), 10**9),
    ColumnType.PERCENT: st.decimals(-100, 100, places=12),
    ColumnType.RATIO: st.decimals(-100, 100, places=12),
}
_PLACES = {ColumnType.MONEY: 2, ColumnType.PERCENT: 10, ColumnType.RATIO: 10}
_FIXED: dict[ColumnType, Any] = {ColumnType.TEXT: "given", ColumnType.INT: 1, ColumnType.DATE: DAY, ColumnType.TS: NOW}


def fitting(column: Column) -> st.SearchStrategy[Any]:
    """Return what fits a column."""
    return FITTING[column.type]


def mostly_fitting(column: Column) -> st.SearchStrategy[Any]:
    """Return what fits a column, and now and then anything."""
    return st.integers(0, 99).flatmap(lambda draw: ANY_JSON if draw == 50 else FITTING[column.type])


def given_for(table: Table) -> dict[str, Any]:
    """Return values for the columns that no record holds."""
    fixed = {
        column.name: _FIXED[column.type]
        for column in table.values
        if column.required and not column.paths and column.type in _FIXED
    }
    others = {"document": "{}", "is_current": True} if table.name == "order_documents" else {}
    return {**fixed, **others, **LINEAGE, **({"valid_from": NOW} if table.keeps_history else {})}


def planted(
    data: st.DataObject, table: Table, values: Callable[[Column], st.SearchStrategy[Any]], *without: str
) -> dict[str, Any]:
    """Draw a record with the table's own field names, among unknown ones; some columns may be left out."""
    record: dict[str, Any] = data.draw(UNKNOWN)
    for column in table.columns:
        for path in column.paths:
            if column.name not in without and (column.required or data.draw(st.booleans())):
                inner = record
                for name in path[:-1]:
                    inner = inner.setdefault(name, {})
                inner[path[-1]] = data.draw(values(column))
    return record


def decoded(text: str | None) -> Any:
    """Return what a JSON text holds, read by the standard library; every number is a Decimal."""
    return json.loads(text or "{}", parse_float=Decimal, parse_int=Decimal)


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same, digit by digit; 1 is not true, and 1.0 is not 1."""
    return bool(_tagged(one) == _tagged(other))


def _tagged(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _tagged(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_tagged(inner) for inner in value]
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return ("number", str(Decimal(value)))
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def is_kept(column: Column, value: Any, cell: Any) -> bool:
    """Tell whether a cell holds just what was sent: amounts to half a unit of their last place, times to the microsecond."""
    if cell is None:
        return value is None or (column.type in (ColumnType.DATE, ColumnType.TS) and value in ("", "null"))
    if column.type in _PLACES:
        if not _is_number(value):
            return False
        off = abs(Fraction(cell)) - abs(Fraction(value))
        unit = Fraction(1, 10 ** _PLACES[column.type])
        is_rounded = -unit / 2 < off <= unit / 2
        return is_rounded and isinstance(cell, Decimal) and bool(off == 0 or Fraction(value) % unit != 0)
    if column.type is ColumnType.INT:
        return type(cell) is int and _is_number(value) and Fraction(value) == cell
    if column.type is ColumnType.DATE:
        return bool(cell.isoformat() == value)
    if column.type is ColumnType.TS:
        told = datetime.fromisoformat(value)
        return bool(cell == (told if told.tzinfo else told.replace(tzinfo=UTC)))
    names = codes_by_v0_name(column.codes) if column.codes else {}
    return type(cell) is type(value) and cell in (value, names.get(value, value))


def assert_nothing_is_lost(table: Table, record: Mapping[str, Any], row: Row, *elsewhere: str) -> None:
    """Look for every value of a record in its column or at its own place in `extra`, and for nothing else in `extra`.

    Args:
        table: The table of the row.
        record: What was sent.
        row: What became of it.
        elsewhere: Fields of the record that other rows hold.
    """
    columns = {path: (column, cell) for column, cell in zip(table.columns, row, strict=True) for path in column.paths}
    extra = decoded(row[table.column_names.index("extra")])
    known_objects = {path[:depth] for path in columns for depth in range(1, len(path))}
    for path, value in _leaves(record):
        if path[:1] in {(name,) for name in elsewhere}:
            continue
        in_column = path in columns and is_kept(columns[path][0], value, columns[path][1])
        is_nothing = (path in columns and value is None) or (path in known_objects and value in ({}, None))
        assert in_column or is_nothing or same(_at(extra, path), value), path
    for path, value in _leaves(extra):
        assert same(_at(record, path), value), path


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every value of an object that is not an object with something in it, with its path."""
    if isinstance(value, dict) and (value or not path):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name))
    else:
        yield path, value


def _at(tree: Any, path: Path) -> Any:
    """Return what stands at a path, or Ellipsis."""
    for name in path:
        if not isinstance(tree, dict) or name not in tree:
            return ...
        tree = tree[name]
    return tree
