"""Why days of orders failed: the sentence of the last failed run of each. Not here: which days those are (`parked_days.py`)."""

from collections.abc import Collection
from datetime import date

import dagster as dg

from partner_assets.automation.day_facts import days_read_by

MOST_RUNS = 50
"""Failed runs to look through, the newest first; what failed before them is not worth a longer look."""

LONGEST = 500
"""Characters of a sentence to show."""


def last_failures(instance: dg.DagsterInstance, days: Collection[date]) -> dict[date, str]:
    """Return what the last failed run of each day said.

    Args:
        instance: What Dagster remembers.
        days: The days; those without a failed run in memory are left out.
    """
    found: dict[date, str] = {}
    if not days:
        return found
    failed = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE])
    for run in instance.get_runs(filters=failed, limit=MOST_RUNS):
        news = days_read_by([run]) & (set(days) - found.keys())
        if news:
            found |= dict.fromkeys(news, _sentence(instance, run))
    return found


def _sentence(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    """Return what a failed run says to a person."""
    for entry in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        data = entry.dagster_event.step_failure_data if entry.dagster_event else None
        if data is not None and data.user_failure_data is not None and data.user_failure_data.description:
            return data.user_failure_data.description[:LONGEST]
        if data is not None and data.error is not None:
            error = data.error
            while error.cause is not None:
                error = error.cause
            return error.message.strip()[:LONGEST]
    return "Its worker died, or was ended, without a word."
