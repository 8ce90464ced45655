"""The asset `code_labels`: what the vendor documents about codes, from this package and not from the API."""

import dagster as dg

from partner_assets.lake import parquet
from partner_assets.lake.layout import Slice
from partner_assets.materialization.slices import WHOLE, Given, replace_each
from partner_assets.materialization.specs import table_assets
from partner_assets.resources import Partner
from partner_assets.tables.code_labels import CODE_LABELS
from partner_assets.tables.codes import CODE_SETS
from partner_assets.tables.record import RecordReader, Rows


@table_assets(CODE_LABELS)
def code_labels(context: dg.AssetExecutionContext, partner: Partner) -> None:
    """Write down every documented code with its label."""

    def read(_: Slice, given: Given) -> Rows:
        reader = RecordReader(CODE_LABELS)
        # A pair that is written down already keeps its row: otherwise every run would write the file for its times alone.
        width = len(CODE_LABELS.values)
        known = {row[:width]: row for row in parquet.to_rows(partner.lake.read(CODE_LABELS))}
        pairs = ((code_set, label) for code_set, labels in CODE_SETS.items() for label in labels)
        rows = [reader.read({}, {"code_set": code_set, **vars(label), **given}) for code_set, label in pairs]
        return Rows([known.get(row[:width], row) for row in rows])

    replace_each(context, partner, CODE_LABELS, {None: WHOLE}, read)
