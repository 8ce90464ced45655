"""Dagster's own storage lost or locked: the lake needs none of it, and a new one is filled from the documents.

Real SQLite in a folder. Not here: what the lake itself lost (`test_lost_partitions.py`).
"""

import contextlib
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy.exc import OperationalError

from partner_assets_tests.automation.test_order_changes import Daemon
from partner_assets_tests.materialization.expected_rows import expected_orders
from partner_assets_tests.materialization.site import TODAY, OpenSite, Site
from partner_assets_tests.test_truth import ORDERS_KEYS, assert_truth

START = date(2026, 2, 27)


@pytest.fixture
def home() -> Iterator[Path]:
    """Return a folder for instances; in memory where that is possible, since SQLite waits for the disk at every event."""
    memory = Path("/dev") / "shm"
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@contextlib.contextmanager
def opened(home: Path) -> Iterator[dg.DagsterInstance]:
    """Open an instance that keeps everything in SQLite below a folder, as `DAGSTER_HOME` does."""
    home.mkdir(parents=True, exist_ok=True)
    with dg.DagsterInstance.local_temp(str(home), overrides={"telemetry": {"enabled": False}}) as instance:
        yield instance


def contents(site: Site) -> dict[Path, bytes]:
    """Return every file of the lake's tables with its bytes."""
    return {file: file.read_bytes() for file in site.files()}


def assert_all_is_well(site: Site) -> None:
    """Make sure that every orders table is the truth."""
    assert_truth(site, expected_orders(site.sandbox.world.order_documents(site.start, TODAY)), ORDERS_KEYS)


def test_a_wiped_instance_is_filled_again_from_search_pages_alone(open_site: OpenSite, home: Path) -> None:
    """Guards against five years of documents that are asked for again because Dagster's database was lost."""
    site = open_site(start=START, orders_per_day=6)
    with opened(home / "one") as instance:
        site.instance = instance
        site.run_days(START, TODAY)
        before = contents(site)
    shutil.rmtree(home / "one")
    site.forget_requests()
    site.wait(timedelta(hours=1))
    with opened(home / "one") as instance:
        site.instance = instance
        gaps = Daemon(site, "order_gaps")
        assert gaps.settle() == 1
        assert Daemon(site, "order_changes").settle() == 0
        assert gaps.tick() == []
        known = instance.get_materialized_partitions(dg.AssetKey("order_charges"))
    assert len(known) == (TODAY - START).days + 1
    assert site.asked("order_details") == 0
    assert site.asked() == site.asked("search_orders") > 0
    assert contents(site) == before
    assert_all_is_well(site)


class Locker:
    """Locks Dagster's databases for everybody.

    Args:
        home: The folder of the databases.
    """

    def __init__(self, home: Path) -> None:
        self._files = [home / "history/runs.db", home / "history/runs/index.db"]
        self._held: list[sqlite3.Connection] = []

    def lock(self) -> None:
        """Lock them."""
        for file in self._files:
            connection = sqlite3.connect(file, isolation_level=None, timeout=30, check_same_thread=False)
            connection.execute("BEGIN EXCLUSIVE")
            self._held.append(connection)

    def release(self) -> None:
        """Let them go."""
        while self._held:
            with contextlib.closing(self._held.pop()) as connection:
                connection.execute("ROLLBACK")


def test_a_run_waits_for_a_database_that_is_locked_for_a_while(open_site: OpenSite, home: Path) -> None:
    """Guards against a run that fails because somebody looked into the database for a second."""
    site = open_site(orders_per_day=6)
    with opened(home / "one") as instance:
        site.instance = instance
        locker = Locker(home / "one")
        locker.lock()
        timer = threading.Timer(1.0, locker.release)
        timer.start()
        site.run_day(TODAY)
        timer.join()
    assert_all_is_well(site)


def test_a_database_that_stays_locked_fails_the_run_and_not_the_lake(open_site: OpenSite, home: Path) -> None:
    """Guards against a lake that is half written since a run could not report, and against a run that hangs for ever."""
    site = open_site(orders_per_day=6)
    with opened(home / "one") as instance:
        site.instance = instance
        site.run_day(TODAY)
        site.add_order("2026-03-05T01:00:00Z")
        before = contents(site)
        locker = Locker(home / "one")
        locker.lock()
        with pytest.raises(OperationalError, match="database is locked"):
            site.run("orders_by_day", key=TODAY.isoformat())
        locker.release()
        assert contents(site) == before
        site.run_day(TODAY)
    assert_all_is_well(site)


class Loses:
    """Deletes Dagster's databases while the last day of an asset is being read.

    Args:
        home: The folder of the databases.
    """

    def __init__(self, home: Path) -> None:
        self._home = home

    def slice_done(self, asset: str, done: int, total: int) -> None:
        """Delete them if it is time."""
        if done == total:
            shutil.rmtree(self._home / "history", ignore_errors=True)


def test_a_database_that_is_lost_in_the_middle_of_a_run_costs_nothing_but_the_run(
    open_site: OpenSite, home: Path
) -> None:
    """Guards against documents that are fetched twice, or rows that are doubled, because a run could not be finished."""
    site = open_site(start=TODAY - timedelta(days=1), orders_per_day=6)
    silent, site.partner.progress = site.partner.progress, Loses(home / "one")
    with opened(home / "one") as instance, pytest.raises(OperationalError):
        site.instance = instance
        site.run("orders_by_day", span=(site.start.isoformat(), TODAY.isoformat()))
    site.partner.progress = silent
    fetched = site.asked("order_details")
    with opened(home / "another") as instance:
        site.instance = instance
        site.run_days(site.start, TODAY)
    assert site.asked("order_details") == fetched == len(site.rows("order_documents"))
    assert_all_is_well(site)
