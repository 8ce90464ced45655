"""Runs that are on their way without being seen: made and not yet queued, or about to be tried again.

Between the making of a run and the queue lie seconds, ten on a busy machine: Dagster notes first, day by day, what the run is
going to fill. A sensor that looks in them sees days that were announced and did not come. Not here: runs that wait or are
under way (`day_facts.py`), and those that a backfill has yet to make (`backfills.py`).
"""

from datetime import UTC, datetime, timedelta

import dagster as dg

# Dagster gives neither a public name: the state of a tick, and the tags that it and its retries are told by.
from dagster._core.scheduler.instigation import TickStatus
from dagster._core.storage.tags import AUTO_RETRY_RUN_ID_TAG, SENSOR_NAME_TAG, TICK_ID_TAG, WILL_RETRY_TAG

from partner_assets.automation.sensor_states import sensor_state

RETRIED_WITHIN = timedelta(minutes=5)
"""How long a retry that Dagster has promised is waited for. Its daemon looks every few seconds, and may decide otherwise."""

QUEUED_WITHIN = timedelta(minutes=2)
"""How long a run that a person, a schedule or a backfill has made is waited for. After that, whoever was to queue it is dead."""


def coming_runs(instance: dg.DagsterInstance, *, now: datetime) -> list[dg.DagsterRun]:
    """Return runs that will be queued, and failed ones in whose place another will be.

    Args:
        instance: What Dagster knows of runs.
        now: The time by Dagster's own clock, which stamps its runs.
    """
    made = instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.NOT_STARTED]))
    since = now - RETRIED_WITHIN
    promised = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], tags={WILL_RETRY_TAG: "true"}, updated_after=since)
    failed = instance.get_runs(filters=promised)
    coming = [record.dagster_run for record in made if _is_being_queued(instance, record, now)]
    return coming + [run for run in failed if _is_retried(run)]


def _is_being_queued(instance: dg.DagsterInstance, record: dg.RunRecord, now: datetime) -> bool:
    """Tell whether whoever made a run is about to queue it: the tick that goes on, or somebody else a moment ago.

    If not, the run stays as it is, for ever.
    """
    run = record.dagster_run
    state = sensor_state(instance, run.tags.get(SENSOR_NAME_TAG, ""))
    if state is None:
        return now - record.create_timestamp.replace(tzinfo=UTC) < QUEUED_WITHIN
    ticks = instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=1, statuses=[TickStatus.STARTED])
    return any(str(tick.tick_id) == run.tags.get(TICK_ID_TAG) for tick in ticks)


def _is_retried(run: dg.DagsterRun) -> bool:
    # A run of the shell has no origin, and is not tried again although Dagster says so.
    return run.remote_job_origin is not None and AUTO_RETRY_RUN_ID_TAG not in run.tags
