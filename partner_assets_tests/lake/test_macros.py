"""The macros and the histories that they ask: snapshots at known instants, renewals around today, every example.

Not here: how versions are merged (`test_history.py`) and read from documents (`test_order_history.py`).
"""

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partner_assets.lake import catalogue
from partner_assets.lake.store import Change, Lake
from partner_assets.tables.dictionary import TABLES
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.order_lines import ORDER_LINES
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.product_prices import PRODUCT_PRICES
from partner_assets_tests.lake.a_lake import fill
from partner_assets_tests.lake.rows import NOW, RUN, charge, document, line, order, put, row

NEW = ("order_history", "freshness", "macros", "order_items", "price_book")
LAKES = itertools.count()
PRICES = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["1.00", "2.50"]))
EXAMPLES_OF_COMMENTS = (
    "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal UNION ALL "
    "SELECT function_name, comment FROM duckdb_functions() WHERE function_type = 'table_macro' AND NOT internal"
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a lake with two legal entities."""
    folder: Path = tmp_path_factory.mktemp("lake")
    fill(folder)
    fill(folder, "other", "Other")
    catalogue.build(folder)
    return folder


@pytest.fixture
def connection(root: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Return its catalogue."""
    with catalogue.connect(root) as opened:
        yield opened


def described(connection: duckdb.DuckDBPyConnection, source: str) -> list[tuple[Any, ...]]:
    """Return the names and types of the columns of a view or a macro's answer."""
    query = f"DESCRIBE SELECT * FROM {source}"
    return [(name, kind) for name, kind, *_ in connection.execute(query).fetchall()]


def replace_prices(lake: Lake, prices: dict[str, str], moment: Any) -> None:
    """Read an accreditation's price list: these products at these prices."""
    values = {"accreditation_id": "A", "price_list_id": 9, "price_list_status": "C", "revenue_type": "ALC"}
    values["legal_entity"] = lake.layout.legal_entity
    rows = [
        row(PRODUCT_PRICES, **values, product_number=product, distributor_price=Decimal(price))
        for product, price in prices.items()
    ]
    change = Change(PRODUCT_PRICES, [("A", 9)], rows, as_of={("A", 9): moment})
    lake.replace([change], lineage=RUN)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.integers(0, 30), PRICES), min_size=1, max_size=5))
def test_prices_as_of_an_instant_are_those_that_were_read_then(
    root: Path, connection: duckdb.DuckDBPyConnection, steps: list[tuple[int, dict[str, str]]]
) -> None:
    """Guards against a quote with a price that did not hold on its day.

    A step of zero hours reads twice at one instant; then the later reading holds.
    """
    lake = Lake(root, f"entity_{next(LAKES)}")
    seen: dict[Any, dict[str, str]] = {}
    moment = NOW
    for hours, prices in steps:
        moment += timedelta(hours=hours)
        replace_prices(lake, prices, moment)
        seen[moment] = prices
    of_days = {instant.date(): prices for instant, prices in seen.items()}
    query = "SELECT product_number, CAST(distributor_price AS VARCHAR) FROM prices_as_of(?) WHERE legal_entity = ?"
    before = NOW - timedelta(microseconds=1)
    for instant, expected in [(before, {}), *seen.items(), *of_days.items()]:
        found = connection.execute(query, [instant, lake.layout.legal_entity]).fetchall()
        assert dict(found) == expected, instant
        assert len(found) == len(expected)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize(
    "as_of",
    [
        "TIMESTAMP '2026-03-02 06:00:00'",
        "TIMESTAMPTZ '2026-03-02 06:00:00+00'",
        "TIMESTAMPTZ '2026-03-02 07:00:00+01:00'",
        "'2026-03-02 06:00:00'",
        "'2026-03-02T06:00:00Z'",
        "'2026-03-02T03:00:00-03:00'",
        "DATE '2026-03-02'",
        "'2026-03-02'",
    ],
)
def test_an_instant_can_be_written_in_any_way_and_the_session_has_no_say(root: Path, as_of: str, zone: str) -> None:
    """Guards against two analysts in two countries who see two different pasts."""
    with catalogue.connect(root) as connection:
        connection.execute(f"SET TimeZone = '{zone}'")
        query = "SELECT count(*) FROM {} WHERE legal_entity = 'main'"
        for instant, is_held in ((as_of, True), (f"{as_of} - INTERVAL 1 DAY", False)):
            if as_of.startswith("'"):
                instant = as_of if is_held else as_of.replace("03-02", "03-01")
            elif as_of.startswith("DATE") and not is_held:
                instant = "DATE '2026-03-01'"
            counts = [
                connection.execute(query.format(f"{macro}({instant})")).fetchall()[0][0]
                for macro in ("prices_as_of", "orders_as_of")
            ]
            assert counts == ([3, 1] if is_held else [0, 0]), instant


