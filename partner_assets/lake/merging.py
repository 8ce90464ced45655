"""Which stored rows a change replaces, and with what: just what came, or what comes of both.

Rows that would be replaced by themselves stay, so that a day that was read again and had no news costs nothing. Not here:
how the file is put together (`next_content.py`) and written (`store.py`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from partner_assets.lake.layout import Slice
from partner_assets.lake.parquet import schema, sorted_rows, to_arrow
from partner_assets.lake.reading import StoredFile
from partner_assets.lake.row_block import RowBlock
from partner_assets.lake.row_pieces import Positions, rows_at
from partner_assets.lake.slicing import positions_by_slice, positions_like, positions_of, rows_by_slice
from partner_assets.tables.record import Row
from partner_assets.tables.table import Table

_NOWHERE: Positions = np.array([], dtype=np.int64)


@dataclass(frozen=True)
class Merge:
    """How the rows to store are made of those stored and those that came.

    Attributes:
        rows: Makes them, for one slice, of those stored (first) and those that came, while the file is locked.
        by: The column, one of the table's key, whose equal values make rows belong together: stored rows to which none
            came are not handed over, and stay. None if all rows of a slice belong together.
    """

    rows: Callable[[Sequence[Row], Sequence[Row]], Sequence[Row]]
    by: str | None = None


@dataclass(frozen=True)
class FileSlices:
    """Slices of one file: what is stored, and what came of them.

    Attributes:
        table: The table.
        old: The file as it is; None if there is none.
        keys: Columns of all its rows, `table.row_order` among them.
        slices: The slices that were read.
        came: Their rows.
    """

    table: Table
    old: StoredFile | None
    keys: pa.Table
    slices: Sequence[Slice]
    came: Sequence[Row]


@dataclass(frozen=True)
class Replacement:
    """What changes in a file.

    Attributes:
        positions: Where the rows that do not stay stand in the file, ascending.
        rows: The rows that come in their place, in the table's order.
    """

    positions: Positions
    rows: pa.Table


def replaced(of: FileSlices) -> Replacement:
    """Put what came in the place of what is stored."""
    positions = positions_of(of.table, of.keys, of.slices)
    rows = sorted_rows(of.table, to_arrow(of.table, of.came))
    if len(positions) == rows.num_rows and (of.old is None or _holds(of.old, positions, rows)):
        return Replacement(_NOWHERE, schema(of.table).empty_table())
    return Replacement(positions, rows)


def merged(
    of: FileSlices, merge: Callable[[Slice, Sequence[Row], Sequence[Row]], Sequence[Row]], *, by: str | None = None
) -> Replacement:
    """Make the rows of each slice of what is stored and what came; a slice of which the same comes out is left alone.

    Args:
        of: The slices.
        merge: Makes the rows of a slice, of those stored (first) and those that came.
        by: See `Merge`.
    """
    table = of.table
    if by is None:
        concerned = positions_of(table, of.keys, of.slices)
    else:
        concerned = positions_like(of.keys, to_arrow(table, of.came).select([*table.slice_by, by]))
    stored = of.old.rows_at(concerned) if of.old else schema(table).empty_table()
    places, came = positions_by_slice(table, stored), _by_slice(table, of.came)
    positions, made = [_NOWHERE], [schema(table).empty_table()]
    for values in dict.fromkeys(of.slices):
        at = places.get(values, _NOWHERE)
        before, new = rows_at(stored, at), came(values)
        after = sorted_rows(table, to_arrow(table, merge(values, RowBlock(before), new)))
        if not after.equals(before):
            positions.append(concerned[at])
            # What came and is stored as it came need not be in memory twice. Sorted one by one, they are put in order
            # without being copied.
            made.append(new.data if isinstance(new, RowBlock) and new.data.equals(after) else after)
    return Replacement(np.sort(np.concatenate(positions)), sorted_rows(table, pa.concat_tables(made)))


def _holds(old: StoredFile, positions: Positions, rows: pa.Table) -> bool:
    """Tell whether these rows stand at these positions."""
    start = 0
    for piece in old.pieces_at(positions):
        if not piece.equals(rows.slice(start, piece.num_rows)):
            return False
        start += piece.num_rows
    return True


def _by_slice(table: Table, rows: Sequence[Row]) -> Callable[[Slice], Sequence[Row]]:
    if not isinstance(rows, RowBlock):
        lists = rows_by_slice(table, rows)
        return lambda values: lists.get(values, ())
    data, positions = rows.data, positions_by_slice(table, rows.data)
    return lambda values: RowBlock(rows_at(data, positions[values], is_held=True)) if values in positions else ()
