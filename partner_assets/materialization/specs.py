"""A table's declaration as what Dagster wants to know of an asset: description, group, owner, columns, version, freshness."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

import dagster as dg

from partner_assets.lake.views import comment
from partner_assets.materialization.signs_of_life import sign_of_life_of
from partner_assets.materialization.slices import clear_failures
from partner_assets.partitions import LONGEST_RANGE
from partner_assets.resources import Partner
from partner_assets.tables.table import Column, Group, Table

OWNERS = ["team:partner-data"]

DAILY = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=36), warn_window=timedelta(hours=26))
"""For what the daily schedule fills, itself or by what follows it: a warning when a day was missed, then a failure."""

HOURLY = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=3), warn_window=timedelta(minutes=90))
"""For orders and what is made of them. Dagster looks at the asset and not at its partitions: any day that was read just
now makes it fresh. So this tells that nothing runs any more, and not that a day is missing."""

API_POOL = "partner_api"
"""The pool of every step that asks the API: `dagster.yaml` says how many runs with such a step may be under way."""

FRESHNESS: Mapping[Group, dg.FreshnessPolicy] = {Group.CATALOGUE: DAILY, Group.REFERENCE: DAILY, Group.ORDERS: HOURLY}
"""How old an asset may be, by its group."""

FillTables = Callable[[dg.AssetExecutionContext, Partner], None]
"""What an asset file defines: reads the slices that the context names, and publishes them."""


def column_schema(table: Table) -> dg.TableSchema:
    """Return the columns of a table, as the UI shows them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=column.type.duckdb,
                description=comment(column),
                constraints=dg.TableColumnConstraints(nullable=not column.required),
                tags=_tags(table, column),
            )
            for column in table.columns
        ]
    )


def _tags(table: Table, column: Column) -> dict[str, str]:
    marks = {"key": column.name in table.key, "pii": column.is_pii}
    return {mark: "" for mark, holds in marks.items() if holds}


def table_assets(
    *tables: Table,
    kinds: Sequence[str] = ("parquet",),
    deps: Sequence[str] = (),
    partitions: dg.PartitionsDefinition[str] | None = None,
) -> Callable[[FillTables], dg.AssetsDefinition]:
    """Return the decorator of a function that fills one table or several; each table is an asset of its name.

    A multi-asset even for one table: `@asset` warns of its `backfill_policy` as beta, and a range must be one run.

    Args:
        tables: The tables that the function fills, all with the same partitions.
        kinds: What Dagster draws on the assets; what has the kind `api` is in the pool.
        deps: The assets that the function reads.
        partitions: How the tables are cut.
    """
    specs = [
        dg.AssetSpec(
            table.name,
            description=table.description,
            group_name=table.group.value,
            owners=OWNERS,
            kinds=set(kinds),
            deps=list(deps),
            partitions_def=partitions,
            code_version=table.fingerprint,
            freshness_policy=FRESHNESS[table.group],
            metadata={"dagster/column_schema": column_schema(table), "key": ", ".join(table.key)},
        )
        for table in tables
    ]
    policy = _backfill_policy(partitions)
    pool = API_POOL if "api" in kinds else None

    def decorate(function: FillTables) -> dg.AssetsDefinition:
        @dg.multi_asset(name=function.__name__, specs=specs, backfill_policy=policy, pool=pool)
        def materialize(
            context: dg.AssetExecutionContext, partner: dg.ResourceParam[Partner]
        ) -> Iterator[dg.MaterializeResult[None]]:
            with clear_failures(), sign_of_life_of(context, partner):
                function(context, partner)
            yield from (dg.MaterializeResult(asset_key=table.name) for table in tables)

        return materialize

    return decorate


def _backfill_policy(partitions: dg.PartitionsDefinition[str] | None) -> dg.BackfillPolicy | None:
    """Return how many partitions one run takes: all those of the catalogue that are asked for, a month of days."""
    if isinstance(partitions, dg.DailyPartitionsDefinition):
        return dg.BackfillPolicy.multi_run(LONGEST_RANGE)
    return dg.BackfillPolicy.single_run() if partitions else None
