"""One record of the API to one row of a table: every declared column found, everything else kept in `extra`.

A record that cannot become a row raises `CannotBecomeRow`; it is never dropped and never changed. Not here: how a single
value is converted (`values.py`), and how an order's document falls into three tables (`order_rows.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from partner_assets.tables.codes import codes_by_v0_name
from partner_assets.tables.table import Column, ColumnType, Table
from partner_assets.tables.values import Convert, Unfit, converter, json_text, sorted_json_text

Record = Mapping[str, Any]
"""A JSON object as decoded: numbers are int or Decimal, so that no digit is lost."""

Row = tuple[Any, ...]
"""The values of all columns of a table, in the table's order."""


KnownKey = Mapping[str, Any]
"""The columns of a table's key that a record tells, and those that it was asked for by, by name."""


class CannotBecomeRow(ValueError):
    """A record that its table cannot hold. The message says which column and why, for the table `rejected`."""


@dataclass(frozen=True)
class Rejected:
    """A record on its way to the table `rejected`.

    Attributes:
        table_name: The table that it was meant for.
        slice: The partition that was being materialised.
        reason: Why it could not become a row.
        record: The record as JSON.
        lineage: `fetched_at`, `run_id` and `legal_entity` of the answer that held it.
    """

    table_name: str
    slice: str
    reason: str
    record: str
    lineage: Mapping[str, Any]


@dataclass(frozen=True)
class _Leaf:
    """What becomes of a field: the column's index, and the names beside it that are better spellings of the same field."""

    index: int
    better: tuple[str, ...]
    convert: Convert


@dataclass
class Rows:
    """The rows of one slice of a table, and what the API sent for it that could not become one.

    Attributes:
        rows: The rows; those of orders are columns underneath (`lake/row_block.py`).
        rejected: The records that could not become rows.
        facts: What else is worth counting about how the slice was read, by name.
        as_of: When the reading of it began, if that was before its turn.
        unread: What the records that could not be read tell of their keys: their rows have not vanished.
    """

    rows: Sequence[Row] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    facts: dict[str, int] = field(default_factory=dict)
    as_of: datetime | None = None
    unread: list[KnownKey] = field(default_factory=list)


_Tree = dict[str, Any]


class RecordReader:
    """Reads the records of one table, as one version of the API sends them.

    Args:
        table: The table to make rows of.
        api_version: ``"v1"``, or ``"v0"`` to bring documented names to their codes.
    """

    def __init__(self, table: Table, api_version: str = "v1") -> None:
        self.table = table
        self._names = table.column_names
        self._indices = {name: index for index, name in enumerate(self._names)}
        self._required = tuple(
            (self._indices[column.name], column)
            for column in table.columns
            if column.required or column.name == "extra"
        )
        self._tree: _Tree = {}
        self._converters = {column.name: column_converter(column, api_version) for column in table.columns}
        for column in table.columns:
            for rank, path in enumerate(column.paths):
                better = tuple(other[-1] for other in column.paths[:rank])
                self._plant(path, _Leaf(self._indices[column.name], better, self._converters[column.name]))
        self._children = frozenset(table.children)

    def _plant(self, path: tuple[str, ...], leaf: _Leaf) -> None:
        tree = self._tree
        for name in path[:-1]:
            tree = tree.setdefault(name, {})
        tree[path[-1]] = leaf

    def read(self, record: Any, given: Mapping[str, Any]) -> Row:
        """Make a row of a record.

        Args:
            record: What the API sent for the row.
            given: Values of the columns that the record does not hold (lineage, what was asked for), already of the
                column's type. `extra` may be given as a dict: what is found beyond the columns is added to it.

        Returns:
            The row, in the order of the table's columns.

        Raises:
            CannotBecomeRow: If the record is no object, a value does not fit its column, or a required one is missing.
        """
        if not isinstance(record, dict):
            raise CannotBecomeRow(f"expected an object, got {json_text(record)[:60]}")
        row: list[Any] = [None] * len(self._names)
        extra: dict[str, Any] = {}
        self._read_object(record, self._tree, row, extra, self._children)
        for name, value in given.items():
            if name == "extra":
                extra = {**value, **extra}
            else:
                row[self._indices[name]] = value
        for index, column in self._required:
            if column.name == "extra":
                row[index] = sorted_json_text(extra) if extra else None
            elif row[index] is None:
                where = " or ".join(".".join(path) for path in column.paths) or column.name
                raise CannotBecomeRow(f"{column.name}: the record has no {where}")
        return tuple(row)

    def known_key(self, record: Any, given: Mapping[str, Any]) -> KnownKey | None:
        """Return what a record that cannot become a row tells of its key all the same.

        Args:
            record: What the API sent.
            given: As for `read`.

        Returns:
            At least one column that the record itself holds; None if it holds none, since it may then be anybody's.
        """
        own: dict[str, Any] = {}
        for name in self.table.key:
            for path in self.table.column(name).paths:
                value = _value_at(record, path)
                if value is None or name in own:
                    continue
                try:
                    own[name] = self._converters[name](value)
                except Unfit:
                    continue  # one of the reasons for which the record is rejected
        return {name: value for name, value in {**given, **own}.items() if name in self.table.key} if own else None

    def _read_object(
        self,
        record: Record,
        tree: _Tree,
        row: list[Any],
        extra: dict[str, Any],
        children: frozenset[str] = frozenset(),
    ) -> None:
        for name, value in record.items():
            branch = tree.get(name)
            if branch is None:
                if name not in children:
                    extra[name] = value
            elif value is None:
                continue
            elif isinstance(branch, _Leaf):
                # An old spelling beside the new one: kept, but not as the column's value.
                if branch.better and any(record.get(other) is not None for other in branch.better):
                    extra[name] = value
                else:
                    self._read_value(value, branch, row)
            elif isinstance(value, dict):
                inner: dict[str, Any] = {}
                self._read_object(value, branch, row, inner)
                if inner:
                    extra[name] = inner
            else:
                raise CannotBecomeRow(f"{name}: expected an object, got {json_text(value)[:60]}")

    def _read_value(self, value: Any, leaf: _Leaf, row: list[Any]) -> None:
        try:
            row[leaf.index] = leaf.convert(value)
        except Unfit as unfit:
            raise CannotBecomeRow(f"{self._names[leaf.index]}: {unfit}") from None


