"""Snapshots of a slice to versions of its rows: when each was first seen, and until when it held. Pure.

A version is `[valid_from, valid_to)`. A row that equals its current version writes nothing; one that changed closes the
version and opens the next; one that vanished is closed and stays. Not here: files (`store.py`).
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from partner_assets.lake.errors import LateSnapshot
from partner_assets.tables.record import Row
from partner_assets.tables.table import Table
from partner_assets.tables.unread import NOTHING_UNREAD, Unread


def merge(
    table: Table,
    versions: Iterable[Row],
    snapshot: Iterable[Row],
    as_of: datetime,
    *,
    unread: Unread = NOTHING_UNREAD,
) -> list[Row]:
    """Bring the versions of a slice's rows up to a snapshot.

    Args:
        table: The table; it keeps history.
        versions: All versions kept so far, in the order of the table's columns.
        snapshot: What the API gives now, one row per key.
        as_of: The time of the snapshot; not before that of an earlier one.
        unread: What the API gives now as well and cannot be read: what is kept of it stays, unless the snapshot has it too.

    Raises:
        LateSnapshot: If a later read of the slice is stored already.

    Returns:
        All versions, closed ones included: as of `as_of`, exactly the snapshot, and what is unread as it was last read; as
        of any earlier time, what it was.
    """
    names = table.column_names
    start, end = names.index("valid_from"), names.index("valid_to")
    key = _part(names, table.key)
    value = _part(names, [column.name for column in table.values] + ["extra"])
    merged: list[Row] = []
    current: dict[Row, Row] = {}
    for version in versions:
        if max(version[start], version[end] or version[start]) > as_of:
            raise LateSnapshot(
                f"A later read of {table.name} is stored already than that of {as_of:%Y-%m-%dT%H:%M:%SZ}, which is not "
                "written. If the clock of this machine was set back, wait until it has passed that time."
            )
        if version[end] is None:
            current[key(version)] = version
        else:
            merged.append(version)
    for row in snapshot:
        old = current.pop(key(row), None)
        if old is not None and value(old) == value(row):
            merged.append(old)
            continue
        if old is not None and old[start] < as_of:
            merged.append(_with(old, end, as_of))
        merged.append(_with(_with(row, start, as_of), end, None))
    is_unread = unread.matcher(names)
    # A version that began at this very instant never held: it leaves no trace.
    for gone in current.values():
        if is_unread(gone):
            merged.append(gone)
        elif gone[start] < as_of:
            merged.append(_with(gone, end, as_of))
    return merged


def _part(names: Sequence[str], wanted: Iterable[str]) -> Callable[[Row], Row]:
    indices = [names.index(name) for name in wanted]
    return lambda row: tuple(row[index] for index in indices)


def _with(row: Row, index: int, value: datetime | None) -> Row:
    return (*row[:index], value, *row[index + 1 :])
