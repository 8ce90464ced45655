"""A month rewritten a piece at a time: what stays is read while it is written. Not here: what is published together."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import shake_256
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from partner_assets.lake import parquet, reading
from partner_assets.lake.errors import DamagedFile
from partner_assets.lake.portions import Portions
from partner_assets.lake.reading import StoredFile
from partner_assets.lake.store import Change, Lake
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.record import Row
from partner_assets_tests.lake.rows import DAY, RUN, document, order, write_file

DAYS = st.integers(0, 6)
ROWS = st.lists(st.tuples(DAYS, st.integers(0, 400)), unique=True, max_size=60)
SOME_DAYS = st.lists(DAYS, unique=True, min_size=1)


@contextmanager
def small(rows_in_group: int, batch_bytes: int) -> Iterator[None]:
    """Cut row groups and batches as small as those of a month are large."""
    with patch.object(parquet, "ROW_GROUP_ROWS", rows_in_group), patch.object(reading, "_BATCH_BYTES", batch_bytes):
        yield


def placed(day: int, number: int, status: str) -> Row:
    """Return an order of one day, and of that day alone."""
    return order(1000 * day + number, DAY + timedelta(days=day), status=status)


@settings(max_examples=50)
@example(before=[(0, 1), (2, 1)], after=[(1, 1)], replaced=[1], group=40, batch=20_000)  # one row is left of a piece
@given(before=ROWS, after=ROWS, replaced=SOME_DAYS, group=st.integers(5, 40), batch=st.integers(1, 20_000))
def test_a_file_holds_what_stayed_and_what_came(
    before: list[tuple[int, int]], after: list[tuple[int, int]], replaced: list[int], group: int, batch: int
) -> None:
    """Guards against a row lost, doubled or out of place where two row groups, two batches or two days meet."""
    old = [placed(day, number, "old") for day, number in before]
    new = [placed(day, number, "new") for day, number in after if day in replaced]
    slices = [(DAY + timedelta(days=day),) for day in range(7)]
    with TemporaryDirectory() as folder, small(group, batch):
        lake = Lake(Path(folder), "main")
        lake.replace([Change(ORDERS, slices, old)], lineage=RUN)
        lake.replace([Change(ORDERS, [slices[day] for day in replaced], new)], lineage=RUN)
        kept = [row for row, (day, _) in zip(old, before, strict=True) if day not in replaced]
        expected = sorted([*kept, *new], key=lambda row: (row[0], row[1]))
        assert parquet.to_rows(lake.read(ORDERS)) == expected
        for file in lake.layout.files(ORDERS):
            metadata = pq.read_metadata(file)
            assert all(metadata.row_group(one).num_rows <= group for one in range(metadata.num_row_groups))
        [again] = lake.replace([Change(ORDERS, [slices[day] for day in replaced], new)], lineage=RUN)
        assert not again.is_changed
        portions = Portions(lake, ORDERS, slices, ORDERS.column_names)
        for values in slices:
            assert parquet.to_rows(portions.rows(values)) == [row for row in expected if row[0] == values[0]]


@settings(max_examples=50)
@given(
    positions=st.lists(st.integers(0, 59), unique=True).map(sorted),
    group=st.integers(6, 40),
    batch=st.integers(1, 3000),
)
def test_rows_at_any_positions_are_those_rows(positions: list[int], group: int, batch: int) -> None:
    """Guards against a row taken for its neighbour where batches run over the ends of row groups."""
    data = parquet.sorted_rows(ORDERS, parquet.to_arrow(ORDERS, [order(number) for number in range(60)]))
    with TemporaryDirectory() as folder, small(group, batch):
        file = Path(folder) / "part-0.parquet"
        write_file(ORDERS, data, file)
        with StoredFile(ORDERS, file) as stored:
            assert stored.rows_at(np.array(positions, dtype=np.int64)).equals(
                data.take(pa.array(positions, pa.int64()))
            )


def test_documents_of_one_day_are_read_without_those_of_the_month(tmp_path: Path) -> None:
    """Guards against memory and time that follow the month where one day is asked for."""
    lake = Lake(tmp_path, "main")
    days = [DAY + timedelta(days=number) for number in range(10)]
    long = "0" * 100_000
    rows = [document(50 * day.day + one, "1." + long, creation_date=day) for day in days for one in range(50)]
    lake.replace([Change(ORDER_DOCUMENTS, [(day,) for day in days], rows)], lineage=RUN)
    [file] = lake.layout.files(ORDER_DOCUMENTS)
    with StoredFile(ORDER_DOCUMENTS, file) as stored:
        sizes = [one.nbytes for one in stored.batches()]
        assert sum(sizes) > 50_000_000
        assert max(sizes) < 10_000_000
    metadata = pq.read_metadata(file)
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    assert max(group.total_byte_size for group in groups) < 17 * 1024 * 1024
    with patch.object(StoredFile, "batches", autospec=True, side_effect=StoredFile.batches) as batches:
        assert lake.read(ORDER_DOCUMENTS, [(days[3],)]).num_rows == 50
    read = [call.args[2] for call in batches.call_args_list if len(call.args) > 2]
    assert sum(len(one) for one in read) <= 2 < len(groups)


def test_damage_that_shows_while_a_file_is_rewritten_leaves_it_as_it_was(tmp_path: Path) -> None:
    """Guards against half a month in the place of a whole one, since what stays is read only while it is written."""
    lake = Lake(tmp_path, "main")
    slices = [(DAY,), (DAY + timedelta(days=1),)]
    noise = [int(shake_256(str(number).encode()).hexdigest(1000), 16) for number in range(300)]
    long = [document(number, f"1.{digits}", creation_date=DAY) for number, digits in enumerate(noise)]
    lake.replace([Change(ORDER_DOCUMENTS, slices, long)], lineage=RUN)
    [file] = lake.layout.files(ORDER_DOCUMENTS)
    chunk = pq.read_metadata(file).row_group(0).column(ORDER_DOCUMENTS.column_names.index("document"))
    content = bytearray(file.read_bytes())
    content[chunk.data_page_offset + chunk.total_compressed_size * 9 // 10] ^= 1
    file.write_bytes(content)
    new = [document(900, "2.00", creation_date=slices[1][0])]
    with pytest.raises(DamagedFile):
        lake.replace([Change(ORDER_DOCUMENTS, slices[1:], new)], lineage=RUN)
    assert file.read_bytes() == content
    assert not [one for one in (tmp_path / ".staging").glob("*") if one.is_file()]
