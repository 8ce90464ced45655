"""Documents to orders, lines and charges, a day at a time. No request is made: all of it can be repeated at any time."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dagster as dg

from partner_assets.lake.layout import Slice
from partner_assets.lake.order_columns import OrderColumns, order_columns
from partner_assets.lake.portions import Portions
from partner_assets.lake.presence import neighbours, without_file, without_rows
from partner_assets.lake.row_block import RowBlock, joined
from partner_assets.lake.store import Lake
from partner_assets.materialization.slices import CannotRead, Given, ReadSlice, replace_slices
from partner_assets.resources import Partner
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.order_lines import ORDER_LINES
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.record import LINEAGE_NAMES, Rows
from partner_assets.tables.table import Table

NEEDED = (
    "creation_date",
    "transaction_id",
    "api_version",
    "document",
    "is_current",
    *LINEAGE_NAMES,
)
"""The columns of `order_documents` that the other orders tables are made of."""

ORDER_TABLES = (ORDERS, ORDER_LINES, ORDER_CHARGES)


def order_tables(versions: Iterable[dict[str, Any]]) -> dict[Table, Rows]:
    """Make the rows of orders, lines and charges of one day.

    Args:
        versions: The day's rows of `order_documents`, by column name, with the columns `NEEDED`.
    """
    current: dict[str, list[dict[str, Any]]] = {}
    counts: dict[str, int] = {}
    for version in versions:
        counts[version["transaction_id"]] = counts.get(version["transaction_id"], 0) + 1
        if version["is_current"]:
            current.setdefault(version["api_version"], []).append(version)
    parts = [_columns(api_version, chosen, counts) for api_version, chosen in current.items()]
    rejected = [one for part in parts for one in part.rejected]
    return {
        table: Rows(
            joined(RowBlock(part.tables[table]) for part in parts),
            [one for one in rejected if one.table_name == table.name],
        )
        for table in ORDER_TABLES
    }


def _columns(api_version: str, versions: Sequence[dict[str, Any]], counts: Mapping[str, int]) -> OrderColumns:
    names = ("creation_date", *LINEAGE_NAMES)
    given = [
        {**{name: version[name] for name in names}, "version_count": counts[version["transaction_id"]]}
        for version in versions
    ]
    return order_columns(api_version, [version["document"] for version in versions], given)


def derive_days(
    context: dg.AssetExecutionContext,
    partner: Partner,
    days: Mapping[str | None, Slice],
    *,
    tables: Sequence[Table] = ORDER_TABLES,
    as_events: bool = False,
) -> None:
    """Make orders, lines and charges of the documents of some days, and publish them.

    Where a month's file is missing, or was damaged and is set aside, all of the month is made again: nothing is asked of
    the API, and a file that held only the days of this run would hide that the others are gone.

    The documents are held meanwhile: rows made of what another run has just replaced would stay wrong until the day
    is read again, which for an old day may be never.

    Args:
        context: The context of the asset.
        partner: The lake.
        days: The slice of each partition.
        tables: Those of the three that are wanted.
        as_events: True to report from within another asset.
    """

    def reader_of(group: Sequence[Slice]) -> ReadSlice:
        documents = Portions(partner.lake, ORDER_DOCUMENTS, group, NEEDED)

        def read(values: Slice, _: Given) -> dict[Table, Rows]:
            day = documents.rows(values)
            if not day.num_rows:
                _refuse_loss(partner.lake, values)
            return order_tables(day.to_pylist())

        return read

    def rest_of_month(group: Sequence[Slice]) -> dict[str | None, Slice]:
        if not any(without_file(partner.lake, table, group) for table in tables):
            return {}
        return {str(day): (day,) for (day,) in neighbours(partner.lake, ORDER_DOCUMENTS, group)}

    replace_slices(
        context,
        partner,
        tables,
        days,
        reader_of,
        holding=ORDER_DOCUMENTS,
        as_events=as_events,
        also=rest_of_month,
    )


def _refuse_loss(lake: Lake, day: Slice) -> None:
    """Refuse to make nothing of a day's missing documents while there are orders that were made of them."""
    # Documents are never dropped, so this is a file that was lost, and not a day that became empty.
    if day not in without_rows(lake, ORDERS, [day]):
        raise CannotRead(f"The documents of {day[0]} are lost: materialise order_documents first.")
