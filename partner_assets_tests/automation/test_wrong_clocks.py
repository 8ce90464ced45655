"""Clocks that are ahead: ours for a while, or that of whoever gave an order its time of update."""

from datetime import date, timedelta

import dagster as dg
import pytest

from partner_assets.automation.change_feed import FeedState
from partner_assets_tests.api.scripted_server import Reply, Request, rows
from partner_assets_tests.automation.front import in_front_of
from partner_assets_tests.automation.test_order_changes import Daemon, filled, statuses, truth
from partner_assets_tests.materialization.site import OpenSite

OLD = date(2025, 12, 20)
"""A day that no schedule reads again."""


def two_hours(daemon: Daemon) -> int:
    """Tick every ten minutes and run what is asked for; return how many ticks failed."""
    failed = 0
    for _ in range(12):
        daemon.site.sandbox.control("clock", advance_seconds=600)
        daemon.site.wait(timedelta(minutes=10))
        try:
            daemon.run(daemon.tick())
        except dg.Failure:
            failed += 1
    return failed


@pytest.mark.parametrize("is_ours", [True, False])
def test_what_changes_after_a_mark_in_the_future_is_read(is_ours: bool, open_site: OpenSite) -> None:
    """Guards against an old order whose change is never read, and a sensor that fails until the time has come."""
    site = open_site(start=OLD, orders_per_day=0)
    order, other = site.add_order(f"{OLD}T10:00:00Z"), site.add_order("2026-03-04T10:00:00Z")
    daemon = filled(site)
    site.sandbox.control("clock", advance_seconds=60)
    site.wait(timedelta(minutes=1))
    if is_ours:
        site.wait(timedelta(hours=8))
        daemon.tick()
        site.wait(-timedelta(hours=8))
        site.partner._last -= timedelta(hours=8)  # another process, after a restart
    else:
        entry = {
            "transaction": {"id": other},
            "creationDateTime": "2026-03-04T10:00:00Z",
            "lastUpdateDateTime": "2026-03-05T13:00:00Z",
        }

        def before(request: Request) -> Reply | None:
            is_feed = request.method == "POST" and b"lastUpdateDateTime" in request.body
            return rows(*[entry][request.query["skip"] :], estimated=1) if is_feed else None

        url = site.sandbox.base_url
        with in_front_of(site, before):
            daemon.tick()
        site.partner.api.close()
        site.partner.settings = site.partner.settings.model_copy(update={"api_base_url": url})
        del site.partner.api
    site.sandbox.control("orders/change", id=order)
    assert two_hours(daemon) == 0
    assert statuses(site)[order] == truth(site)[order]
    assert FeedState.from_json(daemon.cursor or "").mark <= site.partner.now()
