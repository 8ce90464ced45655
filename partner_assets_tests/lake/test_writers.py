"""Several writers and readers at once: real processes and threads, real locks, a bounded time.

Not here: what one writer does.
"""

import contextlib
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date
from pathlib import Path

import duckdb
import pytest

from partner_assets.lake.store import Change, Lake
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.orders import ORDERS
from partner_assets_tests.lake.rows import RUN, charge, days, order, stored

DAYS = days(12)
LONG = 60.0
COUNT = "SELECT count(*) FROM read_parquet(?)"
spawned = multiprocessing.get_context("spawn")


def write_days(root: Path, mine: list[date]) -> None:
    """Write one order and one charge a day, a day at a time, one table first and then the other."""
    lake = Lake(root, "main", lock_seconds=LONG)
    for turn, day in enumerate(mine):
        changes = [
            Change(ORDERS, [(day,)], [order(day.day, day)]),
            Change(ORDER_CHARGES, [(day,)], [charge(day.day, day=day)]),
        ]
        lake.replace(changes if turn % 2 else list(reversed(changes)), lineage=RUN)


@pytest.mark.parametrize(
    "pool",
    [
        pytest.param(lambda: ProcessPoolExecutor(2, mp_context=spawned), id="processes"),
        pytest.param(lambda: ThreadPoolExecutor(4), id="threads"),
    ],
)
def test_writers_of_different_days_of_one_month_lose_nothing(
    pool: Callable[[], ProcessPoolExecutor | ThreadPoolExecutor], tmp_path: Path
) -> None:
    """Guards against two runs that read the same month, and the second of which forgets the first one's day.

    Both tables are written together in alternating order, so a deadlock would show as a timeout.
    """
    with pool() as executor:
        halves = [executor.submit(write_days, tmp_path, DAYS[start::2]) for start in (0, 1)]
        for half in halves:
            half.result(timeout=LONG)
    lake = Lake(tmp_path, "main")
    expected = [f"PO_{day.day}" for day in sorted(DAYS)]
    assert [key for (key,) in stored(lake, ORDERS, "transaction_id")] == expected
    assert [key for (key,) in stored(lake, ORDER_CHARGES, "transaction_id")] == expected


def test_a_reader_never_sees_a_half_written_month(tmp_path: Path) -> None:
    """Guards against counts that flicker, and staged files that are counted a second time."""
    lake = Lake(tmp_path, "main")
    lake.replace([Change(ORDERS, [(day,) for day in DAYS], [order(day.day, day) for day in DAYS])], lineage=RUN)
    counts: set[tuple[int, ...]] = set()
    with ThreadPoolExecutor(1) as executor, duckdb.connect() as connection:
        writing = executor.submit(write_days, tmp_path, DAYS)
        while True:
            is_last = writing.done()
            # A file that is replaced while it is being opened may be refused, loudly; a wrong count is what must not be.
            with contextlib.suppress(duckdb.Error):
                counts |= set(connection.execute(COUNT, [f"{tmp_path}/orders/*/*/part-*.parquet"]).fetchall())
            if is_last:
                break
        writing.result()
    assert counts == {(len(DAYS),)}
