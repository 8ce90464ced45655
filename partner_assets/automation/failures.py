"""Why days of orders or partitions failed: the sentence of the last failed run of each. Not here: which those are."""

from collections.abc import Callable, Collection, Hashable
from typing import TypeVar

import dagster as dg

Part = TypeVar("Part", bound=Hashable)

MOST_RUNS = 50
"""Failed runs to look through, the newest first; what failed before them is not worth a longer look."""

LONGEST = 500
"""Characters of a sentence to show."""


def last_failures(
    instance: dg.DagsterInstance, parts: Collection[Part], read_by: Callable[[dg.DagsterRun], Collection[Part]]
) -> dict[Part, str]:
    """Return what the last failed run of each part said.

    Args:
        instance: What Dagster remembers.
        parts: Days or partitions; those without a failed run in memory are left out.
        read_by: Returns the parts that a run was to read.
    """
    found: dict[Part, str] = {}
    if not parts:
        return found
    failed = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE])
    for run in instance.get_runs(filters=failed, limit=MOST_RUNS):
        news = set(read_by(run)) & (set(parts) - found.keys())
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
