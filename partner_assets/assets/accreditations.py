"""The asset `accreditations`. Products and prices get a partition for each of its rows."""

import dagster as dg

from partner_assets.lake.layout import Slice
from partner_assets.materialization.deprecation import tell_of_deprecation
from partner_assets.materialization.parents import Parents, refuse_sudden_loss
from partner_assets.materialization.slice_reads import WHOLE_NAME
from partner_assets.materialization.slices import WHOLE, Given, clear_failures, replace_each
from partner_assets.materialization.specs import table_assets
from partner_assets.partitions import add_partitions
from partner_assets.resources import Partner
from partner_assets.tables.accreditations import ACCREDITATIONS
from partner_assets.tables.record import RecordReader, Rows, read_all


@table_assets(ACCREDITATIONS, kinds=("api", "parquet"))
def accreditations(context: dg.AssetExecutionContext, partner: Partner) -> None:
    """Read what the partner may sell."""
    tell_of_deprecation(context, partner)

    def read(_: Slice, given: Given) -> Rows:
        reader = RecordReader(ACCREDITATIONS, partner.settings.api_version)
        rows = read_all(reader, ((record, given) for record in partner.api.accreditations()), WHOLE_NAME)
        percent = partner.settings.largest_loss_percent
        return refuse_sudden_loss(partner.lake, ACCREDITATIONS, rows, column="accreditation_id", percent=percent)

    replace_each(context, partner, ACCREDITATIONS, {None: WHOLE}, read)
    with clear_failures():
        add_partitions(context.instance, Parents(partner.lake).partitions)
