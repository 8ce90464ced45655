"""The asset `package_contents`: one asset without partitions, since a partition per package would be thousands."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from partner_assets.lake.layout import Slice
from partner_assets.materialization.parents import packages
from partner_assets.materialization.reports import WHOLE_NAME
from partner_assets.materialization.slices import WHOLE, Given, replace_each
from partner_assets.materialization.specs import table_assets
from partner_assets.resources import Partner
from partner_assets.tables.package_contents import PACKAGE_CONTENTS
from partner_assets.tables.record import RecordReader, Rows, read_all


@table_assets(PACKAGE_CONTENTS, kinds=("api", "parquet"), deps=["products"])
def package_contents(context: dg.AssetExecutionContext, partner: Partner) -> None:
    """Read what every package and offer among the products is made of."""

    def parts(given: Given) -> Iterator[tuple[Any, Given]]:
        settings = partner.settings
        wanted = packages(partner.lake, settings.package_product_types, settings.package_offerings)
        for done, (number, release) in enumerate(wanted, start=1):
            for position, part in enumerate(partner.api.package_content(number, release), start=1):
                yield part, {**given, "package_number": number, "package_release": release, "position": position}
            partner.progress.slice_done(PACKAGE_CONTENTS.name, done, len(wanted))

    def read(_: Slice, given: Given) -> Rows:
        return read_all(RecordReader(PACKAGE_CONTENTS), parts(given), WHOLE_NAME)

    replace_each(context, partner, PACKAGE_CONTENTS, {None: WHOLE}, read)
