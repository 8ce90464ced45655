"""Writes that fail leave the lake as it was: byte for byte, with nothing staged and nothing locked.

Not here: writers that meet each other (`test_writers.py`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from partner_assets.lake.errors import DiskTrouble, DuplicateKey, ForeignFile, LakeBusy, LakeError
from partner_assets.lake.layout import staged_file
from partner_assets.lake.merging import Merge
from partner_assets.lake.store import Change, Lake
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.product_prices import PRODUCT_PRICES
from partner_assets_tests.lake.rows import DAY, RUN, charge, order, put, row, stored

NEXT = DAY + timedelta(days=1)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Return a lake with an order and its charge, whose locks wait for nobody."""
    lake = Lake(tmp_path / "lake", "main", lock_seconds=0.1)
    put(lake, ORDERS, [order(1)])
    put(lake, ORDER_CHARGES, [charge(1)])
    return lake


def contents(lake: Lake) -> dict[Path, tuple[bytes, int, int]]:
    """Return every table file with its bytes, inode and time."""
    files = lake.layout.root.rglob("*.parquet")
    return {file: (file.read_bytes(), file.stat().st_ino, file.stat().st_mtime_ns) for file in files if file.is_file()}


@contextmanager
def nothing_changes(lake: Lake, error: type[Exception], match: str) -> Iterator[None]:
    """Expect an error that leaves every file alone, nothing staged, and the lake ready for the next write."""
    before = contents(lake)
    with pytest.raises(error, match=match):
        yield
    assert contents(lake) == before
    put(lake, ORDERS, [order(99, NEXT)])
    lake.replace([Change(ORDERS, [(NEXT,)], [])], lineage=RUN)
    assert [entry for entry in (lake.layout.root / ".staging").rglob("*") if entry.is_file()] == []


def test_rows_outside_of_the_named_slices_are_refused(lake: Lake) -> None:
    """Guards against an order of another day that would be doubled, or lost, by that day's next run."""
    with nothing_changes(lake, LakeError, "Rows of orders came that are in none of the slices"):
        lake.replace([Change(ORDERS, [(DAY,)], [order(1, currency="EUR"), order(2, NEXT)])], lineage=RUN)


def test_rows_without_any_slice_are_refused(lake: Lake) -> None:
    """Guards against rows that vanish since no slice was named for them."""
    with nothing_changes(lake, LakeError, "in none of the slices"):
        lake.replace([Change(ORDERS, [], [order(5)])], lineage=RUN)


def test_a_row_of_one_pair_is_not_covered_by_two_half_pairs(lake: Lake) -> None:
    """Guards against slices of two columns that are compared column by column."""
    prices = row(PRODUCT_PRICES, accreditation_id="PRTF1", price_list_id=10)
    slices = [("PRTF1", 9), ("PRTF2", 10)]
    with nothing_changes(lake, LakeError, "Rows of product_prices came"):
        lake.replace([Change(PRODUCT_PRICES, slices, [prices])], lineage=RUN)


def test_two_rows_with_one_key_are_refused(lake: Lake) -> None:
    """Guards against an order that is counted twice."""
    with nothing_changes(lake, DuplicateKey, r"same key \(transaction_id PO_2\); nothing was written"):
        put(lake, ORDERS, [order(2), order(2, currency="EUR")])


def test_a_key_that_another_slice_holds_is_refused(lake: Lake) -> None:
    """Guards against one order in two days of a month."""
    with nothing_changes(lake, DuplicateKey, "PO_1"):
        put(lake, ORDERS, [order(1, NEXT)])


def test_a_null_in_a_required_column_is_refused(lake: Lake) -> None:
    """Guards against a null where the dictionary promises none."""
    with nothing_changes(lake, LakeError, "orders.currency is never null"):
        put(lake, ORDERS, [order(2, currency=None)])


def test_a_failure_in_the_second_table_leaves_the_first_as_it_was(lake: Lake) -> None:
    """Guards against orders of today beside charges of yesterday."""
    good = Change(ORDERS, [(DAY,)], [order(1, currency="EUR")])
    bad = Change(ORDER_CHARGES, [(DAY,)], [charge(1), charge(1)])
    with nothing_changes(lake, DuplicateKey, "order_charges"):
        lake.replace([good, bad], lineage=RUN)