def test_what_holds_now_is_what_the_table_shows(connection: duckdb.DuckDBPyConnection) -> None:
    """Guards against a macro whose columns cannot be compared with the table's."""
    assert described(connection, "prices_as_of(now())") == described(connection, "product_prices")
    assert described(connection, "orders_as_of(now())") == described(connection, "order_history")
    both = "SELECT * FROM prices_as_of(now()) EXCEPT ALL SELECT * FROM product_prices"
    assert connection.execute(both).fetchall() == []
    with pytest.raises(duckdb.ConversionException):
        connection.execute("SELECT * FROM prices_as_of('yesterday')")


def test_orders_as_of_shows_each_order_once_as_it_stood(tmp_path: Path) -> None:
    """Guards against last month's backlog counted with this month's statuses, and orders that were gone by then."""
    versions = [document(1, status="Draft"), document(1, hours=2, status="PRC"), document(2, hours=1, status="PRC")]
    gone = document(3, status="PRC", gone_at=NOW + timedelta(hours=2))
    put(Lake(tmp_path, "main"), ORDER_DOCUMENTS, [*versions, gone])
    catalogue.build(tmp_path)
    query = "SELECT transaction_id, status FROM orders_as_of(?) ORDER BY ALL"
    with catalogue.connect(tmp_path) as connection:
        found = [connection.execute(query, [NOW + timedelta(minutes=60 * n - 1)]).fetchall() for n in range(4)]
    assert found == [
        [],
        [("PO_1", "Draft"), ("PO_3", "PRC")],
        [("PO_1", "Draft"), ("PO_2", "PRC"), ("PO_3", "PRC")],
        [("PO_1", "PRC"), ("PO_2", "PRC")],
    ]


def test_renewals_are_due_from_today_and_not_of_orders_that_are_no_longer_valid(tmp_path: Path) -> None:
    """Guards against a renewal that is missed on its last day, and calls about orders that were cancelled."""
    lake, some_day = Lake(tmp_path, "main"), date.today()  # noqa: DTZ011 - around it; the statement says what today is
    ends = {number: some_day + timedelta(days=number - 5) for number in range(40)}
    statuses = {8: "CAN", 9: "CCD", 10: None, 11: "nobody knows", 12: "Draft"}
    put(lake, ORDERS, [order(n, status=statuses.get(n, "PRC")) for n in ends if n != 13])  # 13's head was rejected
    put(lake, ORDER_LINES, [line(n) for n in ends])
    put(lake, ORDER_CHARGES, [*(charge(n, end_date=end) for n, end in ends.items()), charge(99)])
    catalogue.build(tmp_path)
    with catalogue.connect(tmp_path) as connection:
        connection.execute("BEGIN")  # in which now() stands still
        ((today,),) = connection.execute("SELECT CAST(now() AT TIME ZONE 'UTC' AS DATE)").fetchall()
        found = connection.execute("SELECT transaction_id, end_date, days_left FROM renewals_due(20)").fetchall()
    expected = [
        (f"PO_{number}", end, (end - today).days)
        for number, end in ends.items()
        if 0 <= (end - today).days <= 20 and number not in (8, 9)
    ]
    assert found == expected
    assert len(found) == 19


def test_every_example_in_a_comment_runs_on_an_empty_lake_and_on_a_filled_one(root: Path, tmp_path: Path) -> None:
    """Guards against a first query, copied from the comment, that fails."""
    catalogue.build(tmp_path)
    for folder in (root, tmp_path):
        with catalogue.connect(folder) as connection:
            comments = dict(connection.execute(EXAMPLES_OF_COMMENTS).fetchall())
            listed = dict(connection.execute("SELECT macro_name, example FROM macros").fetchall())
            histories = [f"{table.name}_history" for table in TABLES if table.keeps_history]
            assert len(listed) == 3
            for name in (*NEW, *histories, *listed):
                example = comments[name].split("Example: ")[1].removesuffix(".")
                assert listed.get(name, example) == example
                connection.execute(example).fetchall()


def test_a_history_has_every_column_of_its_table_in_the_declared_order(connection: duckdb.DuckDBPyConnection) -> None:
    """Guards against a history without the times that make it one."""
    for table in TABLES:
        if table.keeps_history:
            columns = [(column.name, column.type.duckdb) for column in table.columns]
            assert described(connection, f"{table.name}_history") == columns


def test_the_dictionary_explains_every_column_that_a_macro_gives(connection: duckdb.DuckDBPyConnection) -> None:
    """Guards against columns that can be explained nowhere else: DuckDB has no comments on those of a macro."""
    listed = "SELECT column_name FROM data_dictionary WHERE table_name = ? AND description <> '' ORDER BY position"
    for macro, value in (("prices_as_of", "now()"), ("orders_as_of", "now()"), ("renewals_due", "1")):
        names = [(name,) for name, _ in described(connection, f"{macro}({value})")]
        assert connection.execute(listed, [macro]).fetchall() == names


def test_a_macro_works_where_the_catalogue_is_attached_beside_another_database(root: Path) -> None:
    """Guards against a macro that looks for its views in the database of whoever calls it."""
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{root / 'partner.duckdb'}' AS theirs (READ_ONLY)")
        connection.execute(f"SET VARIABLE lake = '{root}'")
        for call in ("prices_as_of(now())", "orders_as_of(now())", "renewals_due(1)"):
            connection.execute(f"SELECT * FROM theirs.{call}").fetchall()
