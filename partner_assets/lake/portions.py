"""Many slices of a table to be read one after the other, a portion of them at a time: a month is not to be in memory for a day.

Not here: what is made of a slice (`materialization/`).
"""

from collections.abc import Sequence
from itertools import accumulate

import pyarrow as pa

from partner_assets.lake.layout import Slice
from partner_assets.lake.row_pieces import Positions, rows_at
from partner_assets.lake.slicing import positions_by_slice
from partner_assets.lake.store import Lake
from partner_assets.tables.table import Table

_PORTION_ROWS = 2_500
"""Rows that a portion may have, if a slice alone does not have more: about a row group of documents."""


class Portions:
    """The rows of some slices, to be asked for in their order.

    Nobody may write the table meanwhile (`Lake.holding`): what was counted is what will be read.

    Args:
        lake: The lake.
        table: The table.
        slices: The slices.
        columns: The columns wanted; those in `table.slice_by` are among them.
    """

    def __init__(self, lake: Lake, table: Table, slices: Sequence[Slice], columns: Sequence[str]) -> None:
        self._lake = lake
        self._table = table
        self._columns = columns
        found = positions_by_slice(table, lake.read(table, slices, columns=table.slice_by))
        self._counts = {values: len(rows) for values, rows in found.items()}
        self._order = [values for values in slices if values in self._counts]
        self._portion, self._places = self._read([])

    def rows(self, values: Slice) -> pa.Table:
        """Return the rows of a slice, and read those that follow with them if they have not been read."""
        if values not in self._counts:
            return self._portion.slice(0, 0)
        if values not in self._places:
            self._portion, self._places = self._read(self._from(values))
        return rows_at(self._portion, self._places[values])

    def _read(self, slices: Sequence[Slice]) -> tuple[pa.Table, dict[Slice, Positions]]:
        data = self._lake.read(self._table, slices, columns=self._columns)
        return data, positions_by_slice(self._table, data)

    def _from(self, first: Slice) -> list[Slice]:
        """Return the slices to read with one that is wanted now."""
        following = self._order[self._order.index(first) :]
        counts = accumulate(self._counts[values] for values in following)
        return [
            values for values, count in zip(following, counts, strict=True) if values == first or count <= _PORTION_ROWS
        ]
