"""Running the graph through Dagster without its UI: which jobs, in which order, and what came of them.

The same jobs as the UI's, on the same instance where there is one, and days of orders in runs of the same length. Not
here: drawing progress and summaries (`commands/`).
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import dagster as dg

from partner_assets.automation.day_facts import running_days
from partner_assets.automation.day_ranges import RANGE_END, RANGE_START, DayRange, contiguous, newest
from partner_assets.automation.jobs import CATALOGUE_JOBS, ORDERS, VIEWS
from partner_assets.materialization.signs_of_life import books_of, sign_of_life
from partner_assets.materialization.slices import HOPELESS
from partner_assets.partitions import ACCREDITATION_SET, PRICE_SET
from partner_assets.resources import Partner

_DYNAMIC = {"products_by_accreditation": ACCREDITATION_SET, "prices_by_price_list": PRICE_SET}

# Numbers of the materialisations that say nothing when they are added up: a file is reported once per partition in it.
_NO_SUM = ("file_bytes", "as_of", "published_at")


# How Dagster marks a run that was ended by a signal which nobody sent through its UI.
_REASON, _STOPPED = "dagster/failure_reason", "UNEXPECTED_TERMINATION"

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

    def add(self, other: "AssetSum") -> None:
        """Add what another run did to the same asset."""
        self.partitions += other.partitions
        for name, value in other.facts.items():
            self.facts[name] = self.facts.get(name, 0) + value
        self.written |= other.written
        self.unchanged |= other.unchanged


@dataclass
class JobOutcome:
    """What became of one run of a job.

    Attributes:
        name: The job.
        days: The days of orders that it was to read; None for a job of the catalogue.
        failures: One sentence per step that failed; empty on success.
        is_hopeless: True if what failed would fail for every other partition too: nobody answers, the key is refused.
        warnings: One sentence per asset check that did not pass.
        assets: What was done to each asset.
        left_out: Days that were not run, since a run or a backfill of somebody else sees to them.
    """

    name: str
    days: DayRange | None = None
    failures: list[str] = field(default_factory=list)
    is_hopeless: bool = False
    warnings: list[str] = field(default_factory=list)
    assets: dict[str, AssetSum] = field(default_factory=dict)
    left_out: list[DayRange] = field(default_factory=list)


def run_jobs(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    names: Sequence[str],
    days: DayRange,
    *,
    tags: Mapping[str, str] | None = None,
) -> Iterator[JobOutcome]:
    """Run jobs one after the other: orders newest first, a month of days at a time, others over all of their partitions.

    Args:
        definitions: The code location.
        instance: Where runs are recorded.
        names: The jobs, parents first.
        days: The days of orders.
        tags: What the runs of orders are given besides their days.

    Yields:
        What became of each run; a job that fails does not keep the next from running, which then works with what the
        lake has.

    Raises:
        KeyboardInterrupt: If somebody stopped it. What was published before is in the lake.
    """
    for name in names:
        if name == ORDERS:
            yield from _run_days(definitions, instance, days, tags or {})
        elif (keys := _all_keys(instance, name)) is not None:
            yield _run(definitions, instance, name, keys)


def jobs_for(only: str | None) -> list[str]:
    """Return the jobs of a part of the graph: ``"catalogue"``, ``"orders"``, or all of it for None."""
    catalogue = [] if only == "orders" else list(CATALOGUE_JOBS)
    orders = [] if only == "catalogue" else [ORDERS]
    return [*catalogue, *orders, VIEWS]


def _run_days(
    definitions: dg.Definitions, instance: dg.DagsterInstance, days: DayRange, tags: Mapping[str, str]
) -> Iterator[JobOutcome]:
    waiting, taken = set(days.days), set[date]()
    while True:
        # Looked up before every run: sensors, schedules and people go on asking meanwhile.
        taken |= waiting & running_days(instance)
        waiting -= taken
        if not waiting:
            break
        one = newest(waiting)
        waiting.difference_update(one.days)
        outcome = _run(definitions, instance, ORDERS, {**tags, **one.tags})
        outcome.days = one
        if outcome.is_hopeless and waiting:
            outcome.failures.append(
                f"{len(waiting)} older days were not tried: they would have failed in the same way."
            )
            waiting.clear()
        yield outcome
    if taken:
        yield JobOutcome(ORDERS, left_out=contiguous(taken, longest=len(taken)))


def _run(definitions: dg.Definitions, instance: dg.DagsterInstance, name: str, tags: Mapping[str, str]) -> JobOutcome:
    run_id = str(uuid.uuid4())
    # No code server looks after this process: without its own sign, killed between two assets it would be missed by nobody.
    with sign_of_life(_lake(definitions), run_id, books=books_of(instance)):
        try:
            definitions.resolve_job_def(name).execute_in_process(
                instance=instance,
                run_id=run_id,
                tags=dict(tags),
                raise_on_error=False,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )
        finally:
            run = instance.get_run_by_id(run_id)
            if run is not None and not run.is_finished:
                # Stopped while Dagster kept its books: the run would look as if it were under way for ever.
                instance.report_run_failed(run, "It was stopped.")
    if run is not None and run.tags.get(_REASON) == _STOPPED:
        # Stopped while an asset worked: Dagster notes it and goes on.
        raise KeyboardInterrupt
    return _outcome(name, _events(instance, run_id))


def _lake(definitions: dg.Definitions) -> Path:
    partner: Partner = (definitions.resources or {})["partner"]
    return partner.lake.layout.root


def _all_keys(instance: dg.DagsterInstance, job: str) -> dict[str, str] | None:
    """Return the tags that make one run of all partitions, or None if the job has none yet."""
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
            given = data.user_failure_data
            described = given.description if given else None
            outcome.failures.append(described or (data.error.to_string() if data.error else str(event.message)))
            outcome.is_hopeless |= given is not None and HOPELESS in given.metadata
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
