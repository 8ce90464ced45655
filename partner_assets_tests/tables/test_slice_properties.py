"""What holds for every slice of records, and for every order's document, that the API could ever send.

Each value is found again: exactly in its column, in `extra`, or in a rejected record kept whole; and every row can be
stored. Not here: one record at a time (`test_record_properties.py`), and reading a day (`materialization/`).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partner_assets.lake import parquet
from partner_assets.tables.dictionary import TABLES, TABLES_BY_NAME
from partner_assets.tables.flattening import flattened
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_lines import ORDER_LINES
from partner_assets.tables.order_rows import OrderReader, OrderRows
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.record import RecordReader, Rejected, Row, read_all, rejected_rows
from partner_assets.tables.rejected import REJECTED
from partner_assets.tables.table import Group, Table
from partner_assets_tests.tables.any_json import (
    ANY_JSON,
    assert_nothing_is_lost,
    decoded,
    given_for,
    mostly_fitting,
    planted,
    same,
)
from partner_assets_tests.tables.samples import ORDER_GIVEN

CATALOGUE = [table for table in TABLES if table.group is Group.CATALOGUE]
CHILDREN = {"price_lists": "priceLists", "product_prices": "prices"}
LINES, CHARGES = "licenseChargeConditions", "licenseChargeBreakdown"


def drawn_record(data: st.DataObject, table: Table) -> Any:
    """Draw a record as the API gives it: nested where it nests, now and then anything at all."""
    if data.draw(st.integers(0, 7)) == 0:
        return data.draw(ANY_JSON)
    record = planted(data, table, mostly_fitting)
    if table.name not in CHILDREN:
        return record
    elements = [planted(data, table, mostly_fitting) for _ in range(data.draw(st.integers(0, 2)))]
    children: Any = elements if data.draw(st.integers(0, 7)) else data.draw(ANY_JSON)
    return {**record, CHILDREN[table.name]: children}


def rejected_as(record: Any, rejected: list[Rejected]) -> bool:
    """Tell whether a record is among the rejected ones, whole; take it away if so."""
    for one in rejected:
        if same(decoded(one.record), record):
            rejected.remove(one)
            return True
    return False


def assert_in_one_of(rows: Sequence[Row], table: Table, record: Any) -> None:
    """Look for a row that holds every value of a record."""
    for row in rows:
        try:
            assert_nothing_is_lost(table, record, row)
        except AssertionError:
            continue
        return
    raise AssertionError(f"{record!r} is nowhere")


def assert_storable(table: Table, rows: Sequence[Row]) -> None:
    """Make sure that rows fit the types of a file."""
    assert parquet.to_arrow(table, rows).num_rows == len(rows)


@pytest.mark.parametrize("table", CATALOGUE, ids=repr)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_every_record_of_a_slice_is_a_row_or_rejected_whole(table: Table, data: st.DataObject) -> None:
    """Guards against a price, a country or a part of a package that is nowhere, and against one that ends its slice."""
    sent = [drawn_record(data, table) for _ in range(data.draw(st.integers(1, 3)))]
    records = list(flattened(sent, CHILDREN[table.name])) if table.name in CHILDREN else sent
    given_values = given_for(table)
    result = read_all(RecordReader(table), ((record, given_values) for record in records), "all")
    assert_storable(table, result.rows)
    assert_storable(REJECTED, rejected_rows(REJECTED, result.rejected))
    rejected = list(result.rejected)
    for record in records:
        if not rejected_as(record, rejected):
            assert_in_one_of(result.rows, table, record)
    assert rejected == []
    assert len(result.rows) + len(result.rejected) <= len(records)


@pytest.mark.parametrize("name", CHILDREN)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_value_is_lost_when_an_array_is_taken_apart(name: str, data: st.DataObject) -> None:
    """Guards against what stands beside an array, or in its place, being dropped on the way to the table."""
    children = CHILDREN[name]
    record = drawn_record(data, TABLES_BY_NAME[name])
    parts = list(flattened([record], children))
    if not isinstance(record, dict) or not isinstance(record.get(children), list):
        is_plain = isinstance(record, dict) and not any(isinstance(value, list | dict) for value in record.values())
        assert parts == ([] if is_plain and record.get(children) is None else [record])
        return
    assert len(parts) == len(record[children])
    beside = {name: value for name, value in record.items() if name != children}
    for part, element in zip(parts, record[children], strict=True):
        if not isinstance(element, dict):
            assert same(part, {**beside, children: [element]})
            continue
        assert all(same(part[name], value) for name, value in element.items())
        moved = {name: value for name, value in beside.items() if name in element}
        assert all(same(part[name], value) for name, value in beside.items() if name not in moved)
        others = [value for name, value in part.items() if name not in element and name not in beside]
        assert same(others, [moved] if moved else [])


def drawn_document(data: st.DataObject) -> dict[str, Any]:
    """Draw an order with lines and charges, all of them mostly as they should be."""
    lines: list[Any] = []
    for _ in range(data.draw(st.integers(0, 2))):
        line = planted(data, ORDER_LINES, mostly_fitting)
        charges: Any = [planted(data, ORDER_CHARGES, mostly_fitting) for _ in range(data.draw(st.integers(0, 2)))]
        lines.append({**line, CHARGES: data.draw(st.sampled_from([charges, [*charges, "odd"], {"odd": 1}, None, 0]))})
    document = planted(data, ORDERS, mostly_fitting)
    return {**document, LINES: data.draw(st.sampled_from([lines, [*lines, []], "odd", None]))}


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_value_of_an_order_is_in_a_row_or_in_a_rejected_record(data: st.DataObject) -> None:
    """Guards against a level of a document, or one field of it, that is nowhere, and against one that ends the day."""
    document: Any = data.draw(ANY_JSON) if data.draw(st.integers(0, 9)) == 0 else drawn_document(data)
    api_version = data.draw(st.sampled_from(["v0", "v1"]))
    rows = OrderRows()
    OrderReader(api_version).read(document, ORDER_GIVEN, rows)
    for table, made in ((ORDERS, rows.orders), (ORDER_LINES, rows.lines), (ORDER_CHARGES, rows.charges)):
        assert_storable(table, made)
    assert_storable(REJECTED, rejected_rows(REJECTED, rows.rejected))
    rejected = {table.name: [one for one in rows.rejected if one.table_name == table.name] for table in TABLES}
    heads, lines, charges = iter(rows.orders), iter(rows.lines), iter(rows.charges)
    _settle(ORDERS, document, heads, rejected, LINES)
    if rows.orders or rows.lines or rows.charges or rejected["order_lines"]:
        for line in _elements(document.get(LINES)):
            _settle(ORDER_LINES, line, lines, rejected, CHARGES)
            for charge in _elements(line.get(CHARGES) if isinstance(line, dict) else None):
                _settle(ORDER_CHARGES, charge, charges, rejected)
    assert [*heads, *lines, *charges] == []
    assert not any(rejected.values())


def _elements(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _settle(
    table: Table, record: Any, rows: Iterator[Row], rejected: dict[str, list[Rejected]], *elsewhere: str
) -> None:
    """Find what became of one record: the next rejected one of its table, or the next row."""
    if rejected[table.name] and same(decoded(rejected[table.name][0].record), record):
        del rejected[table.name][0]
    else:
        assert_nothing_is_lost(table, record, next(rows), *elsewhere)
