"""The asset `package_contents`: one asset without partitions, since a partition per package would be thousands."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from partner_assets.api.errors import NotFound
from partner_assets.lake.layout import Slice
from partner_assets.materialization.parents import packages
from partner_assets.materialization.slice_reads import WHOLE_NAME
from partner_assets.materialization.slices import WHOLE, Given, replace_each
from partner_assets.materialization.specs import table_assets
from partner_assets.resources import Partner
from partner_assets.tables.package_contents import PACKAGE_CONTENTS
from partner_assets.tables.record import RecordReader, Rejected, Rows, read_all, rejection


@table_assets(PACKAGE_CONTENTS, kinds=("api", "parquet"), deps=["products"])
def package_contents(context: dg.AssetExecutionContext, partner: Partner) -> None:
    """Read what every package and offer among the products is made of."""

    def parts(given: Given, rejected: list[Rejected]) -> Iterator[tuple[Any, Given]]:
        settings = partner.settings
        wanted = packages(partner.lake, settings.package_product_types, settings.package_offerings)
        for done, (number, release) in enumerate(wanted, start=1):
            package = {"package_number": number, "package_release": release}
            try:
                for position, part in enumerate(partner.api.package_content(number, release), start=1):
                    yield part, {**given, **package, "position": position}
            except NotFound as error:
                # One package that the API does not know must not keep the contents of all others away.
                rejected.append(rejection(PACKAGE_CONTENTS, WHOLE_NAME, str(error), package, given))
            partner.progress.slice_done(PACKAGE_CONTENTS.name, done, len(wanted))

    def read(_: Slice, given: Given) -> Rows:
        unknown: list[Rejected] = []
        rows = read_all(RecordReader(PACKAGE_CONTENTS), parts(given, unknown), WHOLE_NAME)
        rows.rejected += unknown
        return rows

    replace_each(context, partner, PACKAGE_CONTENTS, {None: WHOLE}, read)
