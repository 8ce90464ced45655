"""Running the graph through Dagster without its UI: which jobs, in which order, and what came of them.

The same jobs as the UI's, on the same instance where there is one. Not here: drawing progress and summaries
(`commands/run.py`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import dagster as dg

from partner_assets.automation.day_ranges import RANGE_END, RANGE_START
from partner_assets.automation.jobs import CATALOGUE_JOBS, ORDERS, VIEWS
from partner_assets.partitions import ACCREDITATION_SET, PRICE_SET

_DYNAMIC = {"products_by_accreditation": ACCREDITATION_SET, "prices_by_price_list": PRICE_SET}

# Numbers of the materialisations that say nothing when they are added up: a file is reported once per partition in it.
_NO_SUM = ("file_bytes", "as_of")


QUIET_CHECKS = frozenset({"codes_known"})
"""Checks whose warnings are for the UI alone: the vendor prints its code lists only in part, so an unknown code is normal."""


@dataclass
class AssetSum:
    """What a run did to one asset, over all its partitions.

    Attributes:
        partitions: How many were materialised.
        facts: The sums of every number that the materialisations report: requests, seconds, found, fetched, …
        written: Files that changed.
        unchanged: Files that held the rows already.
    """

    partitions: int = 0
    facts: dict[str, float] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    unchanged: set[str] = field(default_factory=set)


@dataclass
class JobOutcome:
    """What became of one job.

    Attributes:
        name: The job.
        failures: One sentence per step that failed; empty on success.
        warnings: One sentence per asset check that did not pass.
        assets: What was done to each asset.
    """

    name: str
    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    assets: dict[str, AssetSum] = field(default_factory=dict)


def run_jobs(
    definitions: dg.Definitions, instance: dg.DagsterInstance, names: Sequence[str], days: tuple[date, date]
) -> Iterator[JobOutcome]:
    """Run jobs one after the other, each over all partitions that there are when its turn comes.

    Args:
        definitions: The code location.
        instance: Where runs are recorded.
        names: The jobs, parents first.
        days: First and last day of orders.

    Yields:
        What became of each; a job that fails does not keep the next from running, which then works with what the lake
        has.
    """
    for name in names:
        tags = _range_tags(instance, name, days)
        if tags is None:
            continue
        result = definitions.resolve_job_def(name).execute_in_process(
            instance=instance,
            tags=tags,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
        yield _outcome(name, _events(instance, result.run_id))


def jobs_for(only: str | None) -> list[str]:
    """Return the jobs of a part of the graph: ``"catalogue"``, ``"orders"``, or all of it for None."""
    catalogue = [] if only == "orders" else list(CATALOGUE_JOBS)
    orders = [] if only == "catalogue" else [ORDERS]
    return [*catalogue, *orders, VIEWS]


def _range_tags(instance: dg.DagsterInstance, job: str, days: tuple[date, date]) -> dict[str, str] | None:
    """Return the tags that make one run of all partitions, or None if the job has none yet."""
    if job == ORDERS:
        return {RANGE_START: days[0].isoformat(), RANGE_END: days[1].isoformat()}
    if job not in _DYNAMIC:
        return {}
    keys = instance.get_dynamic_partitions(_DYNAMIC[job])
    return {RANGE_START: keys[0], RANGE_END: keys[-1]} if keys else None


def _events(instance: dg.DagsterInstance, run_id: str) -> Iterator[dg.DagsterEvent]:
    """Yield what a run reported; from the instance, since a failed run's materialisations are not in its result."""
    return (entry.dagster_event for entry in instance.all_logs(run_id) if entry.dagster_event)


def _outcome(name: str, events: Iterable[dg.DagsterEvent]) -> JobOutcome:
    outcome = JobOutcome(name)
    for event in events:
        if event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION:
            _add(outcome, event.step_materialization_data.materialization)
        elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            evaluation = event.asset_check_evaluation_data
            if not evaluation.passed and evaluation.check_name not in QUIET_CHECKS:
                outcome.warnings.append(evaluation.description or f"{evaluation.asset_check_key} did not pass.")
        elif event.event_type == dg.DagsterEventType.STEP_FAILURE:
            data = event.step_failure_data
            described = data.user_failure_data.description if data.user_failure_data else None
            outcome.failures.append(described or (data.error.to_string() if data.error else str(event.message)))
    return outcome


def _add(outcome: JobOutcome, materialization: dg.AssetMaterialization) -> None:
    total = outcome.assets.setdefault(materialization.asset_key.to_user_string(), AssetSum())
    total.partitions += 1
    metadata = {name: entry.value for name, entry in materialization.metadata.items()}
    for name, value in metadata.items():
        if isinstance(value, int | float) and not isinstance(value, bool) and name not in _NO_SUM:
            total.facts[name] = total.facts.get(name, 0) + value
    path, is_changed = metadata.get("path"), metadata.get("file_changed")
    if isinstance(path, str) and is_changed is not None:
        (total.written if is_changed else total.unchanged).add(path)
