"""Ticks whose reading fails: each request of the feed in turn, a lake that cannot be read, an outage that lasts.

Not here: Dagster's own storages, and a daemon that is killed (`test_killed_ticks.py`).
"""

from datetime import UTC, date, datetime, time, timedelta

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from partner_assets.automation.change_feed import FeedState
from partner_assets.automation.day_ranges import DayRange
from partner_assets_tests.api.scripted_server import Reply, Request, failed
from partner_assets_tests.automation.front import in_front_of
from partner_assets_tests.automation.test_order_changes import Daemon, statuses, truth
from partner_assets_tests.materialization.site import NOW, TODAY, OpenSite, Site

START = date(2026, 3, 1)
CHANGED = ["2026-03-01", "2026-03-02", "2026-03-04"]


class Outage:
    """Refuses the request of one number, counted from 1."""

    def __init__(self) -> None:
        self.at = 0
        self.requests = 0

    def before(self, request: Request) -> Reply | None:
        """Count, and refuse if it is time."""
        self.requests += 1
        return failed(400, "invalidRequest", "Not now") if self.requests == self.at else None


def changed_site(open_site: OpenSite) -> tuple[Site, Daemon]:
    """Return a lake in which orders of three days are no longer what they are, and a sensor that has long been asleep."""
    site = open_site(start=START, orders_per_day=0, page_cap=3)
    for number in range(1, 5):
        site.sandbox.control("orders/add", count=3, creationDateTime=f"2026-03-0{number}T06:00:00Z")
    site.run_days(START, TODAY)
    site.sandbox.control("clock", advance_seconds=60)
    for day in CHANGED:
        [order, *_] = site.sandbox.world.order_documents(date.fromisoformat(day), date.fromisoformat(day))
        transaction = order["transaction"]
        assert isinstance(transaction, dict)
        site.sandbox.control("orders/change", id=transaction["id"])
    # So long ago that whoever skips a part of the feed does not come upon it by the overlap.
    site.sandbox.control("clock", advance_seconds=6 * 3600)
    site.wait(timedelta(hours=6))
    daemon = Daemon(site, "order_changes")
    daemon.cursor = FeedState(datetime.combine(START, time(), tzinfo=UTC), since=NOW).to_json()
    return site, daemon


def days_of(daemon: Daemon, requests: list[dg.RunRequest]) -> list[str]:
    """Return every day of some requests."""
    spans = [DayRange(*map(date.fromisoformat, span)) for span in daemon.spans(requests)]
    return [day.isoformat() for span in spans for day in span.days]


def test_a_feed_that_fails_at_any_request_loses_and_doubles_nothing(open_site: OpenSite) -> None:
    """Guards against a mark that passes what was not read, and against days asked for twice since they are told again."""
    site, daemon = changed_site(open_site)
    cursor = daemon.cursor
    outage = Outage()
    with in_front_of(site, outage.before):
        calm = days_of(daemon, daemon.tick())
        assert calm == CHANGED
        needed = outage.requests
        assert needed > 6
        endings = set()
        for number in range(1, needed + 1):
            daemon.cursor, outage.at, outage.requests = cursor, number, 0
            asked = []
            try:
                asked = days_of(daemon, daemon.tick())
                endings.add("goes on with what was read whole")
            except dg.Failure as failure:
                assert daemon.cursor == cursor
                assert "Not now" in str(failure.description)
                endings.add("fails")
            outage.at = 0
            asked += days_of(daemon, daemon.tick())
            assert sorted(asked) == CHANGED
        assert len(endings) == 2


def test_a_lake_that_cannot_be_read_fails_the_tick_and_loses_nothing(open_site: OpenSite) -> None:
    """Guards against changes taken for known because the lake said nothing about them."""
    site, daemon = changed_site(open_site)
    cursor = daemon.cursor
    [file] = site.files("orders")
    content = file.read_bytes()
    pq.write_table(pa.table({"transaction_id": ["of another version"]}), file)
    with pytest.raises(dg.Failure) as failure:
        daemon.tick()
    assert str(file) in str(failure.value.description)
    assert daemon.cursor == cursor
    file.write_bytes(content)
    assert days_of(daemon, daemon.tick()) == CHANGED


def test_an_outage_parks_nothing_and_is_over_with_the_first_tick_after_it(open_site: OpenSite) -> None:
    """Guards against two hours without the API after which everything that was waiting is tried but once a day."""
    site, daemon = changed_site(open_site)
    daemon.tick()  # and the runs meet the outage
    down = True
    with in_front_of(site, lambda _: failed(400, "invalidRequest", "Not now") if down else None):
        for _ in range(30):
            site.wait(timedelta(minutes=10))
            with pytest.raises(dg.Failure):
                daemon.tick()
        down = False
        requests = daemon.tick()
        assert days_of(daemon, requests) == CHANGED
        assert FeedState.from_json(daemon.cursor or "").parked == []
        daemon.run(requests)
        assert statuses(site) == truth(site)
