"""Days that keep failing, as the operator sees them: the check `no_days_parked`, through Dagster's own daemon and storages.

Not here: when a day is parked (`test_change_feed.py`, `test_gaps.py`).
"""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from partner_assets.automation.change_feed import DirtyDay, FeedState
from partner_assets.automation.gaps import GapState
from partner_assets.automation.wanted import PARK_AFTER, Wanted
from partner_assets.sandbox.keys import hash_of
from partner_assets_tests.automation.sensor_daemon import SensorDaemon, lasting_instance
from partner_assets_tests.checks.damage import shown
from partner_assets_tests.materialization.site import KEY, NOW, TODAY, OpenSite, Site, checks

START = date(2026, 3, 1)
FEED, GAPS, PARKED = "order_changes", "order_gaps", "parked_days"
CHECK = dg.AssetCheckKey(dg.AssetKey("order_documents"), "no_days_parked")
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance that keeps ticks and cursors."""
    with lasting_instance(tmp_path) as instance:
        yield instance


class Operator:
    """Looks at the check's tab in the UI.

    Args:
        site: Where.
    """

    def __init__(self, site: Site) -> None:
        self._storage = site.instance.event_log_storage

    def sees(self) -> Any:
        """Return the newest evaluation of the check, None if the newest is none."""
        record = self._storage.get_latest_asset_check_execution_by_key([CHECK]).get(CHECK)
        return record.evaluation if record is not None and record.status.value != "PLANNED" else None

    def reports(self) -> int:
        """Return how many evaluations and plans of it there are."""
        return len(self._storage.get_asset_check_execution_history(CHECK, limit=100))


def ticked(daemon: SensorDaemon) -> None:
    """Tick."""
    daemon.let_the_interval_pass()
    assert daemon.tick() == []


def fed(daemon: SensorDaemon, *days: date, tries: int = PARK_AFTER) -> None:
    """Let the change feed remember that days were asked for in vain."""
    dirty = {day: DirtyDay(LATER, tries, LATER + timedelta(days=1), need=NOW) for day in days}
    daemon.remember(FEED, FeedState(NOW, dirty=dirty, since=NOW).to_json())


def test_a_day_that_keeps_failing_is_reported_when_it_is_parked_and_when_it_is_freed(open_site: OpenSite) -> None:
    """Guards against a broken day that nobody sees, since its runs never come to their checks, and a mark that stays."""
    site = open_site(start=START, orders_per_day=0)
    daemon = SensorDaemon(site, GAPS, PARKED)
    daemon.settle()
    operator = Operator(site)
    assert (operator.sees().passed, operator.sees().description) == (True, "No day is parked.")
    site.sandbox.control("keys/revoke", hashed_key=hash_of(KEY))
    daemon.run_unasked(START)
    for number in range(1, PARK_AFTER + 1):
        assert (number, operator.sees() is None or operator.sees().passed) == (number, True)
        site.wait(timedelta(hours=1))
        ticked(daemon)
        assert daemon.work() == [(START.isoformat(), START.isoformat())]
    ticked(daemon)
    evaluation = operator.sees()
    assert (evaluation.passed, evaluation.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert evaluation.description.startswith(f"1 day keeps failing and is tried but once a day: {START}. ")
    [row] = shown(evaluation)
    assert (row["creation_date"], row["asked_by"], row["tries"]) == (START.isoformat(), GAPS, str(PARK_AFTER))
    assert "403" in row["reason"]
    site.sandbox.control("keys/install", hashed_key=hash_of(KEY))
    site.sandbox.control("clock", advance_seconds=86_400)
    site.wait(timedelta(days=1))
    ticked(daemon)
    assert (START.isoformat(), START.isoformat()) in daemon.work()
    ticked(daemon)
    assert operator.sees().passed


def test_nothing_new_is_reported_at_every_tick(open_site: OpenSite) -> None:
    """Guards against a thousand events a day that all say the same."""
    site = open_site(start=START, orders_per_day=0)
    daemon = SensorDaemon(site, FEED, PARKED)
    daemon.settle()
    operator = Operator(site)
    fed(daemon, START)
    alone = SensorDaemon(site, PARKED)
    ticked(alone)
    before = operator.reports()
    for _ in range(3):
        ticked(alone)
    assert (operator.sees().passed, operator.reports()) == (False, before)
    fed(daemon, START, tries=PARK_AFTER + 1)
    ticked(alone)
    assert (shown(operator.sees())[0]["tries"], operator.reports()) == (str(PARK_AFTER + 1), before + 1)
    fed(daemon, START, TODAY, tries=PARK_AFTER + 1)
    ticked(alone)
    assert operator.reports() == before + 2
    fed(daemon)
    ticked(alone)
    assert (operator.sees().passed, operator.reports()) == (True, before + 3)


def test_what_a_run_has_hidden_is_reported_again(open_site: OpenSite) -> None:
    """Guards against a mark that goes out when a run begins that never comes to its checks, or another day is read."""
    site = open_site(with_checks=True, start=START, orders_per_day=0)
    daemon = SensorDaemon(site, FEED, PARKED)
    daemon.settle()
    operator = Operator(site)
    fed(daemon, START)
    alone = SensorDaemon(site, PARKED)
    ticked(alone)
    site.sandbox.control("keys/revoke", hashed_key=hash_of(KEY))
    assert not site.run("orders_by_day", key=START.isoformat()).success
    assert operator.sees() is None
    ticked(alone)
    assert not operator.sees().passed
    site.sandbox.control("keys/install", hashed_key=hash_of(KEY))
    before = operator.reports()
    daemon.run_unasked(TODAY)
    ticked(alone)
    ticked(alone)
    assert (operator.sees().passed, operator.reports()) == (False, before + 1)


def test_a_run_that_comes_to_its_checks_says_the_same_as_the_sensor(open_site: OpenSite) -> None:
    """Guards against two voices that take turns, and against a sensor that repeats what a run has said."""
    site = open_site(with_checks=True, start=START, orders_per_day=0)
    daemon = SensorDaemon(site, FEED, PARKED)
    daemon.settle()
    fed(daemon, START)
    evaluation = checks(site.run_day(TODAY), "order_documents")["no_days_parked"]
    assert not evaluation.passed
    assert [row["creation_date"] for row in shown(evaluation)] == [START.isoformat()]
    operator = Operator(site)
    before = operator.reports()
    alone = SensorDaemon(site, PARKED)
    ticked(alone)
    assert operator.reports() == before


def test_days_of_both_sensors_are_one_list_of_which_the_newest_ten_are_shown(open_site: OpenSite) -> None:
    """Guards against a list too long to read, and against a day that stands on it twice."""
    site = open_site(start=TODAY - timedelta(days=20), orders_per_day=0)
    daemon = SensorDaemon(site, FEED, GAPS, PARKED)
    daemon.settle()
    days = [TODAY - timedelta(days=number) for number in range(12)]
    fed(daemon, *days[:7])
    again = LATER + timedelta(days=1)
    tried = {day: Wanted(NOW, PARK_AFTER, again) for day in days[6:]}
    daemon.remember(GAPS, GapState(NOW, tried=tried).to_json())
    for day in days[6:]:
        daemon.run_unasked(day, dies=True)
    alone = SensorDaemon(site, PARKED)
    ticked(alone)
    evaluation = Operator(site).sees()
    assert evaluation.description.startswith("12 days keep failing")
    assert f"{days[9]} and 2 more." in evaluation.description
    rows = shown(evaluation)
    assert [row["creation_date"] for row in rows] == [day.isoformat() for day in days[:10]]
    assert [row["asked_by"] for row in rows] == [FEED] * 7 + [GAPS] * 3
    assert rows[9]["reason"].endswith("the machine was switched off")
    assert rows[0]["reason"] is None


def test_a_day_that_was_filled_meanwhile_is_parked_no_more(open_site: OpenSite) -> None:
    """Guards against a mark that stays for hours because the sensor which parked the day stands back for others."""
    site = open_site(start=START, orders_per_day=0)
    daemon = SensorDaemon(site, FEED, GAPS, PARKED)
    daemon.settle()
    tried = {START: Wanted(NOW, PARK_AFTER, LATER)}
    daemon.remember(GAPS, GapState(NOW, tried=tried).to_json())
    alone = SensorDaemon(site, PARKED)
    ticked(alone)
    assert Operator(site).sees().passed


def test_a_memory_that_cannot_be_read_is_said_and_ends_no_run(open_site: OpenSite) -> None:
    """Guards against runs that fail because somebody edited a cursor, and a check that finds all well meanwhile."""
    site = open_site(with_checks=True, start=START, orders_per_day=0)
    daemon = SensorDaemon(site, FEED, PARKED)
    daemon.settle()
    daemon.remember(FEED, "mine")
    evaluation = checks(site.run_day(TODAY), "order_documents")["no_days_parked"]
    assert not evaluation.passed
    assert "The cursor of order_changes cannot be read" in evaluation.description
