"""Both sensors of orders while somebody orders something every ten minutes, in Dagster's own daemon.

Not here: their decisions alone (`test_change_feed.py`, `test_gaps.py`), and when one waits for the other
(`test_order_gaps.py`).
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from partner_assets.automation.change_feed import FeedState
from partner_assets.automation.gaps import MOST_DAYS
from partner_assets.automation.wanted import PARK_AFTER
from partner_assets_tests.api.scripted_server import Reply, Request, failed
from partner_assets_tests.automation.front import in_front_of
from partner_assets_tests.automation.sensor_daemon import SensorDaemon, lasting_instance
from partner_assets_tests.automation.test_order_changes import statuses, truth
from partner_assets_tests.materialization.site import TODAY, OpenSite, Site

START = TODAY - timedelta(days=2 * MOST_DAYS)
FEED, GAPS, PARKED = "order_changes", "order_gaps", "parked_days"


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance that keeps ticks and cursors."""
    with lasting_instance(tmp_path) as instance:
        yield instance


def busy_tick(site: Site, daemon: SensorDaemon, number: int) -> list[tuple[str, str]]:
    """Let ten minutes pass, in which an order is made, and tick; return the runs."""
    site.sandbox.control("clock", advance_seconds=600)
    site.wait(timedelta(minutes=10))
    site.add_order(f"{TODAY}T{number // 6:02}:{number % 6}0:00Z")
    daemon.let_the_interval_pass()
    assert daemon.tick() == []
    return daemon.work()


def days_filled(site: Site) -> set[str]:
    """Return the days that Dagster knows as filled."""
    return site.instance.get_materialized_partitions(dg.AssetKey("order_charges"))


def test_a_day_that_fails_every_time_is_parked_although_its_orders_change_all_the_time(open_site: OpenSite) -> None:
    """Guards against a run at every tick in vain, of which the operator is never told, and which keeps gaps waiting."""
    site = open_site(start=TODAY - timedelta(days=9), orders_per_day=0)
    site.run_days(TODAY, TODAY)
    SensorDaemon(site, FEED).tick()
    daemon = SensorDaemon(site, FEED, GAPS, PARKED)
    bad = site.add_order(f"{TODAY}T06:00:00Z")

    def before(request: Request) -> Reply | None:
        is_bad = request.method == "GET" and bad in request.target
        return failed(400, "invalidRequest", "Bad Request") if is_bad else None

    with in_front_of(site, before):
        runs = [span for number in range(14) for span in busy_tick(site, daemon, number)]
        assert len([last for _, last in runs if last == str(TODAY)]) == PARK_AFTER
        assert FeedState.from_json(daemon.cursor(FEED)).parked == [TODAY]
        assert (daemon.message(PARKED) or "").startswith(f"1 day keeps failing and is tried but once a day: {TODAY}.")
        assert len(days_filled(site)) == 10


def test_missing_days_are_filled_at_full_speed_beside_a_day_that_changes_all_the_time(open_site: OpenSite) -> None:
    """Guards against a first load that takes three times as long, or never ends, because people work meanwhile."""
    site = open_site(start=START, orders_per_day=0)
    site.run_days(TODAY, TODAY)
    SensorDaemon(site, FEED).tick()
    daemon = SensorDaemon(site, FEED, GAPS)
    for number in range(2):
        assert (str(TODAY), str(TODAY)) in busy_tick(site, daemon, number)
    assert len(days_filled(site)) == (TODAY - START).days + 1
    assert statuses(site) == truth(site)
