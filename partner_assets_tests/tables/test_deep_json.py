"""JSON beyond what the fast encoder can write, and beyond the stack of whoever asks.

Not here: ordinary values (`test_values.py`).
"""

import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partner_assets.tables.deep_json import deep_json
from partner_assets.tables.dictionary import TABLES_BY_NAME
from partner_assets.tables.order_rows import OrderReader, OrderRows
from partner_assets.tables.record import CannotBecomeRow, RecordReader, rejection
from partner_assets.tables.values import from_json, json_text, sorted_json_text
from partner_assets_tests.tables.any_json import ANY_JSON, given_for
from partner_assets_tests.tables.samples import LINEAGE, NOW, ORDER_GIVEN, named

ACCREDITATIONS = TABLES_BY_NAME["accreditations"]
DESIGN = {"id": "PRTF1", "name": "Design", "accreditationType": "R"}
FAR_TOO_DEEP = 50_000


def nested(depth: int) -> list[Any]:
    """Return a list in a list in a list, so many levels deep."""
    value: list[Any] = []
    for _ in range(depth - 1):
        value = [value]
    return value


def below(frames: int, call: Callable[[], Any]) -> Any:
    """Call a function from far down the stack, as Dagster does."""
    return below(frames - 1, call) if frames else call()


@pytest.mark.parametrize("is_sorted", [False, True])
@settings(max_examples=80, deadline=None)
@given(value=ANY_JSON.filter(lambda value: "\\ud800" not in deep_json(value, is_sorted=False)))
def test_it_writes_what_the_fast_encoder_writes(is_sorted: bool, value: Any) -> None:
    """Guards against a row that changes from read to read because one of them met the slow encoder."""
    fast = sorted_json_text if is_sorted else json_text
    assert deep_json(value, is_sorted=is_sorted) == fast(value)


@given(st.text(st.characters(max_codepoint=0x2FF), max_size=20))
def test_it_escapes_what_the_fast_encoder_escapes(text: str) -> None:
    """Guards against the same, for control characters, quotes and slashes."""
    assert deep_json({text: text}, is_sorted=True) == sorted_json_text({text: text})


@pytest.mark.parametrize("text", [json_text, sorted_json_text])
def test_no_value_is_too_deep_too_long_or_too_odd(text: Callable[[Any], str]) -> None:
    """Guards against a run that ends in the middle of Python's own limits."""
    assert text(nested(FAR_TOO_DEEP)) == "[" * FAR_TOO_DEEP + "]" * FAR_TOO_DEEP
    assert text({"b": nested(5000), "a": 1}) == _in_the_order_of(text, f'"b":{"[" * 5000}{"]" * 5000}', '"a":1')
    assert text({"a": -(10**5000)}) == f'{{"a":-1{"0" * 5000}}}'
    assert text(["half a pair: \ud83d", {"\ud83d": "\U0001f600é"}]) == '["half a pair: \\ud83d",{"\\ud83d":"😀é"}]'


def _in_the_order_of(text: Callable[[Any], str], *parts: str) -> str:
    return "{" + ",".join(sorted(parts) if text is sorted_json_text else parts) + "}"


def test_a_field_of_any_depth_is_kept_in_extra() -> None:
    """Guards against a day of orders lost to one that somebody nested too deeply."""
    row = named(
        ACCREDITATIONS, RecordReader(ACCREDITATIONS).read({**DESIGN, "deep": nested(5000)}, given_for(ACCREDITATIONS))
    )
    assert row["extra"] == f'{{"deep":{"[" * 5000}{"]" * 5000}}}'


def test_depth_where_a_value_belongs_is_refused_and_the_record_kept() -> None:
    """Guards against the same, on the way to `rejected`."""
    record = {**DESIGN, "industry": nested(5000)}
    with pytest.raises(CannotBecomeRow, match="industry: expected an object"):
        RecordReader(ACCREDITATIONS).read(record, given_for(ACCREDITATIONS))
    kept = rejection(ACCREDITATIONS, "all", "why", record, {**LINEAGE, "valid_from": NOW}).record
    assert kept == f'{{"id":"PRTF1","name":"Design","accreditationType":"R","industry":{"[" * 5000}{"]" * 5000}}}'


def test_what_the_client_could_read_can_be_read_from_far_down_the_stack() -> None:
    """Guards against an order that is fetched, kept, and then ends every run that takes it apart."""
    depth = sys.getrecursionlimit() - 60
    text = "[" * depth + "]" * depth
    assert from_json(text)
    assert below(400, lambda: json_text(from_json(text))) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" * FAR_TOO_DEEP + "]" * FAR_TOO_DEEP, "nested too deeply"),
        ('{"a":1e999999999999999999999}', "beyond all bounds"),
        ('{"a":' + "1" * 5000 + "}", "out of range"),
        ('{"a":NaN}', "malformed"),
        ('{"transaction"', "truncated"),
        ('{"transaction":{"id":"\\ud83d"}}', "malformed|truncated|surrogate"),
        ("", "truncated"),
    ],
)
def test_a_document_that_cannot_be_read_is_rejected_as_it_is(text: str, reason: str) -> None:
    """Guards against one stored document that keeps all others of its month from being taken apart, for ever."""
    rows = OrderRows()
    OrderReader("v1").read_text(text, ORDER_GIVEN, rows)
    (rejected,) = rows.rejected
    assert (rows.orders, rows.lines, rows.charges) == ([], [], [])
    assert (rejected.table_name, rejected.slice, rejected.record) == ("orders", str(ORDER_GIVEN["creation_date"]), text)
    assert rejected.lineage == LINEAGE
    with pytest.raises(ValueError, match=reason):
        from_json(text)
    assert rejected.reason.startswith("the document cannot be read: ")


def test_half_of_a_pair_fits_no_column_and_is_no_id() -> None:
    """Guards against a text that no file can hold, found out when all of a month is to be written."""
    with pytest.raises(CannotBecomeRow, match='name: expected a text of whole characters, got the text "'):
        RecordReader(ACCREDITATIONS).read({**DESIGN, "name": "\ud83d"}, given_for(ACCREDITATIONS))
    rows = OrderRows()
    document = {"transaction": {"id": "\ud83d"}, "licenseChargeConditions": [{"sequenceNumber": 1}]}
    OrderReader("v1").read(document, ORDER_GIVEN, rows)
    assert (rows.orders, rows.lines) == ([], [])
    assert [one.reason for one in rows.rejected] == [
        "transaction_id: the document has no transaction.id that is a text"
    ]


def test_a_number_beyond_all_bounds_fits_no_column_and_ends_no_run() -> None:
    """Guards against 1E+1000000, which is JSON, and which Python's decimals refuse to take the absolute value of."""
    charges = TABLES_BY_NAME["order_charges"]
    for value in (Decimal("1E+1000000"), Decimal("-1E+999999999"), 10**5000):
        for name in ("quantity", "unitListPrice", "startDate", "portfolio"):
            with pytest.raises(CannotBecomeRow):
                RecordReader(charges).read({name: value}, {**given_for(charges), "charge_number": 1})
