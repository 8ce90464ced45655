"""When `order_gaps` stands back, and which days are none of its business: beside `order_changes`, in Dagster's own daemon.

Not here: how it fills a lake (`test_order_changes.py`), and its decisions alone (`test_gaps.py`).
"""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest

from partner_assets.automation.change_feed import DirtyDay, FeedState
from partner_assets.automation.gaps import GapState
from partner_assets.automation.order_gaps import told
from partner_assets.automation.wanted import PARK_AFTER, Wanted
from partner_assets_tests.automation.sensor_daemon import SensorDaemon, lasting_instance
from partner_assets_tests.materialization.site import NOW, TODAY, OpenSite, Site

START = date(2026, 3, 3)
FEED, GAPS = "order_changes", "order_gaps"


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance that keeps ticks and cursors."""
    with lasting_instance(tmp_path) as instance:
        yield instance


def opened(open_site: OpenSite, **feed: object) -> tuple[Site, SensorDaemon]:
    """Return a lake that lacks nothing and a daemon of both sensors; the feed's memory is as given."""
    site = open_site(start=START, orders_per_day=0)
    daemon = SensorDaemon(site, FEED, GAPS)
    daemon.settle()
    if feed:
        daemon.remember(FEED, FeedState(NOW, since=NOW, **feed).to_json())  # type: ignore[arg-type] # fields of any type, by name
    return site, daemon


def test_days_wait_while_the_change_feed_cannot_be_read(open_site: OpenSite) -> None:
    """Guards against years of missing days that are asked for in vain, and parked, because the API was away for an hour."""
    site, daemon = opened(open_site)
    daemon.run_unasked(START, dies=True)
    site.sandbox.__exit__(None, None, None)
    daemon.let_the_interval_pass()
    assert SensorDaemon(site, FEED).tick()
    assert SensorDaemon(site, GAPS).tick() == []
    assert daemon.message(GAPS) == "The change feed could not be read: missing days wait until it can."
    assert daemon.queued() == []


def test_days_wait_while_the_change_feed_has_more_to_tell(open_site: OpenSite) -> None:
    """Guards against old days that are loaded before what has changed, and then once more."""
    site, daemon = opened(open_site, is_caught_up=False)
    daemon.run_unasked(START, dies=True)
    daemon.let_the_interval_pass()
    alone = SensorDaemon(site, GAPS)
    alone.tick()
    assert alone.message(GAPS) == "The change feed has more to tell: missing days wait."


def test_a_change_feed_that_was_switched_off_is_not_waited_for(open_site: OpenSite) -> None:
    """Guards against an operator who stops one sensor and finds that another has stopped with it."""
    _, daemon = opened(open_site, is_caught_up=False)
    daemon.run_unasked(START, dies=True)
    daemon.stop(FEED)
    daemon.let_the_interval_pass()
    daemon.tick()
    assert daemon.work() == [(START.isoformat(), START.isoformat())]


def test_days_wait_for_changes_that_are_yet_to_be_asked_for_and_not_for_those_that_were(open_site: OpenSite) -> None:
    """Guards against a lake that is never filled, since on a busy feed some changed day is always under way or pausing."""
    later = NOW + timedelta(hours=1)
    asked, unasked = DirtyDay(later, 1, later + timedelta(hours=1), need=NOW), DirtyDay(later, need=NOW)
    _, daemon = opened(open_site, dirty={TODAY: asked, TODAY - timedelta(days=1): unasked})
    daemon.run_unasked(START, dies=True)
    alone = SensorDaemon(daemon.site, GAPS)
    daemon.let_the_interval_pass()
    alone.tick()
    assert alone.message(GAPS) == "1 changed days come first: missing days wait."
    daemon.remember(FEED, FeedState(NOW, since=NOW, dirty={TODAY: asked}).to_json())
    daemon.let_the_interval_pass()
    alone.tick()
    assert daemon.work() == [(START.isoformat(), START.isoformat())]


def test_changes_that_nobody_asks_for_since_their_sensor_is_off_are_not_waited_for(open_site: OpenSite) -> None:
    """Guards against missing days that wait for ever for a sensor which an operator has stopped."""
    _, daemon = opened(open_site, dirty={TODAY: DirtyDay(NOW + timedelta(hours=1), need=NOW)})
    daemon.run_unasked(START, dies=True)
    daemon.stop(FEED)
    daemon.let_the_interval_pass()
    daemon.tick()
    assert daemon.work() == [(START.isoformat(), START.isoformat())]


def test_a_day_on_the_list_of_the_change_feed_is_left_to_it(open_site: OpenSite) -> None:
    """Guards against a parked day that is tried ten times more, because its last run failed and so it is a gap as well."""
    parked = DirtyDay(NOW + timedelta(hours=1), PARK_AFTER, NOW + timedelta(days=1), need=NOW)
    _, daemon = opened(open_site, dirty={START: parked})
    daemon.run_unasked(START, dies=True)
    daemon.run_unasked(TODAY, dies=True)
    daemon.let_the_interval_pass()
    daemon.tick()
    assert daemon.work() == [(TODAY.isoformat(), TODAY.isoformat())]


def test_the_message_of_a_tick_is_a_sentence_that_names_what_is_parked() -> None:
    """Guards against days that nobody hears of again."""
    parked = Wanted(NOW, PARK_AFTER, NOW)
    assert told({START}, GapState(NOW, tried={START: parked}), []) == (
        f"1 days are missing: 0 runs requested for 0 of them, 1 days parked ({START})."
    )
    assert told(set(), GapState(NOW), []) == "0 days are missing: 0 runs requested for 0 of them."
