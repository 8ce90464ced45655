"""The views for analysts: one row per charge, one row per price, labels, and no mixing of legal entities.

The lake is `a_lake.py`'s. Not here: the file that holds the views.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from partner_assets.lake import catalogue, sql
from partner_assets.tables.dictionary import TABLES
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.orders import ORDERS
from partner_assets_tests.lake.a_lake import fill
from partner_assets_tests.lake.rows import DAY


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Return the catalogue of a lake with two legal entities that hold the same keys."""
    root: Path = tmp_path_factory.mktemp("lake")
    fill(root)
    fill(root, "other", "Other")
    catalogue.build(root)
    with catalogue.connect(root) as opened:
        yield opened


def main_rows(connection: duckdb.DuckDBPyConnection, columns: str, view: str) -> list[tuple[Any, ...]]:
    """Return some columns of the rows of the legal entity `main`, sorted."""
    query = f"SELECT {columns} FROM {view} WHERE legal_entity = 'main' ORDER BY ALL"
    return connection.execute(query).fetchall()


def test_every_charge_is_one_row_also_without_its_line_or_order(connection: duckdb.DuckDBPyConnection) -> None:
    """Guards against turnover that is missing because an order's head was rejected, or doubled by a join."""
    columns = "transaction_id, line_number, charge_number, creation_date, usage_scope, currency"
    assert main_rows(connection, columns, "order_items") == [
        ("PO_1", 1, 1, DAY, "Main", "EUR"),
        ("PO_1", 1, 2, DAY, "Main", "EUR"),
        ("PO_2", 7, 1, DAY, None, "USD"),
        ("PO_3", 1, 1, DAY, None, None),
    ]
    total = connection.execute("SELECT sum(distributor_net_amount) FROM order_items").fetchall()
    assert total == [(Decimal("20.06"),)]


def test_legal_entities_with_the_same_keys_do_not_mix(connection: duckdb.DuckDBPyConnection) -> None:
    """Guards against one company's prices and customers beside the other company's numbers."""
    pairs = connection.execute(
        "SELECT legal_entity, sold_to_site_name, usage_scope FROM order_items WHERE transaction_id = 'PO_1' ORDER BY ALL"
    ).fetchall()
    assert pairs == [("main", "Main Customer", "Main")] * 2 + [("other", "Other Customer", "Other")] * 2
    names = connection.execute(
        "SELECT legal_entity, accreditation_name, product_name, price_list_name FROM price_book "
        "WHERE product_number = '6NB' ORDER BY ALL"
    ).fetchall()
    expected = [(f"{one} Portfolio", f"{one} New", f"{one} List") for one in ("Main", "Other")]
    assert names == [("main", *expected[0])] * 2 + [("other", *expected[1])] * 2


def test_a_documented_code_has_its_label_and_another_has_none(connection: duckdb.DuckDBPyConnection) -> None:
    """Guards against a wrong label, an invented one, and a charge that is dropped for want of one."""
    columns = "transaction_id, charge_number, status, status_label, order_type_label, revenue_type, revenue_type_label"
    assert main_rows(connection, columns, "order_items")[:3] == [
        ("PO_1", 1, "PRC", "Sent to DSx.Finance", "Stop - Transform", "ALC", "Annual License Charge"),
        ("PO_1", 2, "PRC", "Sent to DSx.Finance", "Stop - Transform", "nobody knows", None),
        ("PO_2", 1, "XYZ", None, None, None, None),
    ]


def test_every_code_of_an_order_has_a_label_beside_it(connection: duckdb.DuckDBPyConnection) -> None:
    """Guards against a code column that was added without its label."""
    names = [name for name, *_ in connection.execute("DESCRIBE order_items").fetchall()]
    coded = [name for name in names if f"{name}_label" in names]
    declared = [column.name for table in TABLES for column in table.values if column.codes]
    assert sorted(coded) == sorted(set(declared) & set(names))
    assert all(names[names.index(name) + 1] == f"{name}_label" for name in coded)
    assert len(names) == len(set(names))


def test_order_items_has_every_column_of_the_charge_and_of_its_customer(connection: duckdb.DuckDBPyConnection) -> None:
    """Guards against a question that needs a join after all."""
    names = {name for name, *_ in connection.execute("DESCRIBE order_items").fetchall()}
    assert {column.name for column in ORDER_CHARGES.values} <= names
    assert {column.name for column in ORDERS.values} - names == {"line_count", "charge_count", "version_count"}


def test_a_price_is_one_row_however_many_releases_and_countries_there_are(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Guards against six rows for one price: three releases times two countries."""
    columns = "product_number, price_list_status, distributor_price, product_name, portfolio, countries, effective_date"
    assert main_rows(connection, columns, "price_book") == [
        ("6NB", "C", Decimal("100.00"), "Main New", "New", ["CAN", "USA"], None),
        ("6NB", "F", Decimal("110.00"), "Main New", "New", ["CAN", "USA"], date(2026, 3, 1)),
        ("unknown", "C", None, None, None, None, None),
    ]


def test_the_example_queries_in_the_comments_work(connection: duckdb.DuckDBPyConnection) -> None:
    """Guards against a first query, copied from the comment, that fails."""
    comments = connection.execute(
        "SELECT comment FROM duckdb_views() WHERE view_name IN ('order_items', 'price_book')"
    ).fetchall()
    examples = [comment.split("Example: ")[1].removesuffix(".") for (comment,) in comments]
    assert len(examples) == 2
    for example in examples:
        assert connection.execute(example).fetchall() != []


def test_the_dictionary_lists_every_column_of_every_other_view(connection: duckdb.DuckDBPyConnection) -> None:
    """Guards against a column that is there and not explained, or explained and not there. Macros: `test_macros.py`."""
    listed = connection.execute(
        "SELECT table_name, position, column_name FROM data_dictionary "
        "WHERE table_name NOT IN (SELECT macro_name FROM macros)"
    ).fetchall()
    shown = connection.execute(
        "SELECT table_name, column_index, column_name FROM duckdb_columns() "
        "WHERE NOT internal AND table_name <> 'data_dictionary'"
    ).fetchall()
    assert sorted(listed) == sorted(shown)


def test_the_dictionary_says_what_the_declarations_say(connection: duckdb.DuckDBPyConnection) -> None:
    """Guards against keys, units and code sets that analysts are told wrongly."""
    rows = connection.execute("SELECT * EXCLUDE (position) FROM data_dictionary").fetchall()
    said = {(table, column): rest for table, column, *rest in rows}
    for table in TABLES:
        for column in table.values:
            is_key, unit, code_set, description, is_pii = said[(table.name, column.name)]
            assert is_key == (column.name in table.key)
            assert (unit, code_set, description) == (column.unit, column.codes, column.description)
            assert is_pii == column.is_pii


@pytest.mark.parametrize("value", ["it's", '"', "\\", "a;b", "示例", ""])
def test_texts_and_names_survive_quoting(value: str) -> None:
    """Guards against a description or a folder with an apostrophe that breaks the catalogue."""
    with duckdb.connect() as connection:
        query = f"SELECT {sql.text(value)} AS {sql.name(value or 'x')}, {sql.text(None)}"
        assert connection.execute(query).fetchall() == [(value, None)]
        assert connection.description is not None
        assert connection.description[0][0] == (value or "x")
