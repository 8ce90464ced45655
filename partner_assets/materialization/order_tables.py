"""Documents to orders, lines and charges, a day at a time. No request is made: all of it can be repeated at any time."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dagster as dg

from partner_assets.lake.layout import Slice
from partner_assets.materialization.slices import Given, ReadSlice, replace_slices
from partner_assets.resources import Partner
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.order_lines import ORDER_LINES
from partner_assets.tables.order_rows import OrderReader, OrderRows
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.record import LINEAGE_NAMES, Rows
from partner_assets.tables.table import Table
from partner_assets.tables.values import from_json

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
    rows = OrderRows()
    current, counts = [], dict[str, int]()
    for version in versions:
        counts[version["transaction_id"]] = counts.get(version["transaction_id"], 0) + 1
        if version["is_current"]:
            current.append(version)
    readers = {version: OrderReader(version) for version in {row["api_version"] for row in current}}
    for version in current:
        given = {name: version[name] for name in ("creation_date", *LINEAGE_NAMES)}
        given["version_count"] = counts[version["transaction_id"]]
        readers[version["api_version"]].read(from_json(version["document"]), given, rows)
    rejected = {table: [one for one in rows.rejected if one.table_name == table.name] for table in ORDER_TABLES}
    made = {ORDERS: rows.orders, ORDER_LINES: rows.lines, ORDER_CHARGES: rows.charges}
    return {table: Rows(made[table], rejected[table]) for table in ORDER_TABLES}


def derive_days(
    context: dg.AssetExecutionContext,
    partner: Partner,
    days: Mapping[str | None, Slice],
    *,
    as_events: bool = False,
) -> None:
    """Make orders, lines and charges of the documents of some days, and publish them.

    The documents are held meanwhile: rows made of what another run has just replaced would stay wrong until the day
    is read again, which for an old day may be never.

    Args:
        context: The context of the asset.
        partner: The lake.
        days: The slice of each partition.
        as_events: True to report from within another asset.
    """

    def reader_of(group: Sequence[Slice]) -> ReadSlice:
        documents = partner.lake.rows_by_slice(ORDER_DOCUMENTS, group, columns=NEEDED)

        def read(values: Slice, _: Given) -> dict[Table, Rows]:
            return order_tables(dict(zip(NEEDED, row, strict=True)) for row in documents.get(values, ()))

        return read

    replace_slices(context, partner, ORDER_TABLES, days, reader_of, holding=ORDER_DOCUMENTS, as_events=as_events)
