"""Replacing slices: what is named is replaced, what is not named is untouched, what is unchanged is left alone.

Not here: failures (`test_replace_failures.py`) and several writers (`test_writers.py`).
"""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from partner_assets.lake.merging import Merge
from partner_assets.lake.store import Change, Lake
from partner_assets.tables.accreditations import ACCREDITATIONS
from partner_assets.tables.code_labels import CODE_LABELS
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.product_prices import PRODUCT_PRICES
from partner_assets.tables.products import PRODUCTS
from partner_assets.tables.record import Row
from partner_assets.tables.rejected import REJECTED
from partner_assets_tests.lake.rows import DAY, NOW, RUN, charge, days, order, put, row, stored

NEXT = DAY + timedelta(days=1)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Return an empty lake whose locks wait for nobody."""
    return Lake(tmp_path / "lake", "main", lock_seconds=0.2)


def files_below(folder: Path) -> list[str]:
    """Return the paths of all files, relative to the folder."""
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def test_a_slice_is_replaced_and_its_neighbours_are_not(lake: Lake) -> None:
    """Guards against a re-run of one day that empties the month, and one that doubles the day."""
    put(lake, ORDERS, [order(1), order(2), order(3, NEXT)])
    put(lake, ORDERS, [order(2, currency="EUR"), order(4)])
    assert stored(lake, ORDERS, "transaction_id", "currency", "creation_date") == [
        ("PO_2", "EUR", DAY),
        ("PO_4", "some", DAY),
        ("PO_3", "some", NEXT),
    ]


def test_a_slice_without_rows_becomes_empty(lake: Lake) -> None:
    """Guards against orders that stay for ever since their day has none any more."""
    put(lake, ORDERS, [order(1), order(2, NEXT)])
    (written,) = lake.replace([Change(ORDERS, [(DAY,)], [])], lineage=RUN)
    assert stored(lake, ORDERS, "transaction_id") == [("PO_2",)]
    assert written.row_counts == {(DAY,): 0}


def test_many_days_are_one_write_per_month(lake: Lake) -> None:
    """Guards against a backfill of five years that rewrites each month thirty times."""
    two_months = days(59, date(2026, 1, 1))
    written = put(lake, ORDERS, [order(number, day) for number, day in enumerate(two_months)])
    assert [(one.file.parent.name, len(one.row_counts), one.is_changed) for one in written] == [
        ("creation_month=2026-01", 31, True),
        ("creation_month=2026-02", 28, True),
    ]
    assert all(one.byte_count == one.file.stat().st_size > 0 for one in written)
    assert files_below(lake.layout.root / "orders") == [
        "legal_entity=main/creation_month=2026-01/part-0.parquet",
        "legal_entity=main/creation_month=2026-02/part-0.parquet",
    ]


def test_row_counts_are_given_per_slice(lake: Lake) -> None:
    """Guards against a run that reports the month's rows for each of its days."""
    change = Change(ORDERS, [(day,) for day in days(3)], [order(1), order(2), order(3, NEXT)])
    (written,) = lake.replace([change], lineage=RUN)
    assert written.row_counts == {(DAY,): 2, (NEXT,): 1, (DAY + timedelta(days=2),): 0}


def test_a_table_without_slices_is_replaced_whole(lake: Lake) -> None:
    """Guards against labels that were taken back and stay."""
    rows = [row(CODE_LABELS, code=code) for code in ("A", "B")]
    put(lake, CODE_LABELS, rows)
    (written,) = put(lake, CODE_LABELS, rows[1:])
    assert stored(lake, CODE_LABELS, "code") == [("B",)]
    assert written.row_counts == {(): 1}


