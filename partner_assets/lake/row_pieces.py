"""Rows of an Arrow table by their positions, without copying what lies together: a day among the others of its month."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Positions = npt.NDArray[np.int64]
"""Where rows stand in a table, or values in their column."""

_PIECE_ROWS = 50
"""Rows that a piece must have, on average, for a table to be put together of pieces."""


def rows_at(data: pa.Table, positions: Positions, *, is_held: bool = False) -> pa.Table:
    """Return the rows at some positions, in their order; by reference if they are most of the table, in long pieces.

    Few rows are copied, since a reference to them would keep all of the table in memory.

    Args:
        data: The table.
        positions: Where the rows stand, counted from 0; none twice.
        is_held: Whether the table is kept in memory anyway, for as long as these rows are wanted.
    """
    starts = np.flatnonzero(np.diff(positions, prepend=-2) != 1)
    if len(starts) * _PIECE_ROWS > len(positions) or not len(positions):
        return data.take(pa.array(positions)).combine_chunks()
    ends = [*starts[1:], len(positions)]
    pieces = pa.concat_tables(
        [data.slice(positions[start], end - start) for start, end in zip(starts, ends, strict=True)]
    )
    # What is taken is copied, and nothing else: `take` puts all chunks of a column together first.
    return pieces if is_held or len(positions) > data.num_rows / 2 else pieces.take(pa.array(np.arange(len(positions))))
