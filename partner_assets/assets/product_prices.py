"""The asset `product_prices`: one partition per accreditation and price list, current and future prices together."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from partner_assets.lake.layout import Slice
from partner_assets.materialization.parents import Parents
from partner_assets.materialization.slices import Given, clear_failures, replace_each
from partner_assets.materialization.specs import table_assets
from partner_assets.partitions import PRICE_PARTITIONS, price_partition, price_slice
from partner_assets.resources import Partner
from partner_assets.tables.flattening import flattened
from partner_assets.tables.product_prices import PRODUCT_PRICES
from partner_assets.tables.record import RecordReader, Rows, read_all


@table_assets(
    PRODUCT_PRICES,
    kinds=("api", "parquet"),
    deps=["accreditations", "price_lists"],
    partitions=PRICE_PARTITIONS,
)
def product_prices(context: dg.AssetExecutionContext, partner: Partner) -> None:
    """Read the prices of each accreditation on each price list."""
    reader = RecordReader(PRODUCT_PRICES)
    with clear_failures():
        parents = Parents(partner.lake)

    def read(values: Slice, given: Given) -> Rows:
        accreditation_id, price_list_id = values
        accreditation_type = parents.accreditation_type(accreditation_id)
        price_list = parents.price_list(price_list_id)
        if accreditation_type is None or price_list is None:
            return Rows()
        asked = {
            "accreditation_type": accreditation_type,
            "accreditation_id": accreditation_id,
            "price_list_id": price_list_id,
            "currency": price_list.currency,
            **given,
        }

        def prices(status: str) -> Iterator[Any]:
            return partner.api.product_prices(
                accreditation_type, accreditation_id, price_list_id=price_list_id, price_list_status=status
            )

        records = (
            (record, {**asked, "price_list_status": status})
            for status in price_list.statuses
            for record in flattened(prices(status), "prices")
        )
        return read_all(reader, records, price_partition(accreditation_id, price_list_id))

    replace_each(context, partner, PRODUCT_PRICES, {key: price_slice(key) for key in context.partition_keys}, read)
