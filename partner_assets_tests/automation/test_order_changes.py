"""The sensors for orders against a sandbox, tick by tick, with the runs that they ask for run in between.

Not here: their decisions alone (`test_change_feed.py`), and a real daemon.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from partner_assets.automation.change_feed import Change, FeedState
from partner_assets.automation.day_ranges import RANGE_END, RANGE_START, DayRange
from partner_assets.automation.feed_reading import FeedRead
from partner_assets.automation.order_changes import told
from partner_assets_tests.materialization.site import NOW, TODAY, OpenSite, Site

START = date(2026, 3, 1)


class Daemon:
    """Ticks a sensor by hand and keeps its cursor, as Dagster's daemon does.

    Args:
        site: Where it works.
        name: The sensor.
    """

    def __init__(self, site: Site, name: str) -> None:
        self.site = site
        self.name = name
        self.cursor: str | None = None

    def tick(self, *, keep_cursor: bool = True) -> list[dg.RunRequest]:
        """Evaluate the sensor once; without its cursor being kept, as if the daemon died before committing."""
        repository = self.site.definitions.get_repository_def()
        with dg.build_sensor_context(
            instance=self.site.instance,
            cursor=self.cursor,
            repository_def=repository,
            resources={"partner": self.site.partner},
        ) as context:
            result = repository.get_sensor_def(self.name).evaluate_tick(context)
        if keep_cursor:
            self.cursor = result.cursor
        return list(result.run_requests or [])

    def spans(self, requests: list[dg.RunRequest]) -> list[tuple[str, str]]:
        """Return first and last day of each request."""
        return sorted((request.tags[RANGE_START], request.tags[RANGE_END]) for request in requests)

    def run(self, requests: list[dg.RunRequest]) -> None:
        """Run what was asked for."""
        for first, last in self.spans(requests):
            self.site.run_days(date.fromisoformat(first), date.fromisoformat(last))

    def settle(self) -> int:
        """Tick and run until nothing more is asked for; return the number of runs."""
        runs = 0
        for _ in range(10):
            requests = self.tick()
            if not requests:
                return runs
            self.run(requests)
            runs += len(requests)
        raise AssertionError("it asks for ever")


def filled(site: Site) -> Daemon:
    """Load every day, and let the sensor find that it is so."""
    site.run_days(site.start, TODAY)
    daemon = Daemon(site, "order_changes")
    daemon.settle()
    site.forget_requests()
    return daemon


def truth(site: Site) -> dict[str, Any]:
    """Return the status of every order that the sandbox has."""
    documents: list[Any] = list(site.sandbox.world.order_documents(site.start, TODAY))
    return {document["transaction"]["id"]: document["transaction"].get("status") for document in documents}


def statuses(site: Site) -> dict[str, Any]:
    """Return the status of every order in the lake."""
    return {row["transaction_id"]: row["status"] for row in site.rows("orders")}


def test_a_lake_that_holds_everything_is_asked_for_nothing_at_the_first_tick(open_site: OpenSite) -> None:
    """Guards against a daemon that loads all orders again because it has never read the feed."""
    site = open_site(start=START)
    site.run_days(START, TODAY)
    daemon = Daemon(site, "order_changes")
    assert daemon.tick() == []


def test_a_quiet_tick_is_one_empty_page(open_site: OpenSite) -> None:
    """Guards against a sensor that spends the shared quota on nothing, or reads a busy day again as long as none follows."""
    daemon = filled(open_site(start=START))
    assert daemon.tick() == []
    assert daemon.site.asked() == daemon.site.asked("search_orders") == 1


def test_changes_on_days_one_two_and_four_become_two_runs_and_then_none(open_site: OpenSite) -> None:
    """Guards against a run per order or per day, and against days that are asked for again after they arrived."""
    site = open_site(start=START)
    daemon = filled(site)
    site.sandbox.control("clock", advance_seconds=60)
    for day in ("2026-03-01", "2026-03-02", "2026-03-04"):
        site.change_orders(2, day)
    requests = daemon.tick()
    assert daemon.spans(requests) == [("2026-03-01", "2026-03-02"), ("2026-03-04", "2026-03-04")]
    daemon.run(requests)
    assert daemon.tick() == []
    assert statuses(site) == truth(site)


def test_a_tick_whose_cursor_was_lost_asks_for_the_same_run_by_the_same_key(open_site: OpenSite) -> None:
    """Guards against doubled runs when the daemon dies between asking and committing: Dagster drops a known key."""
    site = open_site(start=START)
    daemon = filled(site)
    site.sandbox.control("clock", advance_seconds=60)
    site.change_orders(1, "2026-03-02")
    lost = daemon.tick(keep_cursor=False)
    again = daemon.tick()
    assert [request.run_key for request in lost] == [request.run_key for request in again]


def test_a_run_that_failed_is_asked_for_again(open_site: OpenSite) -> None:
    """Guards against a change that is forgotten because its only run failed."""
    site = open_site(start=START)
    daemon = filled(site)
    site.sandbox.control("clock", advance_seconds=60)
    site.change_orders(1, "2026-03-02")
    assert len(daemon.tick()) == 1  # and the run never starts
    assert daemon.tick() == []
    state = FeedState.from_json(daemon.cursor or "")
    assert [entry.tries for entry in state.dirty.values()] == [1]
    site.wait(timedelta(minutes=3))
    assert daemon.spans(daemon.tick()) == [("2026-03-02", "2026-03-02")]


def test_weeks_of_sleep_are_caught_up_window_by_window(open_site: OpenSite) -> None:
    """Guards against a machine that slept and asks for a window wider than the API allows, or skips one."""
    site = open_site(start=START - timedelta(days=40), orders_per_day=2)
    daemon = Daemon(site, "order_changes")
    daemon.settle()
    assert statuses(site) == truth(site)
    assert len(statuses(site)) > 40


def test_an_order_that_was_removed_after_its_change_takes_its_day_off_the_list(open_site: OpenSite) -> None:
    """Guards against a day that is asked for until it is parked, because the change it waits for no longer exists."""
    site = open_site(start=START)
    daemon = filled(site)
    site.sandbox.control("clock", advance_seconds=60)
    [order] = site.change_orders(1, "2026-03-02")
    requests = daemon.tick()
    site.sandbox.control("orders/remove", id=order)
    daemon.run(requests)
    assert daemon.tick() == []
    assert FeedState.from_json(daemon.cursor or "").dirty == {}
    assert order not in statuses(site)


def test_a_dead_api_fails_the_tick_with_one_sentence_and_keeps_the_cursor(open_site: OpenSite) -> None:
    """Guards against an outage that is taken for a quiet feed."""
    site = open_site(start=START)
    daemon = filled(site)
    before = daemon.cursor
    site.sandbox.__exit__(None, None, None)
    with pytest.raises(dg.Failure) as failure:
        daemon.tick()
    assert "no connection" in str(failure.value.description)
    assert daemon.cursor == before


def test_gaps_are_filled_newest_first_and_a_bounded_number_at_a_time(open_site: OpenSite) -> None:
    """Guards against years of old days being loaded before the change that people look at."""
    site = open_site(start=START - timedelta(days=60), orders_per_day=0)
    gaps = Daemon(site, "order_gaps")
    requests = gaps.tick()
    assert gaps.spans(requests) == [("2026-01-03", "2026-02-02"), ("2026-02-03", "2026-03-05")]
    gaps.run(requests)
    assert gaps.spans(gaps.tick()) == [("2025-12-31", "2026-01-02")]


def test_todays_partition_is_no_gap_before_it_begins(open_site: OpenSite) -> None:
    """Guards against a request for tomorrow, whose search would begin in the future and be refused."""
    site = open_site(start=TODAY, orders_per_day=0)
    gaps = Daemon(site, "order_gaps")
    assert gaps.spans(gaps.tick()) == [(TODAY.isoformat(), TODAY.isoformat())]


def test_the_mark_never_passes_what_the_api_has_reached(open_site: OpenSite) -> None:
    """Guards against our clock running ahead: updates that the API stamps later than the mark would never be read."""
    site = open_site(start=START)
    daemon = filled(site)
    mark = FeedState.from_json(daemon.cursor or "").mark
    newest = max(
        datetime.fromisoformat(str(document["lastUpdateDateTime"])).astimezone(UTC)
        for document in site.sandbox.world.order_documents(START, TODAY)
    )
    assert mark <= max(newest, NOW)


def test_the_message_of_a_tick_is_a_sentence_that_tells_only_what_is_new() -> None:
    """Guards against an operator who reads, at every tick, of changes that arrived long ago."""
    state = FeedState(datetime(2026, 3, 5, 11, 30, tzinfo=UTC), since=NOW)
    quiet = FeedRead(state, [Change("PO_1", TODAY, NOW)], windows=1)
    assert (
        told(quiet, state, [], []) == "Nothing changed (the feed is read up to 2026-03-05 11:30): nothing to ask for."
    )
    busy = told(quiet, state, quiet.changes, [DayRange(TODAY, TODAY)])
    assert busy == "1 orders changed, on 1 days (the feed is read up to 2026-03-05 11:30): 1 runs requested."
    blind = FeedRead(state, unreadable=2, windows=1)
    assert "2 entries have no id or no time and cannot be followed" in told(blind, state, [], [])
