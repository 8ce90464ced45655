"""The table macros of the catalogue: views with a parameter, for questions about one instant or a number of days.

By name, a macro would look for the views that it asks in the database of whoever calls it, and find none where this file
is attached beside another; so each is told what they are. Not here: those views (`views.py`, `history_views.py`).
"""

from collections.abc import Iterable, Sequence

from partner_assets.lake import sql
from partner_assets.lake.views import View, asking
from partner_assets.tables.product_prices import PRODUCT_PRICES
from partner_assets.tables.table import VALIDITY, Column, ColumnType

NO_LONGER_VALID = ("CAN", "CCD")
"""Codes of `order_status` of which the reference says that the order "is no longer valid": cancelled and discarded."""

_AS_OF = "as_of is a day (its end in UTC), a timestamp (UTC where it has no time zone), or a text of either"
_RENEWAL_COLUMNS = (
    "end_date",
    "sold_to_site_id",
    "sold_to_site_name",
    "bill_to_site_id",
    "bill_to_site_name",
    "installed_base_number",
    "product_number",
    "product_name",
    "portfolio",
    "release",
    "revenue_type",
    "revenue_type_label",
    "quantity",
    "currency",
    "distributor_net_amount",
    "distributor_annual_amount",
    "total_list_price",
    "start_date",
    "transaction_id",
    "transaction_type",
    "status",
    "status_label",
    "line_number",
    "charge_number",
    "order_type",
    "order_type_label",
    "is_multi_year",
    "has_exit_clause",
    "bill_to_contact",
    "bill_to_sales_representative",
    "ds_sales_representative",
    "agreement_reference",
    "creation_date",
    "legal_entity",
)


def prices_as_of(history: View) -> View:
    """Return the macro of the prices that held at an instant.

    Args:
        history: The view `product_prices_history`.
    """
    columns = tuple(column for column in PRODUCT_PRICES.columns if column not in VALIDITY)
    description = (
        f"The rows of product_prices as they were at an instant; same columns. {_AS_OF}; "
        "there is nothing from before the first read. "
        "Example: SELECT product_number, distributor_price FROM prices_as_of(DATE '2026-03-31') "
        "WHERE price_list_status = 'C'."
    )
    return View("prices_as_of", description, columns, asking([history], _held(history, columns)), ("as_of",))


def orders_as_of(documents: View, history: View) -> View:
    """Return the macro of the orders as they stood at an instant.

    Args:
        documents: The view `order_documents`.
        history: The view `order_history`, which is made of it.
    """
    description = (
        f"The versions of order_history that held at an instant, at most one per order; same columns. {_AS_OF}. "
        "An order that was gone by then is left out. So is, for an instant before the order was first read, one that "
        "has changed between the two: how it stood nobody has kept, and counts of such days are too small. "
        "Example: SELECT status, count(*) FROM orders_as_of(TIMESTAMP '2026-03-31 12:00:00') GROUP BY ALL."
    )
    query = asking([documents, history], _held(history, history.columns))
    return View("orders_as_of", description, history.columns, query, ("as_of",))


def renewals_due(tables: Sequence[View], items: View) -> View:
    """Return the macro of the charges that end within a number of days.

    Args:
        tables: The views of the orders tables.
        items: The view `order_items`, which is made of them; a column that it does not show is left out here too.
    """
    known = {column.name: column for column in items.columns}
    left = Column("days_left", ColumnType.INT, "Days from today to the last day, today in UTC.", unit="days")
    names = [name for name in _RENEWAL_COLUMNS[1:] if name in known]
    columns = (known["end_date"], left, *(known[name] for name in names))
    today = "CAST(now() AT TIME ZONE 'UTC' AS DATE)"
    selected = ", ".join(map(sql.name, names))
    gone = ", ".join(sql.text(code) for code in NO_LONGER_VALID)
    query = (
        f"SELECT end_date, CAST(end_date - {today} AS BIGINT) AS days_left, {selected} FROM {items.name} "
        f"WHERE end_date BETWEEN {today} AND {today} + CAST(days AS INTEGER) "
        f"AND coalesce(status, '') NOT IN ({gone}) "
        "ORDER BY end_date, legal_entity, transaction_id, line_number, charge_number"
    )
    description = (
        "Charges of current orders whose end_date is today (UTC) or within that many days, soonest first, with customer, "
        "product and amounts. Left out: orders whose status is CAN (cancelled) or CCD (discarded), the two that the vendor "
        "documents as no longer valid; all other statuses are here, undocumented ones too. Whether another order has "
        "renewed a charge is not said by the API: compare installed_base_number. "
        "Example: SELECT end_date, sold_to_site_name, product_name FROM renewals_due(90)."
    )
    return View("renewals_due", description, columns, asking([*tables, items], query), ("days",))


def macro_list(macros: Iterable[View]) -> View:
    """Return the view that lists the macros, since no command line does."""
    columns = (
        Column("macro_name", ColumnType.TEXT, "Macro; data_dictionary explains the columns that it gives."),
        Column("parameters", ColumnType.TEXT, "Its parameters."),
        Column("description", ColumnType.TEXT, "What it answers."),
        Column("example", ColumnType.TEXT, "A statement to try."),
    )
    rows = []
    for macro in macros:
        told, _, example = macro.description.partition(" Example: ")
        values = (macro.name, ", ".join(macro.parameters), told, example.removesuffix("."))
        rows.append(f"({', '.join(sql.text(value) for value in values)})")
    names = ", ".join(column.name for column in columns)
    description = (
        "The table macros: use them like tables, with a value in brackets. "
        "Example: SELECT macro_name, example FROM macros."
    )
    return View("macros", description, columns, f"SELECT * FROM (VALUES {', '.join(rows)}) AS macros({names})")


def _held(history: View, columns: Iterable[Column]) -> str:
    """Select the versions that held at `as_of`."""
    # By way of text, since a macro's parameter has no type: a day is ten characters, and only a time zone that is named
    # may count. The session's own must not: two analysts would see two different pasts.
    day = "regexp_matches(CAST(as_of AS VARCHAR), '^[0-9]{4}-[0-9]{2}-[0-9]{2}$')"
    zoned = "regexp_matches(CAST(as_of AS VARCHAR), '[0-9](Z|[+-][0-9]{2}(:?[0-9]{2})*)$')"
    rest = f"CASE WHEN {day} THEN ' 23:59:59.999999Z' WHEN {zoned} THEN '' ELSE 'Z' END"
    instant = f"CAST(CAST(as_of AS VARCHAR) || {rest} AS TIMESTAMP WITH TIME ZONE)"
    selected = ", ".join(sql.name(column.name) for column in columns)
    return f"SELECT {selected} FROM {history.name} WHERE valid_from <= {instant} AND (valid_to IS NULL OR valid_to > {instant})"
