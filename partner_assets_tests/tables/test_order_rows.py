"""An order's document to its head, lines and charges: numbering, counts, and what is broken rejected alone.

Not here: single records and values, which have tests of their own.
"""

import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_lines import ORDER_LINES
from partner_assets.tables.order_rows import OrderReader, OrderRows
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.values import from_json, json_text
from partner_assets_tests.tables.samples import DAY, LINEAGE, ORDER_GIVEN, a_charge, a_line, an_order, named

ODD_NUMBERS = [
    pytest.param([1, 1], id="repeated"),
    pytest.param([1, None], id="null"),
    pytest.param([5, "6"], id="text"),
    pytest.param([5, Decimal("6.0")], id="decimal"),
    pytest.param([True, 2], id="truth value"),
    pytest.param([-1, 2], id="negative"),
    pytest.param([2**63, 2], id="more than 64 bits"),
    pytest.param([[1], {"a": 1}], id="no scalars"),
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["sequenceNumber", "licenseChargeBreakdown", "product", "x"]), inner, max_size=3
        )
    ),
    max_leaves=10,
)


def read(document: dict[str, Any], api_version: str = "v1") -> OrderRows:
    """Return the rows of one document."""
    rows = OrderRows()
    OrderReader(api_version).read(document, ORDER_GIVEN, rows)
    return rows


def lines(rows: OrderRows) -> list[dict[str, Any]]:
    """Return the lines by column name."""
    return [named(ORDER_LINES, row) for row in rows.lines]


def charges(rows: OrderRows) -> list[dict[str, Any]]:
    """Return the charges by column name."""
    return [named(ORDER_CHARGES, row) for row in rows.charges]


def with_lines(value: Any) -> dict[str, Any]:
    """Return an order with this in place of its lines."""
    return an_order(licenseChargeConditions=value)


def test_the_example_order_gives_one_row_of_each_table() -> None:
    """Guards against a level of the document that is not read, or read into the wrong table."""
    rows = read(an_order())
    head = named(ORDERS, rows.orders[0])
    assert (head["transaction_id"], head["status"], head["sold_to_site_name"]) == ("PO_A123456789", "PRC", "Foobar Inc")
    assert (head["line_count"], head["charge_count"], head["version_count"]) == (1, 1, 1)
    assert head["creation_date"] == DAY
    (line,), (charge,) = lines(rows), charges(rows)
    assert (line["transaction_id"], line["line_number"], line["order_type"]) == ("PO_A123456789", 1, "STOI")
    assert (charge["line_number"], charge["charge_number"], charge["product_number"]) == (1, 1, "1AB-ABC")
    assert charge["distributor_net_amount"] == Decimal("1930.00")
    assert {row["extra"] for row in (head, line, charge)} == {None}
    assert {name: charge[name] for name in LINEAGE} == LINEAGE
    assert rows.rejected == []


def test_sequence_numbers_are_kept_and_not_counted_anew() -> None:
    """Guards against line 7 of the vendor's screen being line 2 here."""
    rows = read(with_lines([a_line(sequenceNumber=7), a_line(sequenceNumber=3), a_line(sequenceNumber=0)]))
    assert [line["line_number"] for line in lines(rows)] == [7, 3, 0]
    assert [(charge["line_number"], charge["charge_number"]) for charge in charges(rows)] == [(7, 1), (3, 1), (0, 1)]
    assert {line["extra"] for line in lines(rows)} == {None}


@pytest.mark.parametrize("numbers", ODD_NUMBERS)
def test_lines_with_unusable_numbers_are_numbered_by_position(numbers: list[Any]) -> None:
    """Guards against two lines that become one, and against the API's own number being lost."""
    rows = read(with_lines([a_line(sequenceNumber=number) for number in numbers]))
    assert [line["line_number"] for line in lines(rows)] == [1, 2]
    assert [charge["line_number"] for charge in charges(rows)] == [1, 2]
    kept = [None if number is None else json_text({"sequenceNumber": number}) for number in numbers]
    assert [line["extra"] for line in lines(rows)] == kept
    assert rows.rejected == []


@pytest.mark.parametrize("numbers", ODD_NUMBERS)
def test_charges_with_unusable_numbers_are_numbered_by_position(numbers: list[Any]) -> None:
    """Guards against the same one level below."""
    breakdown = [a_charge(sequenceNumber=number) for number in numbers]
    rows = read(with_lines([a_line(licenseChargeBreakdown=breakdown)]))
    assert [charge["charge_number"] for charge in charges(rows)] == [1, 2]
    kept = [None if number is None else json_text({"sequenceNumber": number}) for number in numbers]
    assert [charge["extra"] for charge in charges(rows)] == kept


def test_lines_without_numbers_are_numbered_from_one() -> None:
    """Guards against lines rejected, or lost, for want of a number that the reference calls optional."""
    without = a_line()
    del without["sequenceNumber"]
    rows = read(with_lines([without, copy.deepcopy(without)]))
    assert [(line["line_number"], line["extra"]) for line in lines(rows)] == [(1, None), (2, None)]


def test_one_missing_number_moves_all_siblings_to_positions() -> None:
    """Guards against a position that collides with a number that the API did send."""
    without = a_line()
    del without["sequenceNumber"]
    rows = read(with_lines([without, a_line(sequenceNumber=1)]))
    assert [(line["line_number"], line["extra"]) for line in lines(rows)] == [(1, None), (2, '{"sequenceNumber":1}')]


