"""Pages that never lie where those of the file before lay: an old footer with new pages is an error, and no wrong answer.

Not here: how often readers meet that (`crashes/`).
"""

import io
from collections.abc import Set
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from partner_assets.lake import parquet, reading
from partner_assets.lake.footer import shift_places
from partner_assets.lake.page_places import HoleyFile, page_places, places_before
from partner_assets.tables.dictionary import TABLES
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.table import Table
from partner_assets_tests.lake.rows import order, row, write_file

PLACES = {"data_page_offset", "dictionary_page_offset"}


def written(table: Table, count: int, hole: int) -> io.BytesIO:
    """Return a file of so many equal rows, with a hole."""
    data = pa.concat_tables([parquet.schema(table).empty_table(), *[parquet.to_arrow(table, [row(table)])] * count])
    file = io.BytesIO()
    pq.write_table(data, HoleyFile(file, hole))
    shift_places(file, hole)
    return file


def columns(file: io.BytesIO) -> list[dict[str, Any]]:
    """Return what the footer says of every column chunk."""
    metadata = pq.read_metadata(file)
    return [
        metadata.row_group(group).column(column).to_dict()
        for group in range(metadata.num_row_groups)
        for column in range(metadata.num_columns)
    ]


@pytest.mark.parametrize("table", TABLES, ids=repr)
@pytest.mark.parametrize("count", [0, 1, 40])
def test_a_hole_moves_every_place_and_changes_nothing_else(table: Table, count: int) -> None:
    """Guards against a footer that names one page where it no longer is, or that lost something on the way."""
    plain, holey = written(table, count, 0), written(table, count, 1000)
    assert pq.read_table(holey).equals(pq.read_table(plain))
    for before, after in zip(columns(plain), columns(holey), strict=True):
        moved = {name: before[name] + 1000 for name in PLACES if before[name]}
        assert after == before | moved | {"file_offset": after["file_offset"]}
    assert pq.read_schema(holey).equals(pq.read_schema(plain), check_metadata=True)


def test_an_old_footer_never_reads_the_new_pages(tmp_path: Path) -> None:
    """Guards against rows that are missing without a word while a file is replaced under a query.

    The first column begins every file: without the hole, its old footer reads the new pages, and says a wrong count.
    With a hole of any length, the old place of a column is now and then that of another column.
    """
    old, new = tmp_path / "old.parquet", tmp_path / "new.parquet"
    for attempt in range(20):
        for count, file, before in ((30 + attempt, old, None), (31 + attempt, new, old)):
            data = parquet.to_arrow(ORDERS, [order(number) for number in range(count)])
            write_file(ORDERS, data, file, instead_of=before)
        with pq.ParquetFile(new, metadata=pq.read_metadata(old)) as mixed:
            for name in ORDERS.column_names:
                with pytest.raises((OSError, pa.ArrowException)):
                    mixed.read(columns=[name])


@pytest.mark.parametrize("table", TABLES, ids=repr)
def test_no_page_lies_where_one_of_the_file_before_lay(table: Table, tmp_path: Path) -> None:
    """Guards against a place that an old footer still finds a page at, be it that of another column."""
    file = tmp_path / "part-0.parquet"
    data = parquet.to_arrow(table, [row(table)])
    before: Set[int] = set()
    for _ in range(20):
        write_file(table, data, file, instead_of=file)
        places = page_places(file)
        assert len(places) >= len(table.columns)
        assert places.isdisjoint(before)
        before = places


@pytest.mark.parametrize("content", [None, b"", b"not Parquet"])
def test_a_file_that_cannot_be_read_does_not_stop_its_successor(tmp_path: Path, content: bytes | None) -> None:
    """Guards against damage that keeps the file from being replaced."""
    file = tmp_path / "part-0.parquet"
    if content is not None:
        file.write_bytes(content)
    assert places_before(file) == set()
    with pytest.raises((OSError, pa.ArrowException)):
        page_places(file)
    write_file(ORDERS, parquet.to_arrow(ORDERS, [order(1)]), file, instead_of=file)
    assert reading.check(ORDERS, file) == 1


def test_a_writer_that_begins_otherwise_is_refused() -> None:
    """Guards against a later Arrow whose first bytes are others, and a file that nobody could read."""
    with pytest.raises(ValueError, match="A Parquet file begins with"):
        HoleyFile(io.BytesIO(), 10).write(b"PAR1 and more")
