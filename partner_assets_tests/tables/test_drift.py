"""Every kind of drift on every column of every table: a field of another type, gone, renamed, nested, or a list.

The outcome is always one of three: a row with the exact value, a row with the value in `extra`, or the whole record
rejected with a reason. Not here: what nobody thought of (`test_record_properties.py`), and how the operator is told.
"""

from decimal import Decimal
from typing import Any

import pytest

from partner_assets.tables.dictionary import TABLES
from partner_assets.tables.record import CannotBecomeRow, RecordReader, rejection
from partner_assets.tables.table import Column, ColumnType, Table
from partner_assets_tests.tables.any_json import decoded, given_for, is_kept, same
from partner_assets_tests.tables.samples import LINEAGE, named

Record = dict[str, Any]
read_tables = pytest.mark.parametrize("table", [t for t in TABLES if any(c.paths for c in t.columns)], ids=repr)

KINDS: dict[str, Any] = {
    "a text": "soon",
    "a number as text": "12.50",
    "a whole number as text": "12",
    "a date": "2026-03-01",
    "a time": "2026-03-01T10:00:00Z",
    "a whole number": 12,
    "a number with a fraction": Decimal("12.5"),
    "a truth value": True,
    "an object": {"value": 12},
    "a list": [12],
}
TEXTS = {"a text", "a number as text", "a whole number as text", "a date", "a time"}
NUMBERS = {"a whole number", "a number with a fraction"}
FITTING: dict[ColumnType, set[str]] = {
    ColumnType.TEXT: TEXTS,
    ColumnType.INT: {"a whole number"},
    ColumnType.BOOL: {"a truth value"},
    ColumnType.DATE: {"a date"},
    ColumnType.TS: {"a time"},
    ColumnType.MONEY: NUMBERS,
    ColumnType.PERCENT: NUMBERS,
    ColumnType.RATIO: NUMBERS,
}
USUAL = {kind: KINDS[sorted(fitting)[0]] for kind, fitting in FITTING.items()}


def paths_of(table: Table) -> list[tuple[Column, tuple[str, ...]]]:
    """Return every column that the API feeds, with each of its spellings."""
    return [(column, path) for column in table.columns for path in column.paths]


def put(record: Record, path: tuple[str, ...], value: Any) -> None:
    """Put a value at a path."""
    for name in path[:-1]:
        record = record.setdefault(name, {})
    record[path[-1]] = value


def least(table: Table, *without: Column) -> Record:
    """Return a record with nothing but what is required, and not even all of that."""
    record: Record = {}
    for column in table.columns:
        if column.required and column.paths and column not in without:
            put(record, column.paths[0], USUAL[column.type])
    return record


def read(table: Table, record: Record) -> Record:
    """Return the row of a record, by column name."""
    return named(table, RecordReader(table).read(record, given_for(table)))


def assert_rejected_whole(table: Table, record: Record, reason: str) -> None:
    """Make sure that a record cannot become a row, why, and that all of it is kept."""
    with pytest.raises(CannotBecomeRow) as refused:
        read(table, record)
    assert str(refused.value).startswith(reason)
    assert same(decoded(rejection(table, "a slice", str(refused.value), record, LINEAGE).record), record)


@read_tables
@pytest.mark.parametrize("kind", KINDS)
def test_a_field_of_another_type_is_exact_or_rejects_its_record(table: Table, kind: str) -> None:
    """Guards against a value bent to fit its column, or dropped because it does not."""
    for column, path in paths_of(table):
        record = least(table, column)
        put(record, path, KINDS[kind])
        if kind in FITTING[column.type]:
            row = read(table, record)
            assert is_kept(column, KINDS[kind], row[column.name]), column.name
            assert row["extra"] is None
        else:
            assert_rejected_whole(table, record, f"{column.name}: expected ")


@read_tables
@pytest.mark.parametrize("is_null", [False, True])
def test_a_field_that_vanished_is_null_or_rejects_its_record(table: Table, is_null: bool) -> None:
    """Guards against a required column that is filled with something, and an optional one that costs the record."""
    for column, path in paths_of(table):
        record = least(table, column)
        if is_null:
            put(record, path, None)
        if column.required:
            assert_rejected_whole(table, record, f"{column.name}: the record has no ")
        else:
            row = read(table, record)
            assert (row[column.name], row["extra"]) == (None, None)


@read_tables
def test_a_field_under_a_new_name_is_in_extra_beside_its_old_place(table: Table) -> None:
    """Guards against a renamed field that is lost, which for a required one costs its record."""
    for column, path in paths_of(table):
        record = least(table, column)
        put(record, (*path[:-1], f"{path[-1]}V2"), KINDS["a number with a fraction"])
        if column.required:
            assert_rejected_whole(table, record, f"{column.name}: the record has no ")
            continue
        row = read(table, record)
        expected: Record = {}
        put(expected, (*path[:-1], f"{path[-1]}V2"), KINDS["a number with a fraction"])
        assert row[column.name] is None
        assert same(decoded(row["extra"]), expected)


@read_tables
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "an object"])
def test_an_object_that_became_something_else_rejects_its_record(table: Table, kind: str) -> None:
    """Guards against an object turned into a list, or into its id alone, whose fields all become null."""
    for _, path in paths_of(table):
        for depth in range(1, len(path)):
            record = least(table)
            put(record, path[:depth], KINDS[kind])
            assert_rejected_whole(table, record, f"{path[depth - 1]}: expected an object, got ")


@read_tables
def test_an_object_that_lost_its_fields_is_nulls_and_what_it_has_instead(table: Table) -> None:
    """Guards against fields of an object that nobody knows being lost with those that are gone."""
    objects = {path[:-1] for column, path in paths_of(table) if len(path) > 1}
    for place in objects:
        inside = {column.name for column, path in paths_of(table) if path[:-1] == place}
        record = least(table)
        put(record, place, {"other": 1})
        if any(table.column(name).required for name in inside):
            assert_rejected_whole(table, record, "")
            continue
        row = read(table, record)
        assert {row[name] for name in inside} == {None}
        assert row["extra"] == '{"' + '":{"'.join(place) + '":{"other":1}' + "}" * len(place)