def test_a_slice_of_two_columns_is_that_pair_only(lake: Lake) -> None:
    """Guards against one accreditation's prices that replace another's on the same list, or its own on another list."""
    pairs = [("PRTF1", 9), ("PRTF2", 9), ("PRTF1", 10), ("PRTF2", 10)]
    rows = [row(PRODUCT_PRICES, accreditation_id=one, price_list_id=two, valid_from=NOW) for one, two in pairs]
    put(lake, PRODUCT_PRICES, rows)
    assert [file.parent.name for file in lake.layout.files(PRODUCT_PRICES)] == ["price_list_id=10", "price_list_id=9"]
    later = NOW + timedelta(hours=1)
    lake.replace([Change(PRODUCT_PRICES, [("PRTF1", 9)], [], as_of={("PRTF1", 9): later})], lineage=RUN)
    found = {(one, two): end for one, two, end in stored(lake, PRODUCT_PRICES, *PRODUCT_PRICES.slice_by, "valid_to")}
    assert found == {pair: later if pair == ("PRTF1", 9) else None for pair in pairs}


def test_rejected_records_are_replaced_per_table_and_partition(lake: Lake) -> None:
    """Guards against a good re-run of one day that hides what was rejected on another, or in another table."""

    def rejected(table: str, partition: str, position: int) -> Row:
        return row(REJECTED, table_name=table, slice=partition, position=position)

    put(lake, REJECTED, [rejected("orders", "a", 1), rejected("orders", "b", 2), rejected("products", "a", 1)])
    assert [file.parent.name for file in lake.layout.files(REJECTED)] == ["table_name=orders", "table_name=products"]
    lake.replace([Change(REJECTED, [("orders", "a")], [])], lineage=RUN)
    assert stored(lake, REJECTED, "table_name", "slice") == [("orders", "b"), ("products", "a")]


def test_a_table_with_history_keeps_its_closed_versions(lake: Lake) -> None:
    """Guards against a history that the next write forgets."""
    first, second = (row(ACCREDITATIONS, accreditation_id="PRTF1", name=name) for name in ("Old", "New"))
    later = NOW + timedelta(hours=1)
    put(lake, ACCREDITATIONS, [first])
    put(lake, ACCREDITATIONS, [second], as_of={(): later})
    assert stored(lake, ACCREDITATIONS, "name", "valid_from", "valid_to") == [("Old", NOW, later), ("New", later, None)]
    assert lake.current(ACCREDITATIONS, ["name"]) == [{"name": "New"}]


def test_each_slice_of_a_history_has_its_own_time(lake: Lake) -> None:
    """Guards against versions of one accreditation that begin when another was read."""
    times = {("PRTF1",): NOW, ("PRTF2",): NOW + timedelta(minutes=5)}
    put(lake, PRODUCTS, [row(PRODUCTS, accreditation_id=key) for (key,) in times], as_of=times)
    assert dict(stored(lake, PRODUCTS, "accreditation_id", "valid_from")) == {key: at for (key,), at in times.items()}


def test_a_merge_sees_what_is_stored_of_its_slice_alone(lake: Lake) -> None:
    """Guards against a merge that is handed, and so doubles, the rows of other days."""
    put(lake, ORDERS, [order(1), order(2, NEXT)])
    seen: list[tuple[list[str], list[str]]] = []

    def keep_both(old: Sequence[Row], new: Sequence[Row]) -> list[Row]:
        seen.append(([one[1] for one in old], [one[1] for one in new]))
        return [*old, *new]

    change = Change(ORDERS, [(DAY,), (NEXT,)], [order(3), order(4, NEXT)], merge=Merge(keep_both))
    lake.replace([change], lineage=RUN)
    assert seen == [(["PO_1"], ["PO_3"]), (["PO_2"], ["PO_4"])]
    assert stored(lake, ORDERS, "transaction_id") == [("PO_1",), ("PO_3",), ("PO_2",), ("PO_4",)]


