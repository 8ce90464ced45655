"""Views of what was: `NAME_history` for each table that keeps its versions, and `order_history` out of the documents.

Not here: the current rows (`views.py`), and questions about one instant, which are macros (`macros.py`).
"""

from dataclasses import replace

from partner_assets.lake import sql
from partner_assets.lake.views import View, files_of, label_column, labels_of, no_rows
from partner_assets.tables.codes import codes_by_v0_name
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.table import VALIDITY, Column, Table

_AMOUNTS = (ORDER_CHARGES.column("total_list_price"), ORDER_CHARGES.column("distributor_net_amount"))
_VALID_FROM, _VALID_TO = VALIDITY


def table_history(table: Table, *, has_files: bool, is_mixed: bool = False) -> View:
    """Return the view of all versions of a table's rows.

    Args:
        table: The table; it keeps history.
        has_files: False if the table has no file yet, as for `views.table_view`.
        is_mixed: True if some file was written before the table had all of its columns.
    """
    selected = ", ".join(sql.name(column.name) for column in table.columns)
    files = files_of(table, is_mixed=is_mixed)
    query = f"SELECT {selected} FROM {files}" if has_files else no_rows(table.columns)
    description = (
        f"All versions of {table.name}: each held from valid_from until just before valid_to; the current one has no "
        f"valid_to. Example: SELECT * FROM {table.name}_history ORDER BY {', '.join(table.row_key)} LIMIT 20."
    )
    return View(f"{table.name}_history", description, table.columns, query)


def order_history() -> View:
    """Return the view with one row per version of an order, read from its documents."""
    description = (
        "One row per version of an order that was seen: its status and what all its charges amount to, from its document. "
        "Versions that came and went between two reads are not here, since the API keeps none. Amounts are read from "
        "the document's text, so the documents of all selected orders are parsed: name orders or days where you can. "
        "Example: SELECT transaction_id, valid_from, status_label, distributor_net_amount FROM order_history "
        "WHERE creation_date >= DATE '2026-01-01' ORDER BY transaction_id, valid_from."
    )
    names = ", ".join(sql.name(column.name) for column in _ORDER_COLUMNS)
    return View("order_history", description, _ORDER_COLUMNS, f"SELECT {names} FROM ({_totals()})")


def _versions() -> str:
    """Each version with the time until which it held, and its document with the amounts as texts."""
    # An order is whole within its day of creation, and a window over the day too lets a filter on it skip files.
    window = (
        "OVER (PARTITION BY legal_entity, creation_date, transaction_id "
        "ORDER BY last_update_datetime NULLS FIRST, fetched_at)"
    )
    # least() and coalesce() pass over nulls.
    since = f"coalesce(last_update_datetime, least(creation_datetime, fetched_at, lead(last_update_datetime) {window}))"
    amounts = "|".join(path[0] for column in _AMOUNTS for path in column.paths)
    # DuckDB's JSON functions read a number with a fraction as DOUBLE: 1.00499999999999999999 would come as 1.005, and
    # amounts above 9e13 with other cents. Between quotes, the digits stay. The pattern needs the whole name between
    # quotes before a colon, which no text within the document can hold, since its quotes are escaped.
    quoted = f"""regexp_replace(document, '"({amounts})"\\s*:\\s*(-?[0-9][0-9.eE+-]*)', '"\\1":"\\2"', 'g')"""
    return (
        f"SELECT *, {quoted} AS quoted, {since} AS since, "
        f"least(lead(last_update_datetime) {window}, gone_at) AS until FROM order_documents"
    )


def _charges() -> str:
    lines = _elements("quoted", "$.licenseChargeConditions")
    charges = _elements("line", "$.licenseChargeBreakdown")
    return (
        "SELECT *, flatten(list_transform(lines, lambda line: " + charges + ")) AS charges "
        "FROM (SELECT *, " + lines + " AS lines FROM (" + _versions() + "))"
    )


