"""A table's records as typed objects, which are decoded several times as fast as dicts. Derived from the declaration.

Only records that are just as declared can be decoded: a field that no column holds, or a value of another kind, is refused
as a whole, and is `record.py`'s to take apart. Not here: what becomes of the values (`lake/column_values.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import Any

import msgspec

from partner_assets.tables.table import Column, ColumnType, Table

_TYPES: Mapping[ColumnType, Any] = {
    ColumnType.TEXT: str | None,
    ColumnType.INT: int | None,
    ColumnType.BOOL: bool | None,
    ColumnType.DATE: str | None,
    ColumnType.TS: str | None,
    # Not exact, but exact enough to tell whether that matters (`lake/column_values.py`).
    ColumnType.MONEY: float | None,
    ColumnType.PERCENT: float | None,
    ColumnType.RATIO: float | None,
}
"""JSON is not among them: `extra` is what the declaration does not know."""

_EXACT_TYPES: Mapping[ColumnType, Any] = {
    kind: Decimal | None if python == float | None else python for kind, python in _TYPES.items()
}
"""For a record that was decoded with floats, since as a decimal a text would do too."""


@dataclass(frozen=True)
class TypedRecord:
    """How the records of a table are decoded, and where their values are then.

    Attributes:
        table: The table.
        type: The type to decode; its attributes are named like the columns, or like the objects that hold columns.
        plain: The columns that stand in the record itself.
        nested: For each object in the record, its columns, and what stands for it where it is missing.
    """

    table: Table
    type: type[msgspec.Struct]
    plain: tuple[Column, ...]
    nested: Mapping[str, tuple[msgspec.Struct, tuple[Column, ...]]]

    def values(self, records: Sequence[msgspec.Struct]) -> Iterator[tuple[Column, list[Any]]]:
        """Yield each column with its value in every record; None where there is none."""
        for column in self.plain:
            yield column, list(map(attrgetter(column.name), records))
        for name, (empty, columns) in self.nested.items():
            found = map(attrgetter(name), records)
            inner = [empty if one is None else one for one in found]
            for column in columns:
                yield column, list(map(attrgetter(column.name), inner))

    def value(self, record: msgspec.Struct, column: Column) -> Any:
        """Return the value of a column in a record that is known to have one."""
        parent = [name for name, (_, columns) in self.nested.items() if column in columns]
        return attrgetter(".".join([*parent, column.name]))(record)


def typed_record(
    table: Table, api_version: str, children: Mapping[str, type[msgspec.Struct]], *, is_exact: bool = False
) -> TypedRecord:
    """Return how the records of a table are decoded.

    Args:
        table: The table; no path of its columns is longer than two names.
        api_version: Whose spelling of a field is expected; the other one is refused.
        children: The types of the elements of each array that other tables keep.
        is_exact: True for decimals in place of floats; only for records that were decoded with floats before.
    """
    types = _EXACT_TYPES if is_exact else _TYPES
    plain: dict[str, Column] = {}
    nested: dict[str, dict[str, Column]] = {}
    for column in table.columns:
        if column.paths:
            *parents, name = column.paths[0 if api_version == "v1" else -1]
            place = nested.setdefault(parents[0], {}) if parents else plain
            place[name] = column
    groups = {name: _struct(name, columns, types, {}) for name, columns in nested.items()}
    arrays = {name: list[element] | None for name, element in children.items()}  # type: ignore[valid-type]
    return TypedRecord(
        table,
        _struct(table.name, plain, types, {**{name: group | None for name, group in groups.items()}, **arrays}),
        tuple(plain.values()),
        {name: (groups[name](), tuple(columns.values())) for name, columns in nested.items()},
    )


def _struct(
    name: str, columns: Mapping[str, Column], types: Mapping[ColumnType, Any], others: Mapping[str, Any]
) -> type[msgspec.Struct]:
    fields = [(column.name, types[column.type], None) for column in columns.values()]
    return msgspec.defstruct(
        name,
        [*fields, *((other, kind, None) for other, kind in others.items())],
        rename={column.name: path for path, column in columns.items()},
        forbid_unknown_fields=True,
        gc=False,
    )
