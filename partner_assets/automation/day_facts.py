"""What Dagster and the lake know of days of orders: which are being run, which are read, which updates they hold."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime

import dagster as dg

from partner_assets.automation.change_feed import Facts
from partner_assets.automation.day_ranges import RANGE_END, RANGE_START, DayRange
from partner_assets.automation.jobs import ORDERS as ORDERS_JOB
from partner_assets.lake.store import Lake
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.orders import ORDERS

DOCUMENTS_KEY = dg.AssetKey(ORDER_DOCUMENTS.name)
LEAF_KEY = dg.AssetKey(ORDER_CHARGES.name)
"""The last of the orders tables to be reported: a day whose leaf is newer than its documents is through."""

UNFINISHED = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)

_PARTITION = "dagster/partition"


def facts_of(instance: dg.DagsterInstance, days: Collection[date]) -> Facts:
    """Return what is known of days."""
    return Facts({day: at for day in days if (at := read_at(instance, day)) is not None}, running_days(instance))


def running_days(instance: dg.DagsterInstance) -> set[date]:
    """Return the days that a run of their documents is queued or under way for, whoever asked for it."""
    runs = instance.get_runs(filters=dg.RunsFilter(statuses=list(UNFINISHED)))
    return {day for run in runs if _reads_documents(run) for day in _days(run.tags)}


def held_updates(lake: Lake, days: Collection[date]) -> dict[str, datetime]:
    """Return the time of update of every order that the lake has of some days."""
    if not days:
        return {}
    columns = ["creation_date", "transaction_id", "last_update_datetime"]
    rows = lake.read(ORDERS, [(day,) for day in sorted(days)], columns=columns).to_pylist()
    return {
        row["transaction_id"]: row["last_update_datetime"] for row in rows if row["last_update_datetime"] is not None
    }


def read_at(instance: dg.DagsterInstance, day: date) -> datetime | None:
    """Return when the newest read of a day began whose rows have reached the last table; None if there is none."""
    documents, leaf = (_newest(instance, key, day) for key in (DOCUMENTS_KEY, LEAF_KEY))
    if documents is None or leaf is None or leaf.storage_id < documents.storage_id:
        return None
    materialization = documents.asset_materialization
    as_of = materialization.metadata.get("as_of") if materialization else None
    return datetime.fromtimestamp(as_of.value, UTC) if isinstance(as_of, dg.TimestampMetadataValue) else None


def _newest(instance: dg.DagsterInstance, key: dg.AssetKey, day: date) -> dg.EventLogRecord | None:
    wanted = dg.AssetRecordsFilter(asset_key=key, asset_partitions=[day.isoformat()])
    records = instance.fetch_materializations(wanted, limit=1).records
    return records[0] if records else None


def _reads_documents(run: dg.DagsterRun) -> bool:
    selected = run.asset_selection
    return run.job_name == ORDERS_JOB or (selected is not None and DOCUMENTS_KEY in selected)


def _days(tags: Mapping[str, str]) -> Iterator[date]:
    first = tags.get(RANGE_START, tags.get(_PARTITION))
    if first is not None:
        last = tags.get(RANGE_END, first)
        yield from DayRange(date.fromisoformat(first), date.fromisoformat(last)).days