def _totals() -> str:
    status = "json_extract_string(quoted, '$.transaction.status')"
    code = sql.label_of(status, codes_by_v0_name("order_status"))
    status = f"CASE WHEN api_version = 'v1' THEN {status} ELSE coalesce({code}, {status}) END"
    totals = ", ".join(f"{_total(column)} AS {column.name}" for column in _AMOUNTS)
    label = sql.label_of("status", labels_of("order_status"))
    return (
        f"SELECT *, {label} AS status_label FROM ("
        f"SELECT transaction_id, {status} AS status, last_update_datetime, since AS valid_from, "
        # The vendor's clock and ours may differ: a version that was gone before it began never held.
        "CASE WHEN until < since THEN since ELSE until END AS valid_to, is_current, gone_at, "
        "json_extract_string(quoted, '$.currency') AS currency, "
        f"len(lines) AS line_count, len(charges) AS charge_count, {totals}, creation_date, legal_entity "
        f"FROM ({_charges()}))"
    )


def _total(column: Column) -> str:
    """Sum an amount over the charges, each rounded half up from its text; null if one of them cannot be read."""
    spellings = ", ".join(f"json_extract_string(charge, '$.{path[0]}')" for path in column.paths)
    plain = without_exponent("amount")
    texts = f"list_transform(charges, lambda charge: coalesce({spellings}))"
    numbers = f"list_transform({texts}, lambda amount: TRY_CAST({plain} AS {column.type.duckdb}))"
    return f"CASE WHEN list_count({numbers}) = list_count({texts}) THEN list_sum({numbers}) END"


def without_exponent(number: str) -> str:
    """Return an expression for a JSON number's text without its exponent: the point moves, the digits stay.

    DuckDB's cast to DECIMAL rounds some numbers with an exponent to the wrong cent (1.4 and 2.0:
    -775590335887174.5595e1 to .59), and Java writes every double from ten million on with one.
    """
    # A hundred zeros on either side, for the point to move over; what moves further is nothing, or no amount.
    zeros = sql.text("0" * 100)
    whole, fraction = (f"regexp_extract({number}, '{pattern}', 1)" for pattern in ("^-?([0-9]+)", "[.]([0-9]+)"))
    exponent = f"TRY_CAST(ltrim(regexp_extract({number}, '[eE](.*)$', 1), '+') AS BIGINT)"
    digits = f"({zeros} || {whole} || {fraction} || {zeros})"
    point = f"100 + len({whole}) + greatest(-100, least(100, {exponent}))"
    sign = f"CASE WHEN starts_with({number}, '-') THEN '-' ELSE '' END"
    moved = f"{sign} || {digits}[1:{point}] || '.' || {digits}[{point} + 1:]"
    return f"CASE WHEN regexp_matches({number}, '^-?[0-9.]+[eE]') THEN {moved} ELSE {number} END"


def _elements(value: str, path: str) -> str:
    """Return the elements of a JSON array; as in `tables/order_rows.py`, anything else in its place is one element.

    The array comes first and not the question what there is: each of the calls parses the whole text again.
    """
    array = f"json_extract({value}, '{path}[*]')"
    return (
        f"CASE WHEN len({array}) > 0 THEN {array} "
        f"WHEN coalesce(json_type({value}, '{path}'), 'NULL') IN ('NULL', 'ARRAY') THEN [] "
        f"ELSE [json_extract({value}, '{path}')] END"
    )


_STATUS = ORDERS.column("status")
_ORDER_COLUMNS = (
    ORDER_DOCUMENTS.column("transaction_id"),
    replace(_STATUS, description="Where the order stood in the vendor's process; a documented name of v0 as its code."),
    label_column(_STATUS),
    ORDER_DOCUMENTS.column("last_update_datetime"),
    replace(
        _VALID_FROM,
        description="From when this version held: its own last update; for a document without one, the order's creation.",
    ),
    replace(
        _VALID_TO,
        description=(
            "Until when it held: the next version's last update, or gone_at where that is earlier; null while it holds."
        ),
    ),
    ORDER_DOCUMENTS.column("is_current"),
    ORDER_DOCUMENTS.column("gone_at"),
    ORDERS.column("currency"),
    replace(ORDERS.column("line_count"), description="Number of lines that this version holds."),
    replace(ORDERS.column("charge_count"), description="Number of charges that this version holds, over all lines."),
    *(
        replace(
            column,
            description=(
                f"Sum of {column.name} over all charges of this version, each rounded to cents first; null if no charge "
                "has it, or if one is no number of at most 16 digits before the point."
            ),
        )
        for column in _AMOUNTS
    ),
    ORDER_DOCUMENTS.column("creation_date"),
    ORDER_DOCUMENTS.column("legal_entity"),
)
