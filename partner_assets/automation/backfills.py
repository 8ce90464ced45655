"""Backfills that a person asked for: the days whose runs Dagster's daemon has still to make.

A backfill waits in Dagster's database until the daemon makes its runs, which may be many and takes its time. Not here:
runs that there are (`day_facts.py`).
"""

from collections.abc import Collection, Iterable
from datetime import date

import dagster as dg

# Dagster gives these no public name; `DagsterInstance.get_backfills` cannot be asked for some of them without.
from dagster._core.execution.backfill import BulkActionsFilter, BulkActionStatus, PartitionBackfill

from partner_assets.automation.jobs import ORDERS
from partner_assets.tables.order_documents import ORDER_DOCUMENTS

DOCUMENTS_KEY = dg.AssetKey(ORDER_DOCUMENTS.name)

BACKFILL = "dagster/backfill"
"""The tag by which a run names its backfill."""


def reads_documents(job: str | None, selected: Collection[dg.AssetKey] | None) -> bool:
    """Tell whether a run, or those of a backfill, ask the API for documents.

    Args:
        job: The job, if it is one.
        selected: The assets of it that were chosen; none, or None, for all.
    """
    return DOCUMENTS_KEY in selected if selected else job == ORDERS


def targeted_days(instance: dg.DagsterInstance) -> dict[str, set[date]]:
    """Return, by their ids, the days whose documents the backfills under way are to read or have read."""
    # One that is being cancelled makes no more runs.
    under_way = instance.get_backfills(filters=BulkActionsFilter(statuses=[BulkActionStatus.REQUESTED]))
    return {
        one.backfill_id: {date.fromisoformat(key) for key in _keys(one)}
        for one in under_way
        if reads_documents(one.job_name, one.asset_selection)
    }


def _keys(backfill: PartitionBackfill) -> Iterable[str]:
    data = backfill.asset_backfill_data
    if data is None:
        return backfill.partition_names or ()
    subset = data.target_subset.partitions_subsets_by_asset_key.get(DOCUMENTS_KEY)
    return subset.get_partition_keys() if subset else ()
