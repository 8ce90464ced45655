"""Which days of orders keep failing, by the memories of `order_changes` and `order_gaps`, and why.

Not here: how the operator comes to see them (`parked_days_report.py`), and when a day is parked (`wanted.py`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import dagster as dg

from partner_assets.automation import change_feed, gaps, order_changes, order_gaps
from partner_assets.automation.day_facts import days_read_by, facts_of, running_days
from partner_assets.automation.failures import last_failures
from partner_assets.automation.sensor_states import cursor_of, sensor_state
from partner_assets.checks.look import SHOWN
from partner_assets.checks.parked import ParkedDay


def parked_now(
    instance: dg.DagsterInstance, partitions: dg.DailyPartitionsDefinition, *, now: datetime
) -> list[ParkedDay]:
    """Return the days that keep failing, without the reasons.

    The sensors' memories may be some minutes old, so days that were read since are left out.

    Args:
        instance: What Dagster remembers.
        partitions: The days of orders.
        now: The time.

    Raises:
        ValueError: If a sensor's cursor cannot be read.
    """
    parked = []
    feed = order_gaps.feed_state(instance)
    if feed is not None and feed.parked:
        changed = change_feed.given_up(feed, facts_of(instance, feed.parked))
        parked += [ParkedDay(day, order_changes.NAME, one.tries, one.next_try) for day, one in changed.items()]
    cursor = cursor_of(sensor_state(instance, order_gaps.NAME))
    tried = gaps.GapState.from_json(cursor, now=now) if cursor else None
    if tried is not None and tried.parked:
        running = running_days(instance)  # before rows: what ends in between has brought its own by then
        missing = order_gaps.missing_days(instance, partitions, today=now.astimezone(UTC).date())
        missing -= set(feed.dirty) if feed else set()
        failed = gaps.given_up(tried, missing, running)
        parked += [ParkedDay(day, order_gaps.NAME, one.tries, one.next_try) for day, one in failed.items()]
    return parked


def with_reasons(instance: dg.DagsterInstance, parked: Sequence[ParkedDay]) -> list[ParkedDay]:
    """Return parked days, the newest with what their last failed run said."""
    latest = sorted((one.day for one in parked), reverse=True)[:SHOWN]
    reasons = last_failures(instance, latest, lambda run: days_read_by([run]))
    return [replace(one, reason=reasons.get(one.day)) for one in parked]
