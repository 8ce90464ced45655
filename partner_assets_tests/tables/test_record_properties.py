"""What holds for every JSON object that the API could ever send, one record at a time. Examples are in `test_record.py`.

Not here: slices of many records, and orders (`test_slice_properties.py`).
"""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partner_assets.tables.dictionary import TABLES, TABLES_BY_NAME
from partner_assets.tables.record import CannotBecomeRow, RecordReader
from partner_assets.tables.table import Table
from partner_assets_tests.tables.any_json import (
    ANY_JSON,
    UNKNOWN,
    assert_nothing_is_lost,
    decoded,
    fitting,
    given_for,
    mostly_fitting,
    planted,
    same,
)

read_tables = pytest.mark.parametrize("table", [t for t in TABLES if any(c.paths for c in t.columns)], ids=repr)
DESIGN = {"id": "PRTF1", "name": "Design", "accreditationType": "R"}


@read_tables
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_any_json_becomes_a_row_or_is_refused(table: Table, data: st.DataObject) -> None:
    """Guards against one odd record that ends a run of a million good ones, and against a value that is changed."""
    record: Any = data.draw(ANY_JSON) if data.draw(st.booleans()) else planted(data, table, lambda _: ANY_JSON)
    api_version = data.draw(st.sampled_from(["v0", "v1"]))
    try:
        row = RecordReader(table, api_version).read(record, given_for(table))
    except CannotBecomeRow as refused:
        assert str(refused).encode()
    else:
        assert all(value is not None for value, column in zip(row, table.columns, strict=True) if column.required)
        assert_nothing_is_lost(table, record, row)


@read_tables
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_everything_that_a_record_holds_is_in_a_column_or_in_extra(table: Table, data: st.DataObject) -> None:
    """Guards against any loss: of unknown fields, of second spellings, of what stands beside a known field."""
    record = planted(data, table, fitting)
    try:
        row = RecordReader(table).read(record, given_for(table))
    except CannotBecomeRow as refused:
        assert "the record has no" in str(refused), refused
        return
    assert_nothing_is_lost(table, record, row)


@read_tables
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_the_order_of_names_changes_nothing(table: Table, data: st.DataObject) -> None:
    """Guards against rows that differ from one read to the next although the API says the same: false history."""
    record = planted(data, table, mostly_fitting)
    forwards, backwards = (_read(table, dict(items)) for items in (record.items(), reversed(record.items())))
    assert forwards == backwards


def _read(table: Table, record: dict[str, Any]) -> Any:
    try:
        return RecordReader(table).read(record, given_for(table))
    except CannotBecomeRow:
        return "refused"


@given(UNKNOWN.filter(bool))
@settings(deadline=None)
def test_extra_is_exactly_the_unknown_fields(unknown: dict[str, Any]) -> None:
    """Guards against extra that is changed on its way."""
    table = TABLES_BY_NAME["accreditations"]
    row = RecordReader(table).read({**DESIGN, **unknown}, given_for(table))
    assert same(decoded(row[table.column_names.index("extra")]), unknown)


@pytest.mark.parametrize(
    ("lost", "found"),
    [
        ({"colour": Decimal("1.0")}, {"extra": None}),
        ({"colour": Decimal("1.0")}, {"extra": '{"colour":1}'}),
        ({"colour": 1}, {"extra": '{"colour":true}'}),
        ({}, {"extra": '{"colour":"red"}'}),
        ({"industry": {"id": "IND1"}}, {"industry_id": None}),
        ({"industry": {"id": "IND1"}}, {"industry_id": "ind1"}),
    ],
)
def test_the_oracle_sees_a_loss(lost: dict[str, Any], found: dict[str, Any]) -> None:
    """Guards against properties that would hold whatever the reader did."""
    table = TABLES_BY_NAME["accreditations"]
    record = {**DESIGN, **lost}
    row = RecordReader(table).read(record, given_for(table))
    assert_nothing_is_lost(table, record, row)
    changed = {**dict(zip(table.column_names, row, strict=True)), **found}
    with pytest.raises(AssertionError):
        assert_nothing_is_lost(table, record, tuple(changed.values()))


@pytest.mark.parametrize(
    ("column", "sent", "cell"),
    [
        ("distributor_price", Decimal("1.005"), Decimal("1.00")),
        ("distributor_price", Decimal("-1.005"), Decimal("-1.00")),
        ("distributor_price", Decimal("1.01"), Decimal("1.02")),
        ("distributor_discount_percentage", Decimal("39.5"), Decimal("39.5000000001")),
        ("price_list_id", True, 1),
        ("currency", "EUR", "eur"),
    ],
)
def test_the_oracle_sees_a_changed_value(column: str, sent: Any, cell: Any) -> None:
    """Guards against an oracle that takes a cent, a digit or a letter for noise."""
    from partner_assets_tests.tables.any_json import is_kept

    declared = TABLES_BY_NAME["product_prices"].column(column)
    assert is_kept(declared, sent, sent) or column == "price_list_id" or sent in (Decimal("1.005"), Decimal("-1.005"))
    assert not is_kept(declared, sent, cell)
