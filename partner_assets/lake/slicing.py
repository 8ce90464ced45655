"""The rows of an Arrow table by slice: those of some slices, of each, and which there are. Files are `store.py`'s."""

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa

from partner_assets.lake import parquet
from partner_assets.lake.layout import Slice
from partner_assets.lake.row_block import RowBlock
from partner_assets.lake.row_pieces import Positions, rows_at
from partner_assets.tables.record import Row
from partner_assets.tables.table import Table


def rows_by_slice(table: Table, rows: Iterable[Row]) -> dict[Slice, list[Row]]:
    """Return the rows of each slice, as values of Python."""
    indices = [table.column_names.index(name) for name in table.slice_by]
    slices: dict[Slice, list[Row]] = {}
    for row in rows:
        slices.setdefault(tuple(row[index] for index in indices), []).append(row)
    return slices


def split(table: Table, rows: Sequence[Row], groups: Iterable[Sequence[Slice]]) -> list[Sequence[Row]]:
    """Return the rows of each group of slices: of a block a block each, of rows the rows themselves."""
    if isinstance(rows, RowBlock):
        return [RowBlock(only(table, rows.data, slices)) for slices in groups]
    by_slice = rows_by_slice(table, rows)
    return [[row for values in dict.fromkeys(slices) for row in by_slice.get(values, ())] for slices in groups]


def slices_in(table: Table, data: pa.Table) -> set[Slice]:
    """Return the slices of which there are rows."""
    if not table.slice_by:
        return {()} if data.num_rows else set()
    found = data.group_by(list(table.slice_by)).aggregate([]).select(list(table.slice_by))
    return set(parquet.to_rows(found))


def _slice_table(table: Table, slices: Sequence[Slice]) -> pa.Table:
    wanted = parquet.schema(table)
    fields = [wanted.field(name) for name in table.slice_by]
    columns = zip(*slices, strict=True)
    arrays = [pa.array(values, type=field.type) for values, field in zip(columns, fields, strict=True)]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def positions_of(table: Table, keys: pa.Table, slices: Sequence[Slice]) -> Positions:
    """Return the positions of the rows that are in one of the slices, ascending; `keys` has the columns `slice_by`."""
    return positions_like(keys, _slice_table(table, slices)) if table.slice_by else np.arange(keys.num_rows)


def positions_like(keys: pa.Table, wanted: pa.Table) -> Positions:
    """Return the positions of the rows that equal, in the columns of `wanted`, one of its rows; ascending."""
    numbered = keys.select(wanted.column_names).append_column("row", pa.array(np.arange(keys.num_rows)))
    rows = numbered.join(wanted, keys=wanted.column_names, join_type="left semi")
    return np.sort(rows.column("row").to_numpy())


def only(table: Table, data: pa.Table, slices: Sequence[Slice]) -> pa.Table:
    """Return the rows that are in one of the slices."""
    return rows_at(data, positions_of(table, data, slices)) if table.slice_by else data


def positions_by_slice(table: Table, keys: pa.Table) -> dict[Slice, Positions]:
    """Return the positions of the rows of each slice, ascending; `keys` has the columns `slice_by`."""
    if not table.slice_by:
        return {(): np.arange(keys.num_rows)}
    numbered = keys.select(table.slice_by).append_column("row", pa.array(np.arange(keys.num_rows)))
    groups = numbered.group_by(list(table.slice_by)).aggregate([("row", "list")])
    names = parquet.to_rows(groups.select(list(table.slice_by)))
    found = (np.sort(rows.values.to_numpy()) for rows in groups.column("row_list"))
    return dict(zip(names, found, strict=True))
