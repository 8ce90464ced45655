"""The sensor `order_gaps`: asks for days that were never materialised, whose last run failed, or whose rows are gone.

A sensor of our own: declarative automation asks for all missing days at once, years of them, and does not try a failed
one again. It stands back while the feed has more to tell, changed days wait to be asked for, or runs queue. What is decided
is in `gaps.py`.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import dagster as dg

from partner_assets.automation import order_changes
from partner_assets.automation.backfills import DOCUMENTS_KEY
from partner_assets.automation.change_feed import FeedState, unasked
from partner_assets.automation.day_facts import LEAF_KEY, UNFINISHED, facts_of, running_days
from partner_assets.automation.day_ranges import DayRange, tick_result
from partner_assets.automation.gaps import GapState, fill
from partner_assets.automation.jobs import ORDERS
from partner_assets.automation.lost_partitions import lost_days
from partner_assets.automation.sensor_states import cursor_of, has_failed, sensor_state
from partner_assets.materialization.slices import clear_failures
from partner_assets.resources import Partner

NAME = "order_gaps"
INTERVAL_SECONDS = 30

MOST_UNFINISHED = 2
"""Runs queued or under way, of any job, at which gaps wait."""


def order_gaps_sensor(partitions: dg.DailyPartitionsDefinition) -> dg.SensorDefinition:
    """Return the sensor.

    Args:
        partitions: The days of orders.
    """

    @dg.sensor(
        name=NAME,
        job_name=ORDERS,
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Fills days that are missing, newest first, while nothing more urgent waits.",
    )
    def order_gaps(context: dg.SensorEvaluationContext, partner: dg.ResourceParam[Partner]) -> dg.SensorResult:
        now = partner.now()
        instance = context.instance
        state = GapState.from_json(context.cursor, now=now) if context.cursor else GapState(now)
        feed = feed_state(instance)
        reason = _reason_to_wait(instance, feed, now)
        if reason is not None:
            return tick_result(context, [], cursor=state.to_json(), message=reason)
        today = now.astimezone(UTC).date()
        # Runs before rows: of one that ends in between, the rows are seen then. And after: one may have begun.
        running = running_days(instance)
        missing = missing_days(instance, partitions, today=today)
        with clear_failures():
            missing |= lost_days(instance, partner.lake, days_through(partitions, today))
        # A day that the feed has on its list is the feed's: with two to ask for it, it would never rest.
        missing -= set(feed.dirty) if feed else set()
        state, keyed = fill(state, missing, running | running_days(instance), now=now)
        message = told(missing, state, [one for one, _ in keyed])
        return tick_result(context, keyed, cursor=state.to_json(), message=message)

    return order_gaps


def told(missing: set[date], state: GapState, requests: Sequence[DayRange]) -> str:
    """Return what a tick did, as a sentence for the operator."""
    asked = {day for one in requests for day in one.days}
    parts = [f"{len(missing)} days are missing: {len(requests)} runs requested for {len(asked)} of them"]
    parked = [day for day in state.parked if day not in asked]
    if parked:
        parts.append(f"{len(parked)} days parked ({', '.join(map(str, parked[:5]))})")
    return ", ".join(parts) + "."


def missing_days(instance: dg.DagsterInstance, partitions: dg.DailyPartitionsDefinition, *, today: date) -> set[date]:
    """Return the days through today whose orders were never materialised, or whose last run did not."""
    # Documents too: a person may have reported the leaf alone. Of those, `lost_days` looks at what was reported.
    documents, leaf = (instance.get_materialized_partitions(key) for key in (DOCUMENTS_KEY, LEAF_KEY))
    done = {date.fromisoformat(key) for key in documents & leaf}
    failed = instance.event_log_storage.get_latest_asset_partition_materialization_attempts_without_materializations(
        LEAF_KEY
    )
    return {day for day in days_through(partitions, today) if day not in done or day.isoformat() in failed}


def days_through(partitions: dg.DailyPartitionsDefinition, today: date) -> list[date]:
    """Return the days of orders up to today; whoever is ahead of our clock has more."""
    days = map(date.fromisoformat, partitions.get_partition_keys())
    return [day for day in days if day <= today]


def feed_state(instance: dg.DagsterInstance) -> FeedState | None:
    """Return the memory of `order_changes`, None before its first tick."""
    cursor = cursor_of(sensor_state(instance, order_changes.NAME))
    return FeedState.from_json(cursor) if cursor else None


def _reason_to_wait(instance: dg.DagsterInstance, feed: FeedState | None, now: datetime) -> str | None:
    unfinished = instance.get_runs_count(filters=dg.RunsFilter(statuses=list(UNFINISHED)))
    if unfinished >= MOST_UNFINISHED:
        return f"{unfinished} runs are queued or under way: missing days wait."
    sensor = sensor_state(instance, order_changes.NAME)
    if sensor is None or not sensor.is_running:
        return None
    if has_failed(instance, sensor):
        # Whatever keeps the feed from being read would keep days from being read, and have them all parked in the end.
        return "The change feed could not be read: missing days wait until it can."
    if feed is None:
        # It is about to tell which days it wants first; asked for here, they would be read twice.
        return "The change feed has not been read yet: missing days wait."
    if not feed.is_caught_up:
        return "The change feed has more to tell: missing days wait."
    # Only for those that nobody has asked for yet: they are first in the queue, and that is all that they need. A busy feed
    # always has days under way or pausing after a failure, and missing days would wait for it for ever.
    due = [day for day, entry in feed.dirty.items() if entry.is_due(now)]
    if first := unasked(feed, facts_of(instance, due), now=now):
        return f"{len(first)} changed days come first: missing days wait."
    return None
