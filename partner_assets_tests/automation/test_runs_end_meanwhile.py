"""A run that ends, or begins, between two looks of one tick: its days are not asked for once more.

What Dagster knows is asked for in several questions, seconds apart on a busy machine. Not here: runs that are not yet in the
queue (`test_coming_runs.py`).
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from partner_assets_tests.automation.interrupted_events import InterruptedEvents
from partner_assets_tests.automation.person import Person
from partner_assets_tests.automation.sensor_daemon import SensorDaemon, lasting_instance
from partner_assets_tests.materialization.site import TODAY, OpenSite, Site

START = date(2026, 3, 3)
DAYS = (START, TODAY)

# Dagster's own backfills call what Dagster has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:Function `AssetSelection.sources` is deprecated:DeprecationWarning")


@pytest.fixture
def events() -> InterruptedEvents:
    """What the instance keeps events in."""
    return InterruptedEvents()


@pytest.fixture
def instance(tmp_path: Path, events: InterruptedEvents) -> Iterator[dg.DagsterInstance]:
    """An instance that keeps ticks and cursors."""
    with lasting_instance(tmp_path / "dagster", events=events) as instance:
        yield instance


def under_way(site: Site) -> Person:
    """Return a person who has asked for all days, of which the runs wait in the queue."""
    person = Person(site)
    person.asks(*DAYS)
    while not person.queue():
        person.daemon()
    return person


def tick(daemon: SensorDaemon) -> list[dg.DagsterRun]:
    """Tick at the next chance; return the runs that wait then."""
    daemon.let_the_interval_pass()
    assert daemon.tick() == []
    return daemon.queued()


def test_days_whose_run_ends_during_a_tick_are_no_gaps(open_site: OpenSite, events: InterruptedEvents) -> None:
    """Guards against a night's run of many days that is done all over again, since it ended at the wrong moment."""
    site = open_site(start=START, orders_per_day=0)
    daemon = SensorDaemon(site, "order_gaps")
    person = under_way(site)
    events.meanwhile = lambda: person.works(person.queue())
    assert tick(daemon) == []
    assert tick(daemon) == []
    assert daemon.message("order_gaps") == "0 days are missing: 0 runs requested for 0 of them."


def test_days_whose_run_begins_during_a_tick_are_no_gaps(open_site: OpenSite, events: InterruptedEvents) -> None:
    """Guards against days that a person and the sensor both have read, since they asked in the same second."""
    site = open_site(start=START, orders_per_day=0)
    daemon = SensorDaemon(site, "order_gaps")
    made: list[dg.DagsterRun] = []
    events.meanwhile = lambda: made.extend(under_way(site).queue())
    assert tick(daemon) == made
    assert made


def test_changed_days_whose_run_ends_during_a_tick_are_not_asked_for(
    open_site: OpenSite, events: InterruptedEvents
) -> None:
    """Guards against a day that is read once more, because its read was not yet told of and its run no longer under way."""
    site = open_site(start=START)
    site.run_days(*DAYS)
    daemon = SensorDaemon(site, "order_changes")
    tick(daemon)
    site.sandbox.control("clock", advance_seconds=60)
    site.change_orders(1, START.isoformat())
    person = under_way(site)
    assert len(tick(daemon)) == len(person.queue())
    site.sandbox.control("clock", advance_seconds=60)
    events.meanwhile = lambda: person.works(person.queue())
    assert tick(daemon) == []
