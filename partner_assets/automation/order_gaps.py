"""The sensor `order_gaps`: asks for days that were never materialised, or whose last run failed.

A sensor of our own: declarative automation asks for all missing days at once, years of them, and does not try a failed
one again. It stands back while changed days wait, or runs queue. What is decided is in `gaps.py`.
"""

from datetime import UTC, date

import dagster as dg

from partner_assets.automation import order_changes
from partner_assets.automation.change_feed import FeedState
from partner_assets.automation.day_facts import LEAF_KEY, UNFINISHED, running_days
from partner_assets.automation.day_ranges import tick_result
from partner_assets.automation.gaps import GapState, fill
from partner_assets.automation.jobs import ORDERS
from partner_assets.resources import Partner

NAME = "order_gaps"
INTERVAL_SECONDS = 60

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
        state = GapState.from_json(context.cursor) if context.cursor else GapState()
        reason = _reason_to_wait(instance)
        if reason is not None:
            return tick_result(context, [], cursor=state.to_json(), message=reason)
        missing = missing_days(instance, partitions, today=now.astimezone(UTC).date())
        state, keyed = fill(state, missing, running_days(instance), now=now)
        days = sum(len(one.days) for one, _ in keyed)
        message = f"{len(missing)} days are missing: {len(keyed)} runs requested for {days} of them."
        return tick_result(context, keyed, cursor=state.to_json(), message=message)

    return order_gaps


def missing_days(instance: dg.DagsterInstance, partitions: dg.DailyPartitionsDefinition, *, today: date) -> set[date]:
    """Return the days through today whose orders were never materialised, or whose last run did not."""
    days = {date.fromisoformat(key) for key in partitions.get_partition_keys()}
    done = {date.fromisoformat(key) for key in instance.get_materialized_partitions(LEAF_KEY)}
    failed = instance.event_log_storage.get_latest_asset_partition_materialization_attempts_without_materializations(
        LEAF_KEY
    )
    return {day for day in days if day <= today and (day not in done or day.isoformat() in failed)}


def feed_state(instance: dg.DagsterInstance) -> FeedState | None:
    """Return the memory of `order_changes`, None before its first tick."""
    # An instance that lives in memory keeps no cursors.
    for stored in instance.all_instigator_state() if instance.schedule_storage else ():
        if stored.instigator_name == order_changes.NAME:
            cursor = getattr(stored.instigator_data, "cursor", None)
            return FeedState.from_json(cursor) if cursor else None
    return None


def _reason_to_wait(instance: dg.DagsterInstance) -> str | None:
    unfinished = instance.get_runs_count(filters=dg.RunsFilter(statuses=list(UNFINISHED)))
    if unfinished >= MOST_UNFINISHED:
        return f"{unfinished} runs are queued or under way: missing days wait."
    feed = feed_state(instance)
    if feed is not None and len(feed.dirty) > len(feed.parked):
        return f"{len(feed.dirty)} changed days come first: missing days wait."
    return None
