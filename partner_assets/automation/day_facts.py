"""What Dagster and the lake know of days of orders: which are being run, which are read, which updates they hold."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime

import dagster as dg

from partner_assets.automation.backfills import BACKFILL, DOCUMENTS_KEY, reads_documents, targeted_days
from partner_assets.automation.change_feed import Facts
from partner_assets.automation.coming_runs import coming_runs
from partner_assets.automation.day_ranges import RANGE_END, RANGE_START, DayRange
from partner_assets.automation.newest_records import newest_records
from partner_assets.lake.errors import DamagedFile
from partner_assets.lake.layout import by_file
from partner_assets.lake.store import Lake
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.orders import ORDERS

LEAF_KEY = dg.AssetKey(ORDER_CHARGES.name)
"""The last of the orders tables to be reported: a day whose leaf is newer than its documents is through."""

UNFINISHED = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)
"""The statuses of runs that will come to an end. Not NOT_STARTED: a run has it for the moment between being created and being
queued, and for ever if the daemon was killed, or its database locked, in that moment. Its days would never be read."""

_PARTITION = "dagster/partition"


def facts_of(instance: dg.DagsterInstance, days: Collection[date]) -> Facts:
    """Return what is known of days."""
    if not days:
        return Facts()
    # Runs before reads: of one that ends in between, the reads are seen then. And after: one may have begun.
    running = running_days(instance)
    documents = newest_records(instance, DOCUMENTS_KEY, map(str, days))
    leaves = newest_records(instance, LEAF_KEY, documents)
    pairs = {day: (documents.get(str(day)), leaves.get(str(day))) for day in days}
    found = {day: at for day, pair in pairs.items() if (at := read_at(*pair)) is not None}
    return Facts(found, running | running_days(instance))


def running_days(instance: dg.DagsterInstance) -> set[date]:
    """Return the days that somebody else sees to: a run is queued or under way, or will be."""
    # What is to come first: if it comes meanwhile, it is then found among the runs.
    coming = set[date]()
    for backfill, days in targeted_days(instance).items():
        made = instance.get_runs(filters=dg.RunsFilter(tags={BACKFILL: backfill}))
        coming |= days - days_read_by(run for run in made if run.status != dg.DagsterRunStatus.NOT_STARTED)
    coming |= days_read_by(coming_runs(instance, now=datetime.now(UTC)))
    return coming | days_read_by(instance.get_runs(filters=dg.RunsFilter(statuses=list(UNFINISHED))))


def held_updates(lake: Lake, days: Collection[date]) -> dict[str, datetime]:
    """Return the time of update of every order that the lake has of some days."""
    if not days:
        return {}
    columns = ["creation_date", "transaction_id", "last_update_datetime"]
    held: dict[str, datetime] = {}
    for month in by_file(lake.layout, ORDERS, [(day,) for day in sorted(days)]).values():
        try:
            rows = lake.read(ORDERS, month, columns=columns).to_pylist()
        except DamagedFile:
            continue  # what nobody can read is not held: the run that this asks for sets the file aside
        held |= {row["transaction_id"]: row["last_update_datetime"] for row in rows if row["last_update_datetime"]}
    return held


def read_at(documents: dg.EventLogRecord | None, leaf: dg.EventLogRecord | None) -> datetime | None:
    """Return when the newest read of a day began, None if it proves nothing.

    Its rows must have reached the last table; its orders must not have moved from page to page all the time, and none of its
    details been behind what the search told: it may have missed the very change that it was asked for.

    Args:
        documents: The newest materialisation of the day's documents.
        leaf: That of the last of the orders tables.
    """
    if documents is None or leaf is None or leaf.storage_id < documents.storage_id:
        return None
    materialization = documents.asset_materialization
    metadata = materialization.metadata if materialization else {}
    as_of, doubts = metadata.get("as_of"), (metadata.get("drifted"), metadata.get("behind"))
    if any(doubt is not None and doubt.value for doubt in doubts):
        return None
    return datetime.fromtimestamp(as_of.value, UTC) if isinstance(as_of, dg.TimestampMetadataValue) else None


def days_read_by(runs: Iterable[dg.DagsterRun]) -> set[date]:
    """Return the days whose documents any of some runs reads, or was to read."""
    return {day for run in runs if reads_documents(run.job_name, run.asset_selection) for day in _days(run.tags)}


def _days(tags: Mapping[str, str]) -> Iterator[date]:
    first = tags.get(RANGE_START, tags.get(_PARTITION))
    if first is not None:
        last = tags.get(RANGE_END, first)
        yield from DayRange(date.fromisoformat(first), date.fromisoformat(last)).days
