"""Damaged files: which they are, where they go, and that nothing whole is ever moved or lost.

Not here: how their rows come back (`materialization/test_damage.py`).
"""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from partner_assets.lake import catalogue
from partner_assets.lake.presence import neighbours, without_file, without_rows
from partner_assets.lake.quarantine import quarantined, set_aside_damaged
from partner_assets.lake.store import Lake
from partner_assets.lake.strays import misplaced, unread
from partner_assets.tables.dictionary import TABLES
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.orders import ORDERS
from partner_assets_tests.lake.a_lake import fill
from partner_assets_tests.lake.rows import DAY, days, document, order, put

LATER, ABSENT = days(40)[-1], days(80)[-1]
SLICES = [(DAY,), (LATER,), (ABSENT,)]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Return a lake with orders of two months."""
    lake = Lake(tmp_path / "lake", "main")
    put(lake, ORDERS, [order(1), order(2, LATER)])
    return lake


def cut_short(file: Path) -> None:
    """Take the last byte away."""
    file.write_bytes(file.read_bytes()[:-1])


def spoilt(file: Path) -> None:
    """Change one bit of a page."""
    content = bytearray(file.read_bytes())
    content[pq.read_metadata(file).row_group(0).column(0).data_page_offset + 1] ^= 1
    file.write_bytes(content)


def emptied(file: Path) -> None:
    """Take everything away."""
    file.write_bytes(b"")


@pytest.mark.parametrize("damage", [cut_short, spoilt, emptied])
def test_a_damaged_file_is_moved_as_it_is_and_the_others_stay(lake: Lake, damage: Callable[[Path], None]) -> None:
    """Guards against evidence that is destroyed, and against a whole month that goes with a damaged one."""
    bad, good = lake.layout.files(ORDERS)
    damage(bad)
    content, whole = bad.read_bytes(), good.read_bytes()
    [moved] = set_aside_damaged(lake, ORDERS, SLICES)
    assert moved.kept == lake.layout.root / "quarantine" / bad.relative_to(lake.layout.root)
    assert moved.sentence.startswith(f"{bad} was damaged (")
    assert moved.sentence.endswith(f"is set aside as {moved.kept}.")
    assert moved.kept.read_bytes() == content
    assert not bad.exists()
    assert good.read_bytes() == whole
    assert quarantined(lake.layout.root, ORDERS) == [moved.kept]
    assert set_aside_damaged(lake, ORDERS, SLICES) == []


def test_a_second_damaged_file_does_not_take_the_place_of_the_first(lake: Lake) -> None:
    """Guards against the only copy of lost versions that the next damage overwrites."""
    for number in range(3):
        put(lake, ORDERS, [order(number)])
        lake.layout.file(ORDERS, (DAY,)).write_bytes(b"bad %d" % number)
        set_aside_damaged(lake, ORDERS, [(DAY,)])
    kept = quarantined(lake.layout.root, ORDERS)
    assert [file.name for file in kept] == ["part-0.1.parquet", "part-0.2.parquet", "part-0.parquet"]
    assert sorted(file.read_bytes() for file in kept) == [b"bad 0", b"bad 1", b"bad 2"]


def test_a_sentence_says_what_only_the_damaged_file_holds(lake: Lake) -> None:
    """Guards against a file that is deleted in good faith, although the API will never give its versions again."""
    put(lake, ORDER_DOCUMENTS, [document(1)])
    emptied(lake.layout.files(ORDER_DOCUMENTS)[0])
    [moved] = set_aside_damaged(lake, ORDER_DOCUMENTS, [(DAY,)])
    assert moved.sentence.endswith("Versions that the API no longer gives are only there.")


def test_whole_files_of_another_table_are_nobodys_to_move(lake: Lake) -> None:
    """Guards against a file of somebody's, or of a newer version of ours, that is taken for damaged."""
    file = lake.layout.files(ORDERS)[0]
    pq.write_table(pa.table({"somebody": ["else's"]}), file)
    assert set_aside_damaged(lake, ORDERS, SLICES) == []
    assert file.exists()


def test_no_view_reads_what_is_set_aside(tmp_path: Path) -> None:
    """Guards against quarantine that is a part of the lake."""
    lake = fill(tmp_path)
    file = lake.layout.files(ORDERS)[0]
    put(lake, ORDERS, [order(7, LATER)])
    emptied(file)
    set_aside_damaged(lake, ORDERS, SLICES)
    catalogue.build(tmp_path)
    with catalogue.connect(tmp_path) as connection:
        assert connection.execute("SELECT transaction_id FROM orders").fetchall() == [("PO_7",)]


def test_slices_without_rows_are_those_of_days_and_files_that_are_not_there(lake: Lake) -> None:
    """Guards against a loss that nobody sees, and against a day that is called lost beside its own rows."""
    assert without_rows(lake, ORDERS, SLICES) == without_file(lake, ORDERS, SLICES) == {(ABSENT,)}
    next_day = (days(2)[1],)
    assert without_rows(lake, ORDERS, [next_day]) == {next_day}
    assert without_file(lake, ORDERS, [next_day]) == set()
    first, second = lake.layout.files(ORDERS)
    emptied(first)
    second.unlink()
    assert without_rows(lake, ORDERS, SLICES) == without_file(lake, ORDERS, SLICES) == set(SLICES)


def test_a_whole_file_of_another_schema_is_not_taken_for_a_loss(lake: Lake) -> None:
    """Guards against days that are asked for again and again, since a newer version of the program wrote their file."""
    pq.write_table(pa.table({"somebody": ["else's"]}), lake.layout.files(ORDERS)[0])
    assert without_rows(lake, ORDERS, SLICES) == without_file(lake, ORDERS, SLICES) == {(ABSENT,)}


def test_the_neighbours_of_a_slice_are_the_others_in_its_file(lake: Lake) -> None:
    """Guards against a month that is made again without its other days, or with those of another month."""
    others = days(3)[1:]
    put(lake, ORDERS, [order(10 + day.day, day) for day in others])
    assert neighbours(lake, ORDERS, [(DAY,)]) == {(day,) for day in others}
    assert neighbours(lake, ORDERS, [(ABSENT,)]) == set()


def test_a_lake_that_nobody_touched_has_no_strays(tmp_path: Path) -> None:
    """Guards against a warning over our own files, after which no warning is read any more."""
    lakes = [fill(tmp_path), fill(tmp_path, "other", "Other")]
    assert [unread(tmp_path, table) for table in TABLES] == [[]] * len(TABLES)
    assert [misplaced(lake.layout, table) for lake in lakes for table in TABLES] == [[]] * len(TABLES) * 2


def test_a_file_in_another_legal_entitys_folder_is_named(tmp_path: Path) -> None:
    """Guards against one company's orders under another's name."""
    lake = fill(tmp_path)
    other = Lake(tmp_path, "other")
    copy = other.layout.file(ORDERS, (DAY,))
    copy.parent.mkdir(parents=True)
    copy.write_bytes(lake.layout.files(ORDERS)[0].read_bytes())
    assert misplaced(other.layout, ORDERS) == [copy]
    assert misplaced(lake.layout, ORDERS) == []
