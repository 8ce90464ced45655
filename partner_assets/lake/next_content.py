"""What a file is to hold next: the rows of it that stay, and new ones among them, in order, a piece at a time.

What stays is read while it is written, so that a month of documents need not be in memory because one of them changed.
Not here: which rows stay (`store.py`), and how they are written (`parquet.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from partner_assets.lake.parquet import check_complete, check_key, row_order, sorted_rows
from partner_assets.lake.reading import StoredFile
from partner_assets.lake.row_pieces import Positions, rows_at
from partner_assets.tables.table import Table

_NONE: Positions = np.array([], dtype=np.int64)


@dataclass(frozen=True)
class NextContent:
    """The rows of a file to be, as an iterable of pieces that can be gone through more than once.

    Attributes:
        table: The table.
        old: The file as it is; None if there is none.
        staying: The positions in it of the rows that stay, ascending.
        new: The other rows, in order.
        is_new: For each row of the file to be, in order, whether it is the next new one or the next of those that stay.
        is_same: True if the file holds exactly these rows already, in this order.
    """

    table: Table
    old: StoredFile | None
    staying: Positions
    new: pa.Table
    is_new: np.typing.NDArray[np.bool_]
    is_same: bool

    @property
    def row_count(self) -> int:
        """The number of rows."""
        return len(self.is_new)

    def __iter__(self) -> Iterator[pa.Table]:
        """Yield the rows; one read from the file may show that it is damaged (`reading.StoredFile`)."""
        stored = _Stream(self.old.pieces_at(self.staying) if self.old is not None else iter(()))
        taken = 0
        for start, end in _runs(self.is_new):
            if self.is_new[start]:
                yield self.new.slice(taken, end - start)
                taken += end - start
                continue
            yield from stored.next_rows(end - start)


def next_content(
    table: Table, old: StoredFile | None, keys: pa.Table, replaced: Positions, new: pa.Table
) -> NextContent:
    """Put new rows in the place of some that a file holds.

    Args:
        table: The table.
        old: The file as it is; None if there is none.
        keys: The columns `table.row_order` of all its rows.
        replaced: The positions of those that do not stay, ascending.
        new: The rows that come in their place.

    Raises:
        DuplicateKey: If two rows would have the same key.
        LakeError: If a required column of a new row holds a null.
    """
    check_complete(table, new)
    staying = np.setdiff1d(np.arange(keys.num_rows), replaced, assume_unique=True)
    if not _is_ordered(row_order(table, keys)):
        # Written when files had another order: this once, it is sorted in memory.
        rest = [old.rows_at(staying)] if old is not None else []
        new, staying, is_same = pa.concat_tables([new, *rest]), _NONE, False
        new = sorted_rows(table, new)
    else:
        new = sorted_rows(table, new)
        is_same = len(replaced) == new.num_rows and (old is None or _holds(old, replaced, new))
    all_keys = pa.concat_tables([rows_at(keys, staying), new.select(keys.column_names)])
    check_key(table, all_keys)
    is_new = row_order(table, all_keys) >= len(staying)
    return NextContent(table, old, staying, new, is_new, is_same)


def _holds(old: StoredFile, positions: Positions, rows: pa.Table) -> bool:
    """Tell whether these rows stand at these positions."""
    start = 0
    for piece in old.pieces_at(positions):
        if not piece.equals(rows.slice(start, piece.num_rows)):
            return False
        start += piece.num_rows
    return True


class _Stream:
    """Tables that come one after the other, to be taken by numbers of rows."""

    def __init__(self, pieces: Iterator[pa.Table]) -> None:
        self._pieces = pieces
        self._left: pa.Table | None = None

    def next_rows(self, count: int) -> Iterator[pa.Table]:
        while count:
            piece = self._left if self._left is not None else next(self._pieces)
            yield piece.slice(0, count)
            self._left = piece.slice(count) if piece.num_rows > count else None
            count -= min(count, piece.num_rows)


def _is_ordered(order: Positions) -> bool:
    return bool((order == np.arange(len(order))).all())


def _runs(flags: np.typing.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield the start and the end of every run of equal values."""
    if len(flags):
        bounds = [0, *(np.flatnonzero(flags[1:] != flags[:-1]) + 1).tolist(), len(flags)]
        yield from pairwise(bounds)
