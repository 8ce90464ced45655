"""The sensor `order_changes`: reads the change feed and asks for the days that are not proven fresh.

A sensor of our own, since declarative automation loses a change that lands while its run is under way, and never tries
a failed partition again. What is decided, and why, is in `change_feed.py`; here it meets Dagster, the API and the lake.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

import dagster as dg

from partner_assets.automation.change_feed import Change, FeedState, all_listed, noticed, proven, requested, unseen
from partner_assets.automation.day_facts import facts_of, held_updates
from partner_assets.automation.day_ranges import DayRange, tick_result
from partner_assets.automation.feed_reading import FeedRead, read_feed
from partner_assets.automation.jobs import ORDERS
from partner_assets.materialization.slices import clear_failures
from partner_assets.resources import Partner

NAME = "order_changes"
INTERVAL_SECONDS = 30

READING_SECONDS = 35.0
"""Time for the feed in a tick; Dagster ends a tick, and forgets what it did, after sixty."""


def order_changes_sensor(first: date) -> dg.SensorDefinition:
    """Return the sensor.

    Args:
        first: First day of orders; a mark older than that starts there.
    """

    @dg.sensor(
        name=NAME,
        job_name=ORDERS,
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Reads what changed, and asks for the days of creation concerned until the lake holds the changes.",
    )
    def order_changes(context: dg.SensorEvaluationContext, partner: dg.ResourceParam[Partner]) -> dg.SensorResult:
        with clear_failures():
            return _tick(context, partner, first)

    return order_changes


def _tick(context: dg.SensorEvaluationContext, partner: Partner, first: date) -> dg.SensorResult:
    now = partner.now()
    start = datetime.combine(first, time(), tzinfo=UTC)
    state = FeedState.from_json(context.cursor) if context.cursor else FeedState(start, since=now)
    with partner.impatient_api() as api:
        read = read_feed(api, state, now=now, seconds=READING_SECONDS)
    if read.error is not None and not read.windows:
        # The cursor is still right. Nothing is asked for, since runs would meet the same: an outage must not park all
        # that was waiting when it began.
        raise read.error
    news = unseen(read.state, read.changes, first=first)
    held = held_updates(partner.lake, {one.day for one in news})
    # The clock is read anew: a run that began before the feed was read through has not seen all of this.
    state = noticed(read.state, news, held, now=partner.now())
    if read.is_overwhelmed:
        state = all_listed(state, DayRange(first, now.date()).days, now=partner.now())
    facts = facts_of(context.instance, list(state.dirty))
    state, keyed = requested(proven(state, facts), facts, now=now)
    message = told(read, state, news, [one for one, _ in keyed])
    return tick_result(context, keyed, cursor=state.to_json(), message=message)


def told(read: FeedRead, state: FeedState, news: Sequence[Change], requests: Sequence[DayRange]) -> str:
    """Return what a tick did, as a sentence for the operator."""
    days = {change.day for change in news}
    changed = f"{len(news)} orders changed, on {len(days)} days" if news else "Nothing changed"
    runs = f"{len(requests)} runs requested" if requests else "nothing to ask for"
    parts = [f"{changed} (the feed is read up to {state.mark:%Y-%m-%d %H:%M}): {runs}"]
    asked = {day for one in requests for day in one.days}
    parked = [day for day in state.parked if day not in asked]
    waiting = len(state.dirty) - len(asked) - len(parked)
    if waiting > 0:
        parts.append(f"{waiting} days under way")
    if parked:
        parts.append(f"{len(parked)} days parked ({', '.join(map(str, parked[:5]))})")
    if read.unreadable:
        parts.append(f"{read.unreadable} entries have no id or no time and cannot be followed")
    if read.drifted:
        parts.append("orders moved from page to page while the feed was read, and are looked for again")
    if read.is_overwhelmed:
        parts.append("more orders changed at once than could be read, so every day is looked through")
    if not state.is_caught_up:
        parts.append("more of the feed is to be read")
    return ", ".join(parts) + "." + (f" {read.error}" if read.error else "")
