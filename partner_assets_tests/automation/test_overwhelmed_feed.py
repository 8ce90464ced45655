"""So many orders updated within minutes that no tick can read them: the vendor has gone over all of them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from partner_assets.automation import order_changes
from partner_assets.automation.change_feed import FeedState
from partner_assets.automation.feed_reading import MOST_STALLS, SMALLEST_WINDOW
from partner_assets_tests.automation.test_order_changes import START, Daemon, filled, statuses, truth
from partner_assets_tests.materialization.site import NOW, TODAY, OpenSite, Site

TICKS = 30
"""More than it takes to halve the widest window to the smallest, and to give that up."""


def touched(site: Site, daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    """Update every order within a moment; from then on a tick reads a few of the thirty pages that tell it."""
    site.sandbox.control("clock", advance_seconds=60)
    site.sandbox.control("orders/change", ids=[row["transaction_id"] for row in site.rows("orders")])
    site.sandbox.control("latency", latency_ms=100)
    monkeypatch.setattr(order_changes, "READING_SECONDS", 0.4)
    daemon.tick()


def test_what_no_tick_can_read_is_found_by_reading_every_day(
    open_site: OpenSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards against a sensor that reads the same pages for ever, and never tells what changed since."""
    site = open_site(start=START, orders_per_day=40, page_cap=5)
    daemon = filled(site)
    touched(site, daemon, monkeypatch)
    mark = FeedState.from_json(daemon.cursor or "").mark
    site.sandbox.control("clock", advance_seconds=4 * 3600)
    site.wait(timedelta(hours=4))
    requests = next(asked for _ in range(TICKS) if (asked := daemon.tick()))
    state = FeedState.from_json(daemon.cursor or "")
    assert daemon.spans(requests) == [(START.isoformat(), TODAY.isoformat())]
    assert state.mark > mark
    site.sandbox.control("latency", latency_ms=0)
    daemon.run(requests)
    monkeypatch.undo()
    daemon.settle()
    assert statuses(site) == truth(site)
    state = FeedState.from_json(daemon.cursor or "")
    assert (state.dirty, state.is_caught_up, state.stalls) == ({}, True, 0)


def test_a_window_that_is_still_open_is_not_given_up(open_site: OpenSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards against a lake that is read whole at every tick for two hours: the window would come back each time."""
    site = open_site(start=START, orders_per_day=40, page_cap=5)
    daemon = filled(site)
    known = FeedState.from_json(daemon.cursor or "")
    daemon.cursor = replace(known, mark=NOW, window=SMALLEST_WINDOW).to_json()
    touched(site, daemon, monkeypatch)
    assert [asked for _ in range(2 * MOST_STALLS) if (asked := daemon.tick())] == []
    state = FeedState.from_json(daemon.cursor)
    assert (state.mark, state.is_caught_up, state.dirty) == (NOW, False, {})
    assert state.stalls > MOST_STALLS
