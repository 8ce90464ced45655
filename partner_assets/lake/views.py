"""What the catalogue shows of now: one view per table, `order_items` and `price_book`, and `data_dictionary` of it all.

A view is text and comments, derived from the declarations in `tables/`. Not here: what was (`history_views.py`,
`macros.py`), how much there is (`freshness.py`), and the file that they are put into (`catalogue.py`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from partner_assets.lake import sql
from partner_assets.lake.layout import glob
from partner_assets.tables.codes import CODE_SETS
from partner_assets.tables.dictionary import TABLES
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_lines import ORDER_LINES
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.product_prices import PRODUCT_PRICES
from partner_assets.tables.table import VALIDITY, Column, ColumnType, Group, Table

LAKE = sql.as_pattern("coalesce(getvariable('lake'), '.')")
"""The lake's folder: the variable `lake` where it is set, else the folder that DuckDB was started in."""

PII = "pii: holds names of people, or may."
"""The mark in the comment of a column with personal data."""

COUNTS = ("line_count", "charge_count", "version_count")


@dataclass(frozen=True)
class View:
    """One view of the catalogue; one that has parameters is a table macro.

    Attributes:
        name: Its name.
        description: Its comment.
        columns: Its columns with their comments, in the order of the query.
        query: The SELECT that it stands for.
        parameters: Names that the query uses like columns.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    query: str
    parameters: tuple[str, ...] = ()


def table_view(table: Table, *, has_files: bool, is_mixed: bool = False) -> View:
    """Return the view of a table: its rows, for a table with history the current ones.

    Args:
        table: The table.
        has_files: False if the table has no file yet; DuckDB refuses a pattern that matches nothing, so the view
            then holds no rows of the right types until the catalogue is built again.
        is_mixed: True if some file was written before the table had all of its columns.
    """
    columns = tuple(column for column in table.columns if column not in VALIDITY)
    if has_files:
        selected = ", ".join(sql.name(column.name) for column in columns)
        current = " WHERE valid_to IS NULL" if table.keeps_history else ""
        query = f"SELECT {selected} FROM {files_of(table, is_mixed=is_mixed)}{current}{_once(table)}"
    else:
        query = no_rows(columns)
    return View(table.name, table.description, columns, query)


def _once(table: Table) -> str:
    """Return what leaves one copy of each row of a table that comes with the program, of which every legal entity has one.

    Whoever joins it by its key would otherwise count his own rows as often.
    """
    if table.group is not Group.REFERENCE:
        return ""
    key = ", ".join(map(sql.name, table.key))
    return f" QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY fetched_at DESC, legal_entity) = 1"


def no_rows(columns: Iterable[Column]) -> str:
    """Return a query with these columns and no rows."""
    typed = ", ".join(f"CAST(NULL AS {column.type.duckdb}) AS {sql.name(column.name)}" for column in columns)
    return f"SELECT {typed} WHERE false"


def files_of(table: Table, *, is_mixed: bool = False) -> str:
    """Return, for the FROM of a query, all files of a table.

    Args:
        table: The table.
        is_mixed: True if some file was written before the table had all of its columns.
    """
    # Every file holds its legal entity itself. What DuckDB reads off folders would take the place of columns: those of a lake
    # below a folder called release=9 would all be of that release.
    arguments = f"{LAKE} || '/{glob(table)}', hive_partitioning = false"
    return completed(table, arguments) if is_mixed else f"read_parquet({arguments})"


def completed(table: Table, arguments: str) -> str:
    """Return, for the FROM of a query, files of which some lack columns of their table: they are null there.

    Only for such files, since DuckDB then opens every file before it begins. Without, the first file decides which columns
    there are, and a later one that lacks one of them fails the query.

    Args:
        table: The table.
        arguments: Those of read_parquet.
    """
    files = f"SELECT * FROM read_parquet({arguments}, union_by_name = true)"
    # It may be that not one file has the newest column.
    return f"({no_rows(table.columns)} UNION ALL BY NAME {files})"


def order_items() -> View:
    """Return the view with one row per charge, its line, its order, and a label beside every code."""
    parts = (("o", ORDERS, COUNTS), ("l", ORDER_LINES, ()), ("c", ORDER_CHARGES, ()))
    selected: list[str] = []
    columns: list[Column] = []
    for alias, table, left_out in parts:
        for column in table.values:
            if column.name in left_out or column.name in {known.name for known in columns}:
                continue
            # Taken from the charge wherever it has the column, so that a charge whose order was rejected keeps its id.
            owner = "c" if column.name in ORDER_CHARGES.column_names else alias
            value = f"{owner}.{sql.name(column.name)}"
            selected.append(value)
            columns.append(column)
            if column.codes:
                selected.append(f"{sql.label_of(value, labels_of(column.codes))} AS {column.name}_label")
                columns.append(label_column(column))
    selected.append("c.legal_entity")
    columns.append(ORDERS.column("legal_entity"))
    query = (
        f"SELECT {', '.join(selected)} FROM order_charges c "
        "LEFT JOIN order_lines l ON l.legal_entity = c.legal_entity "
        "AND l.transaction_id = c.transaction_id AND l.line_number = c.line_number "
        "LEFT JOIN orders o ON o.legal_entity = c.legal_entity AND o.transaction_id = c.transaction_id"
    )
    description = (
        "One row per charge, with its line, its order, its customer, the currency, and a label beside every code. "
        "Example: SELECT portfolio, currency, sum(distributor_net_amount) FROM order_items GROUP BY ALL."
    )
    return View("order_items", description, tuple(columns), query)


def price_book() -> View:
    """Return the view of current and future prices with product, price list and countries."""
    prices = tuple(column for column in PRODUCT_PRICES.values if column.name != "currency")
    before = (
        Column("accreditation_name", ColumnType.TEXT, "Name of the accreditation."),
        Column("product_name", ColumnType.TEXT, "Name of the product, from its newest release."),
        Column("portfolio", ColumnType.TEXT, "Product family, from the product's newest release."),
        Column("price_list_name", ColumnType.TEXT, "Name of the price list."),
        Column("countries", ColumnType.TEXT, "Codes of the countries in which the price list holds, as a list."),
        Column("effective_date", ColumnType.DATE, "Day from which a future price holds; null for a current one."),
        PRODUCT_PRICES.column("currency"),
    )
    selected = [f"p.{sql.name(column.name)}" for column in prices]
    query = (
        f"SELECT {', '.join(selected)}, a.name AS accreditation_name, r.name AS product_name, r.portfolio, "
        "g.name AS price_list_name, g.countries, "
        "CASE WHEN p.price_list_status = 'F' THEN g.effective_date END AS effective_date, p.currency, p.legal_entity "
        "FROM product_prices p "
        "LEFT JOIN accreditations a ON a.legal_entity = p.legal_entity AND a.accreditation_id = p.accreditation_id "
        # Grouped, since a product stands once per release and a price list once per country.
        "LEFT JOIN (SELECT legal_entity, accreditation_id, product_number, "
        "arg_max(name, coalesce(release, '')) AS name, arg_max(portfolio, coalesce(release, '')) AS portfolio "
        "FROM products GROUP BY ALL) r ON r.legal_entity = p.legal_entity "
        "AND r.accreditation_id = p.accreditation_id AND r.product_number = p.product_number "
        "LEFT JOIN (SELECT legal_entity, price_list_id, min(name) AS name, min(effective_date) AS effective_date, "
        "list(DISTINCT country_code ORDER BY country_code) AS countries FROM price_lists GROUP BY ALL) g "
        "ON g.legal_entity = p.legal_entity AND g.price_list_id = p.price_list_id"
    )
    description = (
        "Current (price_list_status C) and announced (F) prices with product, portfolio, price list and countries. "
        "Example: SELECT product_name, distributor_price FROM price_book WHERE list_contains(countries, 'CAN')."
    )
    return View("price_book", description, (*prices, *before, PRODUCT_PRICES.column("legal_entity")), query)


def data_dictionary(views: Iterable[View]) -> View:
    """Return the view that explains all others, since command lines do not show comments."""
    columns = (
        Column("table_name", ColumnType.TEXT, "Table, view or macro."),
        Column("position", ColumnType.INT, "Place of the column, counted from 1."),
        Column("column_name", ColumnType.TEXT, "Column."),
        Column(
            "is_key",
            ColumnType.BOOL,
            "True if the column is part of the key, which tells rows of one legal entity apart.",
        ),
        Column("unit", ColumnType.TEXT, "Unit, where the name and type do not say it."),
        Column("code_set", ColumnType.TEXT, "Code set in code_labels that explains the column's codes."),
        Column("description", ColumnType.TEXT, "What the column means."),
        Column("is_pii", ColumnType.BOOL, "True if the column holds names of people, or may."),
    )
    keys = {table.name: table.key for table in TABLES}
    keys |= {f"{table.name}_history": table.row_key for table in TABLES if table.keeps_history}
    rows = [
        f"({sql.text(view.name)}, {position}, {sql.text(column.name)}, "
        f"{str(column.name in keys.get(view.name, ())).lower()}, "
        f"{sql.text(column.unit)}, {sql.text(column.codes)}, {sql.text(column.description)}, {str(column.is_pii).lower()})"
        for view in views
        for position, column in enumerate(view.columns, start=1)
    ]
    names = ", ".join(column.name for column in columns)
    query = f"SELECT * FROM (VALUES {', '.join(rows)}) AS dictionary({names})"
    return View("data_dictionary", "Every column of every table, view and macro, explained.", columns, query)


def comment(column: Column) -> str:
    """Return a column's comment: its description, unit, code set and mark."""
    parts = [column.description]
    if column.unit:
        parts.append(f"Unit: {column.unit}.")
    if column.codes:
        parts.append(f"Codes: code_labels, code_set {column.codes}.")
    if column.is_pii:
        parts.append(PII)
    return " ".join(parts)


