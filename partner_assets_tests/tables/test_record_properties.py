"""What holds for every JSON object that the API could ever send. Examples are in `test_record.py`."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partner_assets.tables.dictionary import TABLES
from partner_assets.tables.record import CannotBecomeRow, RecordReader, Row
from partner_assets.tables.table import Column, ColumnType, Table
from partner_assets.tables.values import converter, from_json
from partner_assets_tests.tables.samples import DAY, LINEAGE, NOW

FIXED: dict[ColumnType, Any] = {ColumnType.TEXT: "given", ColumnType.INT: 1, ColumnType.DATE: DAY, ColumnType.TS: NOW}
TEXTS = st.text(max_size=12) | st.sampled_from(["null", "", "2026-03-01", "2026-03-01T10:00:00Z", "Cancelled", "PO"])
NUMBERS = st.integers(-(10**30), 10**30) | st.decimals(allow_nan=False, allow_infinity=False)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
FITTING: dict[ColumnType, st.SearchStrategy[Any]] = {
    ColumnType.TEXT: TEXTS,
    ColumnType.INT: st.integers(-(2**63), 2**63 - 1),
    ColumnType.BOOL: st.booleans(),
    ColumnType.DATE: st.dates().map(str) | st.just("null"),
    ColumnType.TS: st.datetimes().map(lambda moment: f"{moment.isoformat()}Z"),
    ColumnType.MONEY: st.decimals(-(10**12), 10**12, places=4) | st.integers(-(10**9), 10**9),
    ColumnType.PERCENT: st.decimals(-100, 100, places=12),
    ColumnType.RATIO: st.decimals(-100, 100, places=12),
}
read_tables = pytest.mark.parametrize("table", [t for t in TABLES if any(c.paths for c in t.columns)], ids=repr)


def given_for(table: Table) -> dict[str, Any]:
    """Return values for the columns that no record holds."""
    fixed = {
        column.name: FIXED[column.type]
        for column in table.values
        if column.required and not column.paths and column.type in FIXED
    }
    others = {"document": "{}", "is_current": True} if table.name == "order_documents" else {}
    return {**fixed, **others, **LINEAGE, **({"valid_from": NOW} if table.keeps_history else {})}


def planted(data: st.DataObject, table: Table, values: Any) -> dict[str, Any]:
    """Draw a record with the table's own field names, among unknown ones."""
    record: dict[str, Any] = data.draw(st.dictionaries(TEXTS.map(lambda name: f"x{name}"), ANY_JSON, max_size=3))
    for column in table.columns:
        for path in column.paths:
            if column.required or data.draw(st.booleans()):
                inner = record
                for name in path[:-1]:
                    inner = inner.setdefault(name, {})
                inner[path[-1]] = data.draw(values(column))
    return record


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every value of an object that is not an object with something in it, with its path."""
    if isinstance(value, dict) and (value or not path):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    else:
        yield path, value


def at(tree: Any, path: tuple[str, ...]) -> Any:
    """Return what stands at a path, or Ellipsis."""
    for name in path:
        if not isinstance(tree, dict) or name not in tree:
            return ...
        tree = tree[name]
    return tree


def assert_nothing_is_lost(table: Table, record: Mapping[str, Any], row: Row) -> None:
    """Look for every leaf of the record in its column or at its own place in `extra`, and for nothing else in `extra`."""
    columns: dict[tuple[str, ...], tuple[Column, Any]] = {
        path: (column, value) for column, value in zip(table.columns, row, strict=True) for path in column.paths
    }
    extra = from_json(row[table.column_names.index("extra")] or "{}")
    for path, value in leaves(record):
        if path in columns:
            column, kept = columns[path]
            is_kept = value is None or kept == converter(column.type)(value)
            assert is_kept or at(extra, path) == value, path
        else:
            known_objects = {known[: len(path)] for known in columns}
            assert at(extra, path) == value or (path in known_objects and value in ({}, None)), path
    for path, value in leaves(extra):
        assert at(record, path) == value, path


@read_tables
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_object_becomes_a_row_or_is_refused(table: Table, data: st.DataObject) -> None:
    """Guards against one odd record that ends a run of a million good ones."""
    record = data.draw(ANY_JSON) if data.draw(st.booleans()) else planted(data, table, lambda _: ANY_JSON)
    api_version = data.draw(st.sampled_from(["v0", "v1"]))
    try:
        row = RecordReader(table, api_version).read(record, given_for(table))
    except CannotBecomeRow as refused:
        assert str(refused)
    else:
        assert len(row) == len(table.columns)
        assert all(value is not None for value, column in zip(row, table.columns, strict=True) if column.required)


@read_tables
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_everything_that_a_record_holds_is_in_a_column_or_in_extra(table: Table, data: st.DataObject) -> None:
    """Guards against any loss: of unknown fields, of second spellings, of what stands beside a known field."""
    record = planted(data, table, lambda column: FITTING[column.type])
    try:
        row = RecordReader(table).read(record, given_for(table))
    except CannotBecomeRow as refused:
        assert "the record has no" in str(refused), refused
        return
    assert_nothing_is_lost(table, record, row)


@given(st.dictionaries(TEXTS.map(lambda name: f"x{name}"), ANY_JSON, min_size=1, max_size=4))
@settings(deadline=None)
def test_extra_is_exactly_the_unknown_fields(unknown: dict[str, Any]) -> None:
    """Guards against extra that is changed on its way, or that differs because names came in another order."""
    table = next(table for table in TABLES if table.name == "accreditations")
    record = {"id": "PRTF1", "name": "Design", "accreditationType": "R", **unknown}
    row = RecordReader(table).read(record, given_for(table))
    extra = from_json(row[table.column_names.index("extra")])
    assert extra == unknown
    backwards = {"accreditationType": "R", "name": "Design", "id": "PRTF1", **dict(reversed(unknown.items()))}
    assert RecordReader(table).read(backwards, given_for(table)) == row


def test_the_checker_sees_a_loss() -> None:
    """Guards against a property that would hold whatever the reader did."""
    table = next(table for table in TABLES if table.name == "accreditations")
    record = {"id": "PRTF1", "name": "Design", "accreditationType": "R", "colour": Decimal("1.0")}
    row = list(RecordReader(table).read(record, given_for(table)))
    row[table.column_names.index("extra")] = None
    with pytest.raises(AssertionError):
        assert_nothing_is_lost(table, record, tuple(row))
