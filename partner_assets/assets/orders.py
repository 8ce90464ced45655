"""The assets `orders`, `order_lines` and `order_charges`: pure functions of `order_documents`, published together."""

from collections.abc import Sequence

import dagster as dg

from partner_assets.lake.layout import Slice
from partner_assets.materialization.order_tables import NEEDED, ORDER_TABLES, order_tables
from partner_assets.materialization.slices import Given, ReadSlice, day_slices, replace_slices
from partner_assets.materialization.specs import table_assets
from partner_assets.resources import Partner
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.record import Rows
from partner_assets.tables.table import Table


def order_assets(partitions: dg.DailyPartitionsDefinition) -> dg.AssetsDefinition:
    """Return the three assets, with one partition per day of creation."""

    @table_assets(*ORDER_TABLES, deps=["order_documents"], partitions=partitions)
    def order_tables_of_days(context: dg.AssetExecutionContext, partner: Partner) -> None:
        """Take the days' documents apart into orders, lines and charges."""

        def reader_of(days: Sequence[Slice]) -> ReadSlice:
            documents = partner.lake.rows_by_slice(ORDER_DOCUMENTS, days, columns=NEEDED)

            def read(values: Slice, _: Given) -> dict[Table, Rows]:
                versions = (dict(zip(NEEDED, row, strict=True)) for row in documents.get(values, ()))
                return order_tables(versions)

            return read

        replace_slices(context, partner, ORDER_TABLES, day_slices(context), reader_of)

    return order_tables_of_days
