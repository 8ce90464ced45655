"""What came put together with what is stored: only what belongs together is read, and what stays the same is not written.

Not here: what the merges of orders and of histories make of it (`materialization/`, `test_history.py`).
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from partner_assets.lake import parquet
from partner_assets.lake.merging import FileSlices, Merge, merged
from partner_assets.lake.reading import StoredFile
from partner_assets.lake.row_block import RowBlock
from partner_assets.lake.store import Change, Lake
from partner_assets.materialization.order_versions import all_versions
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.record import Row
from partner_assets_tests.lake.rows import DAY, NOW, RUN, document

WEEK = [(DAY + timedelta(days=number),) for number in range(7)]
BY_ORDER = Merge(all_versions, by="transaction_id")
BY_DAY = Merge(all_versions)


def version(day: int, number: int, hours: int, *, gone: bool = False) -> Row:
    """Return what a read saw of one of ten orders of a day: a document, or that it is gone."""
    return document(
        10 * day + number,
        f"{hours}.00",
        hours=hours,
        creation_date=WEEK[day][0],
        gone_at=NOW + timedelta(hours=hours) if gone else None,
    )


reads = st.lists(
    st.builds(
        version, st.integers(0, 6), st.integers(0, 9), st.integers(0, 3), gone=st.sampled_from([False, False, True])
    ),
    max_size=20,
    unique_by=lambda row: row[1],
)


@settings(max_examples=40)
@given(st.lists(reads, min_size=1, max_size=4))
def test_merging_what_belongs_together_stores_what_merging_everything_would(publications: list[list[Row]]) -> None:
    """Guards against versions that are lost or doubled since the rest of their day is not read any more."""
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        lakes = {BY_ORDER: Lake(Path(one), "main"), BY_DAY: Lake(Path(other), "main")}
        for rows in publications:
            written = [
                lake.replace([Change(ORDER_DOCUMENTS, WEEK, rows, merge)], lineage=RUN)[0]
                for merge, lake in lakes.items()
            ]
            assert written[0].row_counts == written[1].row_counts
            assert written[0].is_changed == written[1].is_changed
        by_order, by_day = (parquet.to_rows(lake.read(ORDER_DOCUMENTS)) for lake in lakes.values())
        assert by_order == by_day
        assert written[0].row_counts == {day: sum(row[0] == day[0] for row in by_order) for day in WEEK}


def test_a_week_that_was_read_again_without_news_costs_no_document(tmp_path: Path) -> None:
    """Guards against every nightly run that takes a month of documents apart, to store what it holds already."""
    lake = Lake(tmp_path, "main")
    rows = [version(day, number, 0) for day in range(7) for number in range(10)]
    lake.replace([Change(ORDER_DOCUMENTS, WEEK, rows, BY_ORDER)], lineage=RUN)
    seen: list[tuple[int, int]] = []

    def watched(stored: Sequence[Row], came: Sequence[Row]) -> Sequence[Row]:
        seen.append((len(stored), len(came)))
        return all_versions(stored, came)

    with patch.object(StoredFile, "rows_at", autospec=True, side_effect=StoredFile.rows_at) as rows_at:
        [nothing] = lake.replace([Change(ORDER_DOCUMENTS, WEEK, [], Merge(watched, BY_ORDER.by))], lineage=RUN)
        assert (nothing.is_changed, nothing.row_counts) == (False, dict.fromkeys(WEEK, 10))
        assert [len(call.args[1]) for call in rows_at.call_args_list] == [0]
        assert seen == [(0, 0)] * 7
        seen.clear()
        [one] = lake.replace(
            [Change(ORDER_DOCUMENTS, WEEK, [version(2, 5, 1)], Merge(watched, BY_ORDER.by))], lineage=RUN
        )
        assert one.row_counts == {**dict.fromkeys(WEEK, 10), WEEK[2]: 11}
        assert [len(call.args[1]) for call in rows_at.call_args_list] == [0, 1]
        assert seen == [(0, 0), (0, 0), (1, 1), (0, 0), (0, 0), (0, 0), (0, 0)]


def test_a_day_of_which_the_same_comes_out_is_not_written_anew(tmp_path: Path) -> None:
    """Guards against days that are compared with what is stored although the merge has just shown what changed."""
    lake = Lake(tmp_path, "main")
    rows = [version(day, number, 0) for day in range(7) for number in range(10)]
    lake.replace([Change(ORDER_DOCUMENTS, WEEK, rows, BY_DAY)], lineage=RUN)
    with patch.object(StoredFile, "pieces_at", autospec=True, side_effect=StoredFile.pieces_at) as pieces_at:
        [again] = lake.replace([Change(ORDER_DOCUMENTS, WEEK, rows, BY_DAY)], lineage=RUN)
        assert not again.is_changed
        assert [len(call.args[1]) for call in pieces_at.call_args_list] == [70]
        pieces_at.reset_mock()
        [changed] = lake.replace([Change(ORDER_DOCUMENTS, WEEK, [version(2, 5, 1)], BY_DAY)], lineage=RUN)
        assert changed.is_changed
        # All seven days to be merged, then the six that stay to be written, once more where the pages of the file lie badly.
        merged, *written = [len(call.args[1]) for call in pieces_at.call_args_list]
        assert (merged, set(written)) == (70, {60})


def test_what_is_stored_as_it_came_is_in_memory_once() -> None:
    """Guards against a run that holds each of its documents twice while it publishes them."""
    days = WEEK[:2]
    rows = [document(100 * day + number, creation_date=days[day][0]) for day in range(2) for number in range(60)]
    came = parquet.sorted_rows(ORDER_DOCUMENTS, parquet.to_arrow(ORDER_DOCUMENTS, rows))
    nothing = parquet.schema(ORDER_DOCUMENTS).empty_table()
    found = merged(
        FileSlices(ORDER_DOCUMENTS, None, nothing, days, RowBlock(came)),
        lambda _, stored, new: all_versions(stored, new),
        by=BY_ORDER.by,
    )
    assert found.rows.equals(came)
    assert addresses(found.rows) <= addresses(came)


def addresses(data: pa.Table) -> set[int]:
    """Return where the documents of some rows are in memory."""
    chunks = data.column("document").chunks
    return {buffer.address for chunk in chunks for buffer in chunk.buffers() if buffer is not None}