def _value_at(record: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        record = record.get(name) if isinstance(record, dict) else None
    return record


def column_converter(column: Column, api_version: str) -> Convert:
    """Return what brings a value to a column: documented names of v0 become codes."""
    convert = converter(column.type)
    if api_version == "v1" or column.codes is None or column.type is not ColumnType.TEXT:
        return convert
    codes = codes_by_v0_name(column.codes)

    def to_code(value: Any) -> Any:
        name = convert(value)
        return codes.get(name, name)

    return to_code


LINEAGE_NAMES = ("fetched_at", "run_id", "legal_entity")


def rejection(table: Table, slice_name: str, reason: str, record: Any, given: Mapping[str, Any]) -> Rejected:
    """Describe a record that could not become a row; `given` holds the lineage."""
    lineage = {name: given[name] for name in LINEAGE_NAMES}
    return Rejected(table.name, slice_name, reason, json_text(record), lineage)


def read_all(reader: RecordReader, records: Iterable[tuple[Any, Mapping[str, Any]]], slice_name: str) -> Rows:
    """Make rows of all records of one slice.

    Two records with the same key that differ would break the table: the first becomes a row, the other is rejected. What
    others that are rejected tell of their keys is `unread`.

    Args:
        reader: The reader of the table.
        records: Each record with the values that it does not hold itself, the lineage among them.
        slice_name: The slice, for the table `rejected`.
    """
    key_of = [reader.table.column_names.index(name) for name in reader.table.row_key]
    seen: dict[Row, Row] = {}
    rows: list[Row] = []
    result = Rows(rows)
    for record, given in records:
        try:
            row = reader.read(record, given)
        except CannotBecomeRow as error:
            result.rejected.append(rejection(reader.table, slice_name, str(error), record, given))
            if (known := reader.known_key(record, given)) is not None:
                result.unread.append(known)
            continue
        key = tuple(row[index] for index in key_of)
        if key not in seen:
            seen[key] = row
            rows.append(row)
        elif seen[key] != row:
            shown = ", ".join(str(part) for part in key)
            reason = f"the key ({shown}) came twice in one answer, with different values"
            result.rejected.append(rejection(reader.table, slice_name, reason, record, given))
    return result


def rejected_rows(table: Table, rejected: Iterable[Rejected]) -> list[Row]:
    """Number rejected records per table and slice, and make rows of them.

    Args:
        table: The table `rejected`; passed in, since it is declared with the others.
        rejected: The records, in the order in which they came.
    """
    reader = RecordReader(table)
    positions: dict[tuple[str, str], int] = {}
    rows = []
    for one in rejected:
        place = (one.table_name, one.slice)
        positions[place] = positions.get(place, 0) + 1
        given = {
            "table_name": one.table_name,
            "slice": one.slice,
            "position": positions[place],
            "reason": one.reason,
            "record": one.record,
            **one.lineage,
        }
        rows.append(reader.read({}, given))
    return rows
