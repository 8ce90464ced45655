"""`freshness` against pyarrow and the file system: what it says of rows, times, partitions, files and bytes is so."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from partner_assets.lake import catalogue
from partner_assets.lake.store import Change, Lake
from partner_assets.tables.dictionary import TABLES
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.rejected import REJECTED
from partner_assets.tables.table import Table
from partner_assets_tests.lake.a_lake import fill
from partner_assets_tests.lake.rows import DAY, NOW, RUN, days, order, put, row

COLUMNS = (
    "legal_entity, table_name, row_count, stored_row_count, last_fetched_at, first_partition, last_partition, "
    "partition_count, file_count, byte_count"
)


def freshness(root: Path) -> dict[tuple[str | None, str], tuple[Any, ...]]:
    """Return what the view says, by legal entity and table."""
    with catalogue.connect(root) as connection:
        rows = connection.execute(f"SELECT {COLUMNS} FROM freshness").fetchall()
    said = {(entity, table): tuple(rest) for entity, table, *rest in rows}
    assert len(said) == len(rows)
    return said


def counted(lake: Lake, table: Table) -> tuple[Any, ...]:
    """Return the same, counted with pyarrow from all that the files hold."""
    data, files = lake.read(table), lake.layout.files(table)
    current = data.filter(pc.field("valid_to").is_null()) if table.keeps_history else data
    slices = sorted({"|".join(map(str, one.values())) for one in data.select(table.slice_by).to_pylist()})
    partitions = (slices[0], slices[-1], len(slices)) if table.slice_by else (None, None, None)
    newest = pc.max(data["fetched_at"]).as_py()
    return (
        current.num_rows,
        data.num_rows,
        newest,
        *partitions,
        len(files),
        sum(file.stat().st_size for file in files),
    )


def test_it_says_of_every_table_and_legal_entity_what_pyarrow_counts(tmp_path: Path) -> None:
    """Guards against a lake that looks fresh because of another company's rows, and against footers read wrongly."""
    lakes = [fill(tmp_path), fill(tmp_path, "other", "Other")]
    newer = NOW + timedelta(microseconds=1)
    put(lakes[0], ORDERS, [order(number, day, fetched_at=newer) for number, day in enumerate(days(70))])
    put(lakes[0], REJECTED, [row(REJECTED, table_name="orders", slice=str(DAY))])
    fill_again = Change(TABLES[0], [()], [], as_of={(): NOW + timedelta(days=1)})
    lakes[0].replace([fill_again], lineage=RUN)
    catalogue.build(tmp_path)
    said = freshness(tmp_path)
    for lake in lakes:
        for table in TABLES:
            if lake.layout.files(table):
                assert said.pop((lake.layout.legal_entity, table.name)) == counted(lake, table), table
    assert {entity for entity, _ in said} == {None}


def test_current_rows_and_closed_ones_are_told_apart(tmp_path: Path) -> None:
    """Guards against a price list that seems to grow because prices change."""
    lake = fill(tmp_path)
    closing = Change(TABLES[0], [()], [], as_of={(): NOW + timedelta(days=1)})
    lake.replace([closing], lineage=RUN)
    catalogue.build(tmp_path)
    assert freshness(tmp_path)["main", TABLES[0].name][:2] == (0, 1)


def test_a_file_without_rows_is_counted_as_a_file(tmp_path: Path) -> None:
    """Guards against a table that vanishes from the list because its last row did."""
    lake = Lake(tmp_path, "main")
    put(lake, ORDERS, [order(1)])
    lake.replace([Change(ORDERS, [(DAY,)], [])], lineage=RUN)
    catalogue.build(tmp_path)
    (file,) = lake.layout.files(ORDERS)
    assert freshness(tmp_path)["main", "orders"] == (0, 0, None, None, None, 0, 1, file.stat().st_size)


def test_an_empty_lake_has_a_row_of_zeros_for_each_table(tmp_path: Path) -> None:
    """Guards against an overview that fails until the last table has been read once."""
    catalogue.build(tmp_path)
    zeros = {(None, table.name): (0, 0, None, None, None, 0 if table.slice_by else None, 0, 0) for table in TABLES}
    assert freshness(tmp_path) == zeros


def test_new_files_show_without_a_rebuild(tmp_path: Path) -> None:
    """Guards against an overview that is as old as the catalogue."""
    lake = fill(tmp_path)
    catalogue.build(tmp_path)
    put(lake, ORDERS, [order(1, days(60)[-1])])
    assert freshness(tmp_path)["main", "orders"] == counted(lake, ORDERS)
