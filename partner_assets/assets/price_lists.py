"""The asset `price_lists`. Prices get a partition for each of its lists and each accreditation."""

import dagster as dg

from partner_assets.lake.layout import Slice
from partner_assets.materialization.parents import Parents, refuse_sudden_loss
from partner_assets.materialization.slice_reads import WHOLE_NAME
from partner_assets.materialization.slices import WHOLE, Given, clear_failures, replace_each
from partner_assets.materialization.specs import table_assets
from partner_assets.partitions import add_partitions
from partner_assets.resources import Partner
from partner_assets.tables.flattening import flattened
from partner_assets.tables.price_lists import PRICE_LISTS
from partner_assets.tables.record import RecordReader, Rows, read_all


@table_assets(PRICE_LISTS, kinds=("api", "parquet"))
def price_lists(context: dg.AssetExecutionContext, partner: Partner) -> None:
    """Read which price lists hold in which country."""

    def read(_: Slice, given: Given) -> Rows:
        records = flattened(partner.api.price_lists(), "priceLists")
        rows = read_all(RecordReader(PRICE_LISTS), ((record, given) for record in records), WHOLE_NAME)
        percent = partner.settings.largest_loss_percent
        return refuse_sudden_loss(partner.lake, PRICE_LISTS, rows, column="price_list_id", percent=percent)

    replace_each(context, partner, PRICE_LISTS, {None: WHOLE}, read)
    with clear_failures():
        add_partitions(context.instance, Parents(partner.lake).partitions)
