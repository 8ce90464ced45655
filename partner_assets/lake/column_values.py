"""The values of a column, all at once, as an Arrow array: exactly, or with word of those that need a closer look.

Numbers come as floats. One is rounded as it is only where the digits that a float cannot hold cannot matter; for any other
its exact decimal is asked for. So each becomes what `tables/values.py` makes of its decimal text. Not here: where the values
come from (`tables/typed.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from partner_assets.lake import parquet
from partner_assets.lake.row_pieces import Positions
from partner_assets.tables.table import Column, ColumnType
from partner_assets.tables.values import Convert, Unfit

_LARGEST_INT = 2**63 - 1

_SCALES: Mapping[ColumnType, int] = {ColumnType.MONEY: 2, ColumnType.PERCENT: 10, ColumnType.RATIO: 10}

_LARGEST_SCALED = 1e13
"""Up to here, a float times its scale is less than a hundredth of the last place away from the decimal text."""

_ERROR = 2.0**-51
"""How far a float times its scale is away from the decimal text, by the number itself: two errors of half a unit in the 53rd
bit, and as much again. Nearer than that to the middle between two places, only the decimal text can tell which is meant."""


def array_of(
    column: Column, values: Sequence[Any], convert: Convert, exact: Callable[[int], Decimal]
) -> tuple[pa.Array, Positions]:
    """Return the values of a column as an array.

    Args:
        column: The column.
        values: Its values as `tables.typed` decodes them.
        convert: Brings one value to the column's type, or raises `Unfit`.
        exact: Returns the decimal of the number at a position.

    Returns:
        An array of the column's Arrow type, and the positions of what the column cannot hold.
    """
    kind = parquet.arrow_type(column.type)
    if column.type in _SCALES:
        data, bad = _decimals(values, _SCALES[column.type], kind, convert, exact)
    elif column.type is ColumnType.INT:
        data, bad = _whole_numbers(values, kind)
    elif column.type is ColumnType.BOOL or (column.type is ColumnType.TEXT and column.codes is None):
        data, bad = pa.array(values, kind), _NONE
    else:
        data, bad = _converted(values, convert, kind)
    if column.required and data.null_count:
        bad = np.union1d(bad, np.flatnonzero(data.is_null().to_numpy(zero_copy_only=False)))
    return data, bad


_NONE: Positions = np.array([], dtype=np.int64)


def _decimals(
    values: Sequence[float | None], places: int, kind: pa.DataType, convert: Convert, exact: Callable[[int], Decimal]
) -> tuple[pa.Array, Positions]:
    numbers = np.array(values, dtype=np.float64)  # None becomes NaN, which JSON does not have
    is_known = ~np.isnan(numbers)
    scaled = np.where(is_known, numbers, 0.0) * 10.0**places
    is_small = np.abs(scaled) <= _LARGEST_SCALED
    scaled = np.where(is_small, scaled, 0.0)
    units = np.rint(scaled).astype(np.int64)
    bad = []
    size = np.abs(scaled)
    for position in np.flatnonzero(~is_small | (np.abs(size % 1.0 - 0.5) <= size * _ERROR)).tolist():
        try:
            units[position] = int(convert(exact(position)).scaleb(places))
        except (Unfit, OverflowError):
            # Not lost: see `_converted`. A percentage may have twenty digits, which no 64 bits hold.
            bad.append(position)
    # A decimal128 is a whole number of 128 bits, the lower half first.
    halves = np.empty((len(units), 2), dtype=np.int64)
    halves[:, 0], halves[:, 1] = units, units >> 63
    valid = None if is_known.all() else pa.py_buffer(np.packbits(is_known, bitorder="little").tobytes())
    array = pa.Array.from_buffers(kind, len(units), [valid, pa.py_buffer(halves.tobytes())])
    return array, np.array(bad, dtype=np.int64)


def _whole_numbers(values: Sequence[int | None], kind: pa.DataType) -> tuple[pa.Array, Positions]:
    try:
        return pa.array(values, kind), _NONE
    except (pa.ArrowInvalid, OverflowError):
        # More than 64 bits: the record is rejected with a reason, which is not this module's to find.
        fits = [value is None or -_LARGEST_INT - 1 <= value <= _LARGEST_INT for value in values]
        kept = [value if fit else None for value, fit in zip(values, fits, strict=True)]
        return pa.array(kept, kind), np.flatnonzero(~np.array(fits))


def _converted(values: Sequence[Any], convert: Convert, kind: pa.DataType) -> tuple[pa.Array, Positions]:
    """Convert each distinct value once: days and codes repeat thousands of times."""
    encoded = pa.array(values, pa.string()).dictionary_encode()
    found, unfit = [], []
    for position, value in enumerate(encoded.dictionary.to_pylist()):
        try:
            found.append(convert(value))
        except Unfit:
            # Not lost: its record is read again, value by value, and rejected with this reason.
            found.append(None)
            unfit.append(position)
    data = pa.array(found, kind).take(encoded.indices)
    if not unfit:
        return data, _NONE
    return data, np.flatnonzero(np.isin(encoded.indices.fill_null(-1).to_numpy(), unfit))
