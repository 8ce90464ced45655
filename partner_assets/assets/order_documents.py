"""The asset `order_documents`: one partition per day of creation. The only orders asset that asks the API."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

import dagster as dg

from partner_assets.lake.layout import Slice
from partner_assets.lake.merging import Merge
from partner_assets.lake.parquet import sorted_rows, to_arrow
from partner_assets.lake.row_block import RowBlock
from partner_assets.lake.row_pieces import rows_at
from partner_assets.lake.slicing import positions_by_slice
from partner_assets.materialization.ahead import Ahead
from partner_assets.materialization.deprecation import tell_of_deprecation
from partner_assets.materialization.details_tag import wants_all_details
from partner_assets.materialization.order_day import KNOWN, DaySearch, read_order_day, search_day
from partner_assets.materialization.order_tables import derive_days
from partner_assets.materialization.order_versions import all_versions
from partner_assets.materialization.slices import Given, ReadSlice, day_slices, replace_slices
from partner_assets.materialization.specs import table_assets
from partner_assets.resources import Partner
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.record import Rows
from partner_assets.tables.table import Table


def order_documents_asset(partitions: dg.DailyPartitionsDefinition) -> dg.AssetsDefinition:
    """Return the asset, with one partition per day of creation."""

    @table_assets(
        ORDER_DOCUMENTS,
        kinds=("api", "parquet"),
        partitions=partitions,
    )
    def order_documents(context: dg.AssetExecutionContext, partner: Partner) -> None:
        """Read the days' search pages, and the documents of the orders that changed, or of all if the run says so."""
        tell_of_deprecation(context, partner)
        all_details = wants_all_details(context.run.tags)

        def reader_of(days: Sequence[Slice]) -> ReadSlice:
            kept = partner.lake.read(ORDER_DOCUMENTS, days, columns=KNOWN)
            places = positions_by_slice(ORDER_DOCUMENTS, kept)
            following = dict(pairwise(days))
            searches = Ahead[DaySearch]()

            def read(values: Slice, given: Given) -> dict[Table, Rows]:
                known = rows_at(kept, places[values]).to_pylist() if values in places else []
                search = searches.take(values, partial(search_day, partner.api, values[0], given))
                if values in following:
                    # While the details of this day come: the pages of a search can only be asked for one by one.
                    after = following[values]
                    since = {**given, "fetched_at": partner.now()}
                    searches.begin(after, partial(search_day, partner.api, after[0], since))
                came = read_order_day(partner.api, search, known, all_details=all_details)
                # As columns at once: the documents of a month as Python texts are memory that is never given back. In order,
                # so that what is stored as it came is not copied for it.
                rows = RowBlock(sorted_rows(ORDER_DOCUMENTS, to_arrow(ORDER_DOCUMENTS, came.rows)))
                return {ORDER_DOCUMENTS: replace(came, rows=rows)}

            return read

        def rescue(days: Mapping[str | None, Slice]) -> None:
            # Dagster does not run what is downstream of a failed step: a bad day would keep the good ones from orders.
            derive_days(context, partner, days, as_events=True)

        replace_slices(
            context,
            partner,
            [ORDER_DOCUMENTS],
            day_slices(context),
            reader_of,
            merge=Merge(all_versions, by="transaction_id"),
            rescue=rescue,
            publish_after=partner.publish_after,
        )

    return order_documents