def test_a_folder_that_cannot_be_made_leaves_the_other_tables_as_they_were(lake: Lake) -> None:
    """Guards against a first table that is renamed into place before the second one's folder turns out to be a file."""
    (lake.layout.root / "product_prices").write_text("in the way")
    slices = [("some", 1)]
    prices = Change(PRODUCT_PRICES, slices, [row(PRODUCT_PRICES)], merge=Merge(lambda _, came: came))
    with nothing_changes(lake, DiskTrouble, "product_prices"):
        lake.replace([Change(ORDERS, [(DAY,)], [order(1, currency="EUR")]), prices], lineage=RUN)


def test_a_staging_folder_that_cannot_be_written_leaves_the_old_file(lake: Lake) -> None:
    """Guards against a table that is gone because the disk was full while its successor was written."""
    before = contents(lake)
    staging = lake.layout.root / ".staging"
    staging.rmdir()
    staging.write_text("in the way")
    with pytest.raises(DiskTrouble, match="staging"):
        put(lake, ORDERS, [order(1, currency="EUR")])
    assert contents(lake) == before
    staging.unlink()
    put(lake, ORDERS, [order(1, currency="EUR")])
    assert stored(lake, ORDERS, "currency") == [("EUR",)]


def test_a_staged_file_that_fails_half_way_is_cleared_with_the_others(lake: Lake) -> None:
    """Guards against staged files that pile up, run after run."""
    second = staged_file(lake.layout.root, lake.layout.files(ORDER_CHARGES)[0])
    second.mkdir(parents=True)
    before = contents(lake)
    changes = [Change(ORDERS, [(DAY,)], [order(2)]), Change(ORDER_CHARGES, [(DAY,)], [charge(2)])]
    with pytest.raises(DiskTrouble, match="order_charges"):
        lake.replace(changes, lineage=RUN)
    second.rmdir()
    assert contents(lake) == before
    assert list(second.parent.iterdir()) == []


def test_a_merge_that_fails_leaves_the_old_file(lake: Lake) -> None:
    """Guards against a bug of ours that costs data."""

    def broken(before: object, came: object) -> list[tuple[object, ...]]:
        raise RuntimeError("a bug")

    with nothing_changes(lake, RuntimeError, "a bug"):
        lake.replace([Change(ORDERS, [(DAY,)], [order(3)], merge=Merge(broken))], lineage=RUN)


def test_a_value_of_the_wrong_type_leaves_the_old_file(lake: Lake) -> None:
    """Guards against a text that lands in a number's column."""
    with nothing_changes(lake, pa.ArrowInvalid, "one"):
        put(lake, ORDERS, [order(1, sold_to_site_location_id="one")])


@pytest.mark.parametrize("content", [b"", b"not Parquet at all", None])
def test_a_foreign_file_is_named_and_not_overwritten(lake: Lake, content: bytes | None) -> None:
    """Guards against a damaged month that is replaced by one day, the other days being lost for good."""
    (file,) = lake.layout.files(ORDERS)
    whole = file.read_bytes()
    file.write_bytes(whole[:-100] if content is None else content)
    before = contents(lake)
    for attempt in (
        lambda: put(lake, ORDERS, [order(2)]),
        lambda: lake.replace([Change(ORDER_CHARGES, [(DAY,)], []), Change(ORDERS, [(DAY,)], [order(2)])], lineage=RUN),
        lambda: lake.read(ORDERS),
    ):
        with pytest.raises(ForeignFile) as raised:
            attempt()
        assert str(file) in str(raised.value)
    assert contents(lake) == before


def test_a_file_of_another_table_is_named_and_not_overwritten(lake: Lake) -> None:
    """Guards against a file that somebody copied to the wrong folder."""
    (orders,), (charges,) = lake.layout.files(ORDERS), lake.layout.files(ORDER_CHARGES)
    orders.write_bytes(charges.read_bytes())
    before = contents(lake)
    with pytest.raises(ForeignFile, match="does not have the columns of orders"):
        put(lake, ORDERS, [order(2)])
    assert contents(lake) == before


def test_a_lock_held_too_long_is_said_in_a_sentence(lake: Lake) -> None:
    """Guards against a run that waits for ever, or gives up with the name of a lock file and nothing else."""
    (file,) = lake.layout.files(ORDERS)
    reasons: list[str] = []

    def busy(before: object, came: object) -> list[tuple[object, ...]]:
        with pytest.raises(LakeBusy) as raised:
            put(Lake(lake.layout.root, "main", lock_seconds=0.05), ORDERS, [order(2)])
        reasons.append(str(raised.value))
        return []

    lake.replace([Change(ORDERS, [(DAY,)], [], merge=Merge(busy))], lineage=RUN)
    assert reasons == [
        f"Another process has been writing {file} for more than 0 seconds. "
        "Look for a run that hangs and end it; its lock goes with it."
    ]
