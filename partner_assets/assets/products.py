"""The asset `products`: one partition per accreditation."""

import dagster as dg

from partner_assets.lake.layout import Slice
from partner_assets.materialization.parents import Parents
from partner_assets.materialization.slices import Given, clear_failures, replace_each
from partner_assets.materialization.specs import table_assets
from partner_assets.partitions import ACCREDITATION_PARTITIONS
from partner_assets.resources import Partner
from partner_assets.tables.products import PRODUCTS
from partner_assets.tables.record import RecordReader, Rows, read_all


@table_assets(
    PRODUCTS,
    kinds=("api", "parquet"),
    deps=["accreditations"],
    partitions=ACCREDITATION_PARTITIONS,
)
def products(context: dg.AssetExecutionContext, partner: Partner) -> None:
    """Read what each accreditation contains."""
    reader = RecordReader(PRODUCTS)
    with clear_failures():
        parents = Parents(partner.lake)

    def read(values: Slice, given: Given) -> Rows:
        (accreditation_id,) = values
        accreditation_type = parents.accreditation_type(accreditation_id)
        if accreditation_type is None:
            return Rows()
        asked = {"accreditation_type": accreditation_type, "accreditation_id": accreditation_id, **given}
        records = partner.api.products(accreditation_type, accreditation_id)
        return read_all(reader, ((record, asked) for record in records), accreditation_id)

    replace_each(context, partner, PRODUCTS, {key: (key,) for key in context.partition_keys}, read)
