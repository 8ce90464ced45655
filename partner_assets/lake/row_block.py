"""Rows that are columns: an Arrow table that can be used as a sequence of rows, and is never taken apart to be written."""

from collections.abc import Iterable, Iterator, Sequence
from typing import overload

import pyarrow as pa

from partner_assets.tables.record import Row


class RowBlock(Sequence[Row]):
    """Rows of a table.

    Args:
        data: Its columns, in the table's schema.
    """

    def __init__(self, data: pa.Table) -> None:
        self.data = data

    def __len__(self) -> int:
        return int(self.data.num_rows)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return list(RowBlock(self.data.take(pa.array(range(*index.indices(len(self))), pa.int64()))))
        return next(iter(RowBlock(self.data.slice(range(len(self))[index], 1))))

    def __iter__(self) -> Iterator[Row]:
        return zip(*(column.to_pylist() for column in self.data.columns), strict=True)


def joined(parts: Iterable[Sequence[Row]]) -> Sequence[Row]:
    """Return all rows of some sequences; of blocks alone, a block."""
    # A day without orders is no block, and must not make Python rows of all the others.
    parts = [part for part in parts if len(part)]
    blocks = [part.data for part in parts if isinstance(part, RowBlock)]
    if blocks and len(blocks) == len(parts):
        return RowBlock(pa.concat_tables(blocks))
    return [row for part in parts for row in part]
