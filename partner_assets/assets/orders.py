"""The assets `orders`, `order_lines` and `order_charges`: pure functions of `order_documents`, published together."""

import dagster as dg

from partner_assets.materialization.order_tables import ORDER_TABLES, derive_days
from partner_assets.materialization.slices import day_slices
from partner_assets.materialization.specs import table_assets
from partner_assets.resources import Partner


def order_assets(partitions: dg.DailyPartitionsDefinition) -> dg.AssetsDefinition:
    """Return the three assets, with one partition per day of creation."""

    @table_assets(*ORDER_TABLES, deps=["order_documents"], partitions=partitions)
    def order_tables_of_days(context: dg.AssetExecutionContext, partner: Partner) -> None:
        """Take the days' documents apart into orders, lines and charges."""
        derive_days(context, partner, day_slices(context))

    return order_tables_of_days
