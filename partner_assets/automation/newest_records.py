"""The newest materialisation of each of many partitions, in a few queries however many there are.

A query for each would take 8 ms: with thousands of days that is more than the minute after which Dagster ends a tick and
forgets what it did. Not here: what a materialisation proves (`day_facts.py`, `lost_partitions.py`, `catalogue_facts.py`).
"""

from collections.abc import Iterable

import dagster as dg

AT_ONCE = 1_000
"""Partitions in one query: databases bound its parameters, and Dagster the records that one may return."""


def newest_records(
    instance: dg.DagsterInstance, asset: dg.AssetKey, partitions: Iterable[str]
) -> dict[str, dg.EventLogRecord]:
    """Return the newest materialisation of each partition that has one.

    Args:
        instance: What Dagster remembers.
        asset: The asset.
        partitions: Its partitions to look for.
    """
    keys, event = sorted(set(partitions)), dg.DagsterEventType.ASSET_MATERIALIZATION
    found: dict[str, dg.EventLogRecord] = {}
    for start in range(0, len(keys), AT_ONCE):
        some = set(keys[start : start + AT_ONCE])
        ids = list(instance.event_log_storage.get_latest_storage_id_by_partition(asset, event, some).values())
        if ids:
            wanted = dg.AssetRecordsFilter(asset_key=asset, storage_ids=ids)
            records = instance.fetch_materializations(wanted, limit=len(ids)).records
            found |= {one.partition_key: one for one in records if one.partition_key is not None}
    return found
