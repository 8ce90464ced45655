"""What a file is to hold next: the rows of it that stay, and new ones among them, in order, a piece at a time.

What stays is read while it is written, so that a month of documents need not be in memory because one of them changed.
Not here: which rows stay (`merging.py`), and how they are written (`parquet.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from partner_assets.lake.merging import Replacement
from partner_assets.lake.parquet import check_complete, check_key, row_order, sorted_rows
from partner_assets.lake.reading import StoredFile
from partner_assets.lake.row_pieces import Positions, rows_at
from partner_assets.tables.table import Table


@dataclass(frozen=True)
class NextContent:
    """The rows of a file to be, as an iterable of pieces that can be gone through more than once.

    Attributes:
        table: The table.
        old: The file as it is; None if there is none.
        staying: The positions in it of the rows that stay, ascending.
        new: The other rows, in order.
        keys: Of all rows, those that stay first, the columns that were given of the old ones.
        is_new: For each row of the file to be, in order, whether it is the next new one or the next of those that stay.
        is_same: True if the file holds exactly these rows already, in this order.
    """

    table: Table
    old: StoredFile | None
    staying: Positions
    new: pa.Table
    keys: pa.Table
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


def next_content(table: Table, old: StoredFile | None, keys: pa.Table, change: Replacement) -> NextContent:
    """Put new rows in the place of some that a file holds.

    Args:
        table: The table.
        old: The file as it is; None if there is none.
        keys: Columns of all its rows, `table.row_order` among them.
        change: What is to be replaced.

    Raises:
        DuplicateKey: If two rows would have the same key.
        LakeError: If a required column of a new row holds a null.
    """
    new = change.rows
    check_complete(table, new)
    staying = np.setdiff1d(np.arange(keys.num_rows), change.positions, assume_unique=True)
    is_same = not len(change.positions) and not new.num_rows
    if not _is_ordered(row_order(table, keys)):
        # Written when files had another order: this once, it is sorted in memory.
        rest = [old.rows_at(staying)] if old is not None else []
        new, staying, is_same = sorted_rows(table, pa.concat_tables([new, *rest])), staying[:0], False
    all_keys = pa.concat_tables([rows_at(keys, staying), new.select(keys.column_names)])
    check_key(table, all_keys)
    is_new = row_order(table, all_keys) >= len(staying)
    return NextContent(table, old, staying, new, all_keys, is_new, is_same)


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