def test_unchanged_content_leaves_the_file_alone(lake: Lake) -> None:
    """Guards against every nightly run that rewrites five years, and readers that reread them."""
    rows = [order(1), order(2, NEXT)]
    (first,) = put(lake, ORDERS, rows)
    before = first.file.stat()
    (again,) = put(lake, ORDERS, list(reversed(rows)))
    after = first.file.stat()
    assert (again.is_changed, again.byte_count) == (False, before.st_size)
    assert again.row_counts == {(NEXT,): 1, (DAY,): 1}
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)
    put(lake, ORDERS, [order(1, currency="EUR"), order(2, NEXT)])
    assert first.file.stat().st_ino != before.st_ino


def test_nothing_at_all_makes_no_file(lake: Lake) -> None:
    """Guards against thousands of empty files for the days before the first order."""
    (written,) = lake.replace([Change(ORDERS, [(DAY,)], [])], lineage=RUN)
    assert (written.is_changed, written.byte_count, written.file.exists()) == (False, 0, False)
    assert lake.read(ORDERS).num_rows == 0


def test_several_tables_are_published_together_and_staging_is_left_empty(lake: Lake) -> None:
    """Guards against half-written files that stay, or lie where a view would count them."""
    changes = [Change(ORDERS, [(DAY,)], [order(1)]), Change(ORDER_CHARGES, [(DAY,)], [charge(1), charge(1, 2)])]
    written = lake.replace(changes, lineage=RUN)
    assert [(one.table, one.row_counts) for one in written] == [(ORDERS, {(DAY,): 1}), (ORDER_CHARGES, {(DAY,): 2})]
    assert files_below(lake.layout.root / ".staging") == []
    assert [name for name in files_below(lake.layout.root) if not name.startswith(".locks")] == [
        "order_charges/legal_entity=main/creation_month=2026-03/part-0.parquet",
        "orders/legal_entity=main/creation_month=2026-03/part-0.parquet",
    ]


def test_the_footer_names_the_run_that_wrote_last(lake: Lake) -> None:
    """Guards against a file that is traced to the wrong run."""
    put(lake, ORDERS, [order(1)])
    lake.replace([Change(ORDERS, [(NEXT,)], [order(2, NEXT)])], lineage={"run_id": "later"})
    (file,) = lake.layout.files(ORDERS)
    assert pq.read_schema(file).metadata[b"partner_assets.run_id"] == b"later"


def test_reading_gives_the_slices_and_columns_that_were_asked_for(lake: Lake) -> None:
    """Guards against a month that is read, and counted, in place of a day."""
    put(lake, ORDERS, [order(1), order(2, NEXT), order(3, date(2026, 4, 1))])
    assert lake.read(
        ORDERS, [(NEXT,), (date(2026, 5, 1),)], columns=["creation_date", "transaction_id"]
    ).to_pylist() == [{"creation_date": NEXT, "transaction_id": "PO_2"}]
    assert lake.read(
        ORDERS, [(DAY,), (date(2026, 4, 1),)], columns=["creation_date", "transaction_id"]
    ).to_pylist() == [
        {"creation_date": DAY, "transaction_id": "PO_1"},
        {"creation_date": date(2026, 4, 1), "transaction_id": "PO_3"},
    ]
    for columns in (["name"], ["name", "accreditation_id"], ["accreditation_id", "name"]):
        assert lake.read(PRODUCTS, columns=columns).schema.names == columns
    put(lake, ORDERS, [order(1)])
    for columns in (["transaction_id", "creation_date"], ["status", "transaction_id"]):
        assert lake.read(ORDERS, columns=columns).schema.names == columns


def test_legal_entities_do_not_touch_each_other(lake: Lake) -> None:
    """Guards against one company's run that replaces another company's orders."""
    other = Lake(lake.layout.root, "other")
    put(lake, ORDERS, [order(1)])
    put(other, ORDERS, [order(1, legal_entity="other", currency="JPY")])
    lake.replace([Change(ORDERS, [(DAY,)], [])], lineage=RUN)
    assert stored(lake, ORDERS) == []
    assert stored(other, ORDERS, "transaction_id", "currency") == [("PO_1", "JPY")]