@pytest.mark.parametrize("absent", [None, []])
def test_an_order_without_lines_is_an_order(absent: Any) -> None:
    """Guards against a head that vanishes because nothing hangs on it."""
    rows = read(with_lines(absent))
    head = named(ORDERS, rows.orders[0])
    assert (head["line_count"], head["charge_count"]) == (0, 0)
    assert (rows.lines, rows.charges, rows.rejected) == ([], [], [])


def test_counts_are_those_of_the_document_and_not_of_the_rows() -> None:
    """Guards against a rejected charge that no count betrays."""
    lines_sent = [a_line(), a_line(sequenceNumber=2, licenseChargeBreakdown=[a_charge(), a_charge(sequenceNumber="x")])]
    broken = with_lines(
        [*lines_sent, "no line", a_line(sequenceNumber=4, licenseChargeBreakdown=[a_charge(quantity=[])])]
    )
    rows = read(broken)
    head = named(ORDERS, rows.orders[0])
    assert (head["line_count"], head["charge_count"]) == (4, 4)
    assert (len(rows.lines), len(rows.charges), len(rows.rejected)) == (3, 3, 2)


def test_an_object_where_a_list_belongs_is_read_as_its_only_element() -> None:
    """Guards against a line that is lost because some serialiser unwrapped a list of one."""
    rows = read(with_lines(a_line(sequenceNumber=4, licenseChargeBreakdown=a_charge(sequenceNumber=9))))
    (line,), (charge,) = lines(rows), charges(rows)
    assert (line["line_number"], charge["line_number"], charge["charge_number"]) == (4, 4, 9)
    assert rows.rejected == []


def test_a_broken_charge_rejects_only_itself() -> None:
    """Guards against an order that is lost with the one amount that came as a text."""
    bad = a_charge(sequenceNumber=2, unitListPrice="10,00")
    rows = read(with_lines([a_line(sequenceNumber=3, licenseChargeBreakdown=[a_charge(), bad])]))
    assert (len(rows.orders), len(rows.lines), len(rows.charges)) == (1, 1, 1)
    (rejected,) = rows.rejected
    assert rejected.table_name == "order_charges"
    assert rejected.slice == "2025-05-21"
    assert rejected.reason == (
        'PO_A123456789, line 3, charge 2: unit_list_price: expected a number, got the text "10,00"'
    )
    assert from_json(rejected.record) == bad
    assert rejected.lineage == LINEAGE


def test_a_broken_line_keeps_its_charges() -> None:
    """Guards against amounts that are lost because their line's waiver is odd."""
    rows = read(with_lines([a_line(sequenceNumber=2, waiver="none")]))
    assert rows.lines == []
    assert [charge["line_number"] for charge in charges(rows)] == [2]
    assert [(one.table_name, from_json(one.record)["waiver"]) for one in rows.rejected] == [("order_lines", "none")]


def test_a_broken_head_keeps_its_lines_and_charges() -> None:
    """Guards against lines that are lost because their order has no currency."""
    document = an_order()
    del document["currency"]
    rows = read(document)
    assert (len(rows.orders), len(rows.lines), len(rows.charges)) == (0, 1, 1)
    (rejected,) = rows.rejected
    assert rejected.reason == "PO_A123456789: currency: the record has no currency"
    assert from_json(rejected.record) == document


@pytest.mark.parametrize("odd", ["text", 5, True, [None], [[a_line()]]])
def test_what_is_no_line_at_all_is_rejected_and_not_lost(odd: Any) -> None:
    """Guards against an order that looks as if it had no lines."""
    rows = read(with_lines(odd))
    assert len(rows.orders) == 1
    assert [one.table_name for one in rows.rejected] == ["order_lines"]
    assert from_json(rows.rejected[0].record) == (odd[0] if isinstance(odd, list) else odd)


def test_old_documents_give_codes_at_every_level() -> None:
    """Guards against translations that reach the head of an order and not its lines."""
    charge = a_charge(subOrderType="New License", inflation={"exception": "No Price Increase"})
    document = with_lines([a_line(orderType="Stop - Transform", licenseChargeBreakdown=[charge])])
    document["transaction"]["status"] = "Sent to DSx.Finance"
    rows = read(document, "v0")
    assert named(ORDERS, rows.orders[0])["status"] == "PRC"
    assert lines(rows)[0]["order_type"] == "STOI"
    assert (charges(rows)[0]["sub_order_type"], charges(rows)[0]["inflation_exception"]) == ("NEW", "NPI")


@settings(max_examples=150, deadline=None)
@given(st.lists(ANYTHING, max_size=4) | ANYTHING)
def test_every_line_and_charge_becomes_one_row_or_one_rejection(odd: Any) -> None:
    """Guards against loss and doubling in documents of any shape, and keys that collide."""
    document = with_lines(odd)
    before = copy.deepcopy(document)
    rows = read(document)
    head = named(ORDERS, rows.orders[0])
    rejected = [one.table_name for one in rows.rejected]
    assert len(rows.lines) + rejected.count("order_lines") == head["line_count"]
    assert len(rows.charges) + rejected.count("order_charges") == head["charge_count"]
    assert len({line["line_number"] for line in lines(rows)}) == len(rows.lines)
    assert len({(charge["line_number"], charge["charge_number"]) for charge in charges(rows)}) == len(rows.charges)
    assert read(from_json(json_text(document))) == rows
    assert document == before
