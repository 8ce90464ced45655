"""The order of rows in a file, and blocks of rows that stay columns: a month is to be cheap to write. Not here: files."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from partner_assets.lake import parquet
from partner_assets.lake.row_block import RowBlock, joined
from partner_assets.lake.row_pieces import rows_at
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.record import Row
from partner_assets_tests.lake.rows import DAY, order

NUMBERS = st.lists(st.integers(0, 3000), unique=True, max_size=300)
PIECES = st.lists(st.integers(1, 400), max_size=6)


def placed(number: int) -> Row:
    """Return an order whose day has nothing to do with its number."""
    return order(number, DAY + timedelta(days=number % 7))


def in_place(rows: Sequence[Row]) -> bool:
    """Tell whether rows stand in the order of days and ids, as Python compares them."""
    places = [(row[0], row[1]) for row in rows]
    return places == sorted(places)


@given(NUMBERS)
def test_any_rows_are_sorted_by_day_and_key(numbers: list[int]) -> None:
    """Guards against a row that is lost, doubled or out of place, whichever way it is brought there."""
    rows = [placed(number) for number in numbers]
    made = parquet.to_rows(parquet.sorted_rows(ORDERS, parquet.to_arrow(ORDERS, rows)))
    assert in_place(made)
    assert sorted(made, key=str) == sorted(rows, key=str)


@given(PIECES)
def test_long_pieces_in_order_are_put_together_whole(lengths: list[int]) -> None:
    """Guards against a month of documents that is copied for a day of it, and pieces that change places."""
    days = [DAY + timedelta(days=(7 * number) % 11) for number in range(len(lengths))]
    pieces = [[order(100 + one, day) for one in range(length)] for length, day in zip(lengths, days, strict=True)]
    data = parquet.to_arrow(ORDERS, [row for piece in pieces for row in piece])
    made = parquet.sorted_rows(ORDERS, data)
    expected = [piece for _, piece in sorted(zip(days, pieces, strict=True), key=lambda one: one[0])]
    expected = [sorted(piece, key=lambda row: str(row[1])) for piece in expected]
    assert parquet.to_rows(made) == [row for piece in expected for row in piece]


def test_what_is_in_order_is_not_copied() -> None:
    """Guards against a month in memory twice."""
    data = parquet.to_arrow(ORDERS, [order(100 + number, DAY + timedelta(days=number % 3)) for number in range(900)])
    data = parquet.sorted_rows(ORDERS, data)
    again = parquet.sorted_rows(ORDERS, pa.concat_tables([data.slice(600), data.slice(0, 600)]))
    same = parquet.sorted_rows(ORDERS, data)
    most = rows_at(data, np.arange(300, 900))
    held = {
        buffer.address for column in data.columns for chunk in column.chunks for buffer in chunk.buffers() if buffer
    }
    for made, expected in ((again, data), (same, data), (most, data.slice(300))):
        assert made.equals(expected)
        assert {
            buffer.address for column in made.columns for chunk in column.chunks for buffer in chunk.buffers() if buffer
        } == held


def test_a_day_does_not_keep_its_month_in_memory() -> None:
    """Guards against a reference to a few rows that holds all of the others for as long as the run goes on."""
    data = parquet.to_arrow(
        ORDERS, [order(100 + number, DAY + timedelta(days=number // 100)) for number in range(3000)]
    )
    for positions in (np.arange(100, 200), np.arange(100) * 7):
        few = rows_at(data, positions)
        assert few.equals(data.take(pa.array(positions)))
        assert few.get_total_buffer_size() < data.get_total_buffer_size() / 10


def test_a_day_without_orders_leaves_the_other_days_columns() -> None:
    """Guards against Python rows made of a month of charges because one day of it has none."""
    block = RowBlock(parquet.to_arrow(ORDERS, [order(1)]))
    together = joined([block, [], RowBlock(parquet.to_arrow(ORDERS, [order(2)])), []])
    assert isinstance(together, RowBlock)
    assert list(together) == [order(1), order(2)]
    assert list(joined([block, [order(3)]])) == [order(1), order(3)]
    assert list(joined([])) == []
