"""The sensor `dead_runs`: ends runs whose process is gone without a word, as after a power cut.

Dagster's launcher does not notice: such a run looks as if it were under way for ever, its days are never asked for again,
and it keeps one of the few places of the queue. Ended as failed, its days are missing, and are filled like any others.
"""

import dagster as dg

from partner_assets.automation.run_workers import has_lost_process
from partner_assets.lake.store import Lake
from partner_assets.materialization.signs_of_life import books_of, died, forget
from partner_assets.resources import Partner

NAME = "dead_runs"
INTERVAL_SECONDS = 60

ENDED = (
    "Its process is gone, and ended in the middle of an asset. What it published is kept; the rest is asked for again."
)
ENDED_WITH_SERVER = (
    "Its process is gone, and so is its code server. What it published is kept; the rest is asked for again."
)

_UNDER_WAY = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]


def end_dead_runs(instance: dg.DagsterInstance, lake: Lake) -> list[str]:
    """Mark the runs as failed whose process is gone.

    Args:
        instance: Where runs are recorded.
        lake: Where they give their signs of life.

    Returns:
        Their ids.
    """
    root, ended = lake.layout.root, []
    for run_id, books in died(root).items():
        run = instance.get_run_by_id(run_id)
        if run is None and books not in ("", books_of(instance)):
            continue  # of another instance, which has to find it by itself
        # Without one, it was killed before it stood in the books.
        if run is not None and not run.is_finished:
            instance.report_run_failed(run, ENDED)
            ended.append(run_id)
        forget(root, run_id)
    # Not all of a run is in an asset: it may be starting, at its checks, or building the views.
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=_UNDER_WAY)):
        if has_lost_process(instance, run) and not _has_ended(instance, run):
            instance.report_run_failed(run, ENDED_WITH_SERVER)
            ended.append(run.run_id)
    return ended


def _has_ended(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Tell whether a run has ended by now: one that ended well since it was listed is gone with its server, too."""
    now = instance.get_run_by_id(run.run_id)
    return now is None or now.is_finished


def dead_runs_sensor() -> dg.SensorDefinition:
    """Return the sensor."""

    @dg.sensor(
        name=NAME,
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Ends runs whose process is gone, as after a power cut, so that their work is asked for again.",
    )
    def dead_runs(context: dg.SensorEvaluationContext, partner: dg.ResourceParam[Partner]) -> dg.SkipReason:
        ended = end_dead_runs(context.instance, partner.lake)
        if not ended:
            return dg.SkipReason("No run has lost its process.")
        message = f"{len(ended)} runs had lost their process and were ended: {', '.join(ended)}."
        context.log.warning(message)
        return dg.SkipReason(message)

    return dead_runs