def labels_of(code_set: str) -> dict[str, str]:
    """Return the label of every documented code of a code set."""
    return {label.code: label.label for label in CODE_SETS[code_set]}


def asking(views: Iterable[View], query: str) -> str:
    """Return a query that is told itself what the views are that it asks, whatever is known by their names elsewhere.

    NOT MATERIALIZED, so that a filter still reaches the files.
    """
    parts = ", ".join(f"{view.name} AS NOT MATERIALIZED ({view.query})" for view in views)
    return f"WITH {parts} {query}"


def of_its_own(view: View, asked: Iterable[View]) -> View:
    """Return a view that asks others whatever is known by their names where it is asked, such as a temporary table.

    Args:
        view: The view.
        asked: The views that it asks, with all of their columns.
    """
    return replace(view, query=asking(asked, view.query))


def without_pii(view: View) -> View:
    """Return a view without its columns of personal data; its query may need what it does not show."""
    columns = tuple(column for column in view.columns if not column.is_pii)
    query = view.query
    if columns != view.columns:
        query = f"SELECT {', '.join(sql.name(column.name) for column in columns)} FROM ({query})"
    return replace(view, columns=columns, query=query)


def label_column(column: Column) -> Column:
    """Return the column with the label of a code."""
    return Column(f"{column.name}_label", ColumnType.TEXT, f"Label of {column.name}; null for an undocumented code.")
