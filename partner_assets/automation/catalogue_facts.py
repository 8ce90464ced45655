"""What Dagster remembers of the catalogue: which partitions there are, when they were read, which are being read.

Not here: what follows from it (`catalogue_state.py`).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from partner_assets.automation.catalogue_state import BRANCHES, ROOTS, WHOLE, Branch, CatalogueFacts, Parts
from partner_assets.automation.coming_runs import coming_runs
from partner_assets.automation.day_facts import UNFINISHED
from partner_assets.automation.day_ranges import RANGE_END, RANGE_START
from partner_assets.automation.jobs import PRICES, PRODUCTS
from partner_assets.automation.newest_records import newest_records
from partner_assets.lake.store import Lake
from partner_assets.materialization.parents import Parents
from partner_assets.partitions import price_partition
from partner_assets.tables.accreditations import ACCREDITATIONS
from partner_assets.tables.price_lists import PRICE_LISTS
from partner_assets.tables.table import Table

_PARTITION = "dagster/partition"
_EVER = datetime.max.replace(tzinfo=UTC)


def catalogue_facts(instance: dg.DagsterInstance, lake: Lake) -> CatalogueFacts:
    """Return what is known of the catalogue.

    Args:
        instance: What Dagster remembers.
        lake: Which accreditations and price lists there are.

    Raises:
        LakeError: If a file cannot be read.
    """
    existing = Parents(lake).partitions
    # What is to come first: if it comes meanwhile, it is then found among the others.
    runs = coming_runs(instance, now=datetime.now(UTC))
    runs += instance.get_runs(filters=dg.RunsFilter(statuses=list(UNFINISHED)))
    keys = {branch.job: all_keys(instance, branch) for branch in (ROOTS, *BRANCHES)}
    parents = {parent for branch in BRANCHES for parent in branch.parents}
    records = {asset: _newest(instance, asset) for asset in {*ROOTS.assets, *parents}}
    read_at = {asset: at for asset, record in records.items() if (at := _moment(record, "as_of"))}
    published = {asset: at for asset, record in records.items() if (at := _moment(record, "published_at"))}
    return CatalogueFacts(
        roots_read_at=_older_root(read_at),
        published=published,
        changed=_changed(lake, read_at, published),
        keys=keys,
        ever_read={branch.job: _ever_read(instance, branch) for branch in BRANCHES},
        existing={branch.job: frozenset(existing[branch.partition_set]) for branch in BRANCHES if branch.partition_set},
        running={branch.job: _running(runs, branch, keys[branch.job]) for branch in (ROOTS, *BRANCHES)},
    )


def roots_read_at(instance: dg.DagsterInstance) -> datetime | None:
    """Return when the older of the roots was last read; None if one never was."""
    return _older_root({root: at for root in ROOTS.assets if (at := _moment(_newest(instance, root), "as_of"))})


def newest_reads(instance: dg.DagsterInstance, wanted: Parts) -> dict[str, dict[str, datetime]]:
    """Return, for each job, when the newest read of each partition began of those that one wants to know of."""
    read_at: dict[str, dict[str, datetime]] = {}
    for branch in BRANCHES:
        if parts := set(wanted.get(branch.job, ())):
            records = _newest_by_key(instance, branch, parts)
            moments = {key: _moment(record, "as_of") for key, record in records.items()}
            read_at[branch.job] = {key: at for key, at in moments.items() if at is not None}
    return read_at


def _older_root(read_at: Mapping[str, datetime]) -> datetime | None:
    return min(read_at[root] for root in ROOTS.assets) if read_at.keys() >= set(ROOTS.assets) else None


def _changed(
    lake: Lake, read_at: Mapping[str, datetime], published: Mapping[str, datetime]
) -> dict[str, dict[str, datetime]]:
    """Return when the rows that each partition hangs on last changed, for all that ever were."""

    def changes(table: Table, column: str) -> dict[Any, datetime]:
        newest, placed = read_at.get(table.name, _EVER), published.get(table.name, _EVER)
        # Until the newest rows were in place, others could still work with those before them. Rows newer than Dagster knows
        # of are those of a run that died before it told.
        return {one: at if at < newest else max(at, placed) for one, at in last_changes(lake, table, column).items()}

    accreditations, price_lists = changes(ACCREDITATIONS, "accreditation_id"), changes(PRICE_LISTS, "price_list_id")
    pairs = {
        price_partition(one, other): max(changed, also_changed)
        for one, changed in accreditations.items()
        for other, also_changed in price_lists.items()
    }
    return {PRODUCTS: accreditations, PRICES: pairs}


def last_changes(lake: Lake, table: Table, column: str) -> dict[Any, datetime]:
    """Return when the rows of each value of a column last began or ceased to hold."""
    changes: dict[Any, datetime] = {}
    for row in lake.read(table, columns=[column, "valid_from", "valid_to"]).to_pylist():
        at = row["valid_to"] or row["valid_from"]
        changes[row[column]] = max(at, changes.get(row[column], at))
    return changes


def all_keys(instance: dg.DagsterInstance, branch: Branch) -> Sequence[str]:
    """Return the partitions of a branch, in Dagster's order."""
    return instance.get_dynamic_partitions(branch.partition_set) if branch.partition_set else [WHOLE]


def _newest(instance: dg.DagsterInstance, asset: str) -> dg.EventLogRecord | None:
    records = instance.fetch_materializations(dg.AssetKey(asset), limit=1).records
    return records[0] if records else None


def _newest_by_key(instance: dg.DagsterInstance, branch: Branch, keys: set[str]) -> dict[str, dg.EventLogRecord]:
    """Return the newest materialisation of each partition, however many there are of it."""
    (asset,) = branch.assets
    if branch.partition_set is None:
        record = _newest(instance, asset)
        return {WHOLE: record} if record else {}
    return newest_records(instance, dg.AssetKey(asset), keys)


def _ever_read(instance: dg.DagsterInstance, branch: Branch) -> Collection[str]:
    (asset,) = branch.assets
    if branch.partition_set is None:
        return {WHOLE} if _newest(instance, asset) else set()
    return instance.get_materialized_partitions(dg.AssetKey(asset))


def _moment(record: dg.EventLogRecord | None, name: str) -> datetime | None:
    materialization = record.asset_materialization if record else None
    value = materialization.metadata.get(name) if materialization else None
    return datetime.fromtimestamp(value.value, UTC) if isinstance(value, dg.TimestampMetadataValue) else None


def _running(runs: Sequence[dg.DagsterRun], branch: Branch, keys: Sequence[str]) -> set[str]:
    """Return the partitions that a run is queued or under way for, or will be, whoever asked for it."""
    running: set[str] = set()
    for run in runs:
        running |= keys_read_by(run, branch, keys)
    return running


def keys_read_by(run: dg.DagsterRun, branch: Branch, keys: Sequence[str]) -> set[str]:
    """Return the partitions of a branch that a run was to read.

    Args:
        run: The run.
        branch: The branch.
        keys: All its partitions, in Dagster's order.
    """
    assets = {dg.AssetKey(asset) for asset in branch.assets}
    is_of = run.job_name == branch.job or (run.asset_selection is not None and assets & run.asset_selection)
    return _keys_of(run.tags, keys) if is_of else set()


def _keys_of(tags: Mapping[str, str], keys: Sequence[str]) -> set[str]:
    first = tags.get(RANGE_START, tags.get(_PARTITION))
    last = tags.get(RANGE_END, first)
    if first is None or last is None or first not in keys or last not in keys:
        return set(keys)
    return set(keys[keys.index(first) : keys.index(last) + 1])
