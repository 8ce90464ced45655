"""What Dagster's instance tells of a soak: ticks of sensors, runs, and the reads of days that were published.

Not here: whether that is as it should be (`judge_runs.py`, `judge_versions.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import dagster as dg
from dagster._core.scheduler.instigation import InstigatorTick

from partner_assets.automation.day_facts import UNFINISHED
from partner_assets.automation.day_ranges import RANGE_END, RANGE_START, DayRange
from partner_assets.automation.jobs import ORDERS

_DOCUMENTS = dg.AssetKey("order_documents")
_PAGE = 500


@dataclass(frozen=True)
class Read:
    """A read of a day that was published.

    Attributes:
        day: UTC day of creation.
        start: Before its first request.
        end: After its last.
        published: When Dagster was told.
    """

    day: date
    start: datetime
    end: datetime
    published: datetime


@dataclass(frozen=True)
class Tick:
    """One look of a sensor.

    Attributes:
        status: What became of it; STARTED if it has not ended, or the daemon died meanwhile.
        start: When it began.
        end: When it ended.
        text: What it told, or why it failed.
    """

    status: str
    start: datetime
    end: datetime
    text: str

    @property
    def has_ended(self) -> bool:
        """Whether it came to an end, good or bad."""
        return self.status != "STARTED"

    @property
    def is_kept(self) -> bool:
        """Whether its memory was kept; what any other tick saw, the next one sees again."""
        return self.status in ("SUCCESS", "SKIPPED")


@dataclass(frozen=True)
class Run:
    """A run.

    Attributes:
        run_id: Its id.
        job: Its job; of one that a sensor made of assets, their names.
        status: What became of it.
        asked_by: Who wanted it: a sensor, a schedule, a retry, or the shell.
        days: The days of orders that it read; empty for any other run.
        created: When it was put into the queue.
        ended: When it ended, None if it has not.
    """

    run_id: str
    job: str
    status: str
    asked_by: str
    days: Sequence[date]
    created: datetime
    ended: datetime | None


def sensors(instance: dg.DagsterInstance) -> list[str]:
    """Return the names of the sensors that have ticked."""
    return sorted(
        state.instigator_name
        for state in instance.all_instigator_state()
        if state.instigator_type.value == "SENSOR" and state.is_running
    )


def ticks(instance: dg.DagsterInstance, sensor: str, *, after: datetime | None = None) -> list[Tick]:
    """Return the ticks of a sensor, the oldest first."""
    for state in instance.all_instigator_state():
        if state.instigator_name == sensor:
            found = instance.get_ticks(
                state.instigator_origin_id, state.selector_id, after=after.timestamp() if after else None
            )
            return sorted(map(_tick, found), key=lambda tick: tick.start)
    return []


def unfinished(instance: dg.DagsterInstance) -> list[Run]:
    """Return the runs that are queued or under way."""
    return [_run(record) for record in instance.get_run_records(dg.RunsFilter(statuses=list(UNFINISHED)))]


def is_running(instance: dg.DagsterInstance) -> bool:
    """Whether the worker of some run is at work."""
    return instance.get_runs_count(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])) > 0


def runs(instance: dg.DagsterInstance, *, since: datetime) -> list[Run]:
    """Return the runs that were made since a moment."""
    found = instance.get_run_records(dg.RunsFilter(created_after=since))
    return sorted((_run(record) for record in found), key=lambda run: run.created)


def published_reads(instance: dg.DagsterInstance) -> list[Read]:
    """Return every read of a day of orders that was published."""
    found: list[Read] = []
    cursor: str | None = None
    while True:
        page = instance.fetch_materializations(_DOCUMENTS, limit=_PAGE, cursor=cursor)
        found += [_read(record) for record in page.records]
        if not page.has_more:
            return found
        cursor = page.cursor


def _run(record: dg.RunRecord) -> Run:
    run, tags = record.dagster_run, record.dagster_run.tags
    selected = run.asset_selection
    named = run.job_name
    if selected is not None and named.startswith("__"):
        named = ", ".join(sorted(key.to_user_string() for key in selected))
    reads_documents = run.job_name == ORDERS or (selected is not None and _DOCUMENTS in selected)
    if "dagster/retry_number" in tags:
        asked_by = "retry"
    else:
        asked_by = tags.get("dagster/sensor_name") or tags.get("dagster/schedule_name") or "shell"
    return Run(
        run.run_id,
        named,
        run.status.value,
        asked_by,
        _days(tags.get(RANGE_START), tags.get(RANGE_END), tags.get("dagster/partition")) if reads_documents else [],
        record.create_timestamp.replace(tzinfo=UTC),
        datetime.fromtimestamp(record.end_time, UTC) if record.end_time else None,
    )


def _tick(tick: InstigatorTick) -> Tick:
    error = tick.error
    while error is not None and error.cause is not None:
        error = error.cause
    return Tick(
        tick.status.value,
        datetime.fromtimestamp(tick.timestamp, UTC),
        datetime.fromtimestamp(tick.end_timestamp or tick.timestamp, UTC),
        tick.skip_reason or (str(error.message).strip() if error else ""),
    )


def _days(first: str | None, last: str | None, only: str | None) -> list[date]:
    if first is not None and last is not None:
        return DayRange(date.fromisoformat(first), date.fromisoformat(last)).days
    return [date.fromisoformat(only)] if only is not None else []


def _read(record: dg.EventLogRecord) -> Read:
    materialization = record.asset_materialization
    if materialization is None or materialization.partition is None:
        raise ValueError("A read of order_documents names no day.")
    metadata: dict[str, Any] = {name: entry.value for name, entry in materialization.metadata.items()}
    start = datetime.fromtimestamp(metadata["as_of"], UTC)
    return Read(
        date.fromisoformat(materialization.partition),
        start,
        start + timedelta(seconds=metadata["seconds"]),
        datetime.fromtimestamp(record.timestamp, UTC),
    )
