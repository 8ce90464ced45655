"""Documents made into columns at once, against `OrderReader`, which reads them value by value: the two must always agree.

Not here: what a document ought to give (`tables/test_order_rows.py`, `test_truth.py`).
"""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partner_assets.lake import parquet
from partner_assets.lake.order_columns import order_columns
from partner_assets.sandbox.config import SandboxConfig
from partner_assets.sandbox.world import World
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_lines import ORDER_LINES
from partner_assets.tables.order_rows import OrderReader, OrderRows
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.values import from_json, json_text

GIVEN = {
    "creation_date": date(2026, 3, 1),
    "version_count": 2,
    "fetched_at": datetime(2026, 3, 5, 12, tzinfo=UTC),
    "run_id": "a run",
    "legal_entity": "main",
}
NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
WORLD = World(SandboxConfig(days=3, orders_per_day=40, now=NOW))
DOCUMENTS = [json_text(document) for document in WORLD.order_documents(date(2026, 3, 3), date(2026, 3, 5))]

NUMBERS = st.one_of(
    st.decimals(-(10**17), 10**17, allow_nan=False, allow_infinity=False),
    st.integers(-(10**20), 10**20).map(lambda number: Decimal(number).scaleb(-12)),
    # In the middle between two cents, or as near to it as no float can tell.
    st.integers(-(10**9), 10**9).map(lambda number: Decimal(number) + Decimal("0.005")),
    st.integers(-(10**5), 10**5).map(lambda number: Decimal(number) + Decimal("0.00499999999999999999999999")),
    st.integers(-(2**70), 2**70),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    NUMBERS,
    st.text(),
    st.sampled_from(["", "null", "2026-02-30", "2026-03-01", "12.5", "0001-01-01"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def both_ways(texts: Sequence[str], api_version: str = "v1") -> None:
    """Assert that documents give the same rows and the same rejected records in both ways."""
    rows, reader = OrderRows(), OrderReader(api_version)
    for text in texts:
        reader.read_text(text, GIVEN, rows)
    found = order_columns(api_version, texts, [GIVEN] * len(texts))
    for table, wanted in ((ORDERS, rows.orders), (ORDER_LINES, rows.lines), (ORDER_CHARGES, rows.charges)):
        key = [table.column_names.index(name) for name in table.key]
        came = parquet.to_rows(found.tables[table])
        assert found.tables[table].schema == parquet.schema(table)
        assert in_order(came, key) == in_order(wanted, key)
    assert sorted(map(repr, found.rejected)) == sorted(map(repr, rows.rejected))


def in_order(rows: Sequence[tuple[Any, ...]], key: Sequence[int]) -> list[tuple[Any, ...]]:
    """Return rows in the order of their key, and where that repeats, of all they hold."""
    return sorted(rows, key=lambda row: ([row[index] for index in key], repr(row)))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, one in inner for place in places(one, (*path, name)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return a document with one value replaced."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


def test_the_documents_of_the_sandbox_give_the_same_both_ways() -> None:
    """Guards against a fast way that is not the same way, on documents with the quirks that the vendor is known for."""
    both_ways(DOCUMENTS)


def test_documents_of_the_old_version_give_codes_both_ways() -> None:
    """Guards against names that only one of the two ways brings to codes."""
    ids = [json.loads(text)["transaction"]["id"] for text in DOCUMENTS]
    both_ways([json_text(WORLD.order_in_v0(one)) for one in ids], "v0")


@given(st.data())
def test_a_document_with_anything_in_any_place_gives_the_same_both_ways(data: st.DataObject) -> None:
    """Guards against an odd value that the fast way takes for something else, or changes by a cent."""
    text = data.draw(st.sampled_from(DOCUMENTS))
    document = from_json(text)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(places(document)))
        document = replaced(document, place, data.draw(VALUES))
    both_ways([DOCUMENTS[0], json_text(document), DOCUMENTS[1]])


@given(st.lists(NUMBERS, min_size=1, max_size=9))
def test_numbers_are_rounded_by_their_decimal_text(numbers: list[Any]) -> None:
    """Guards against cents that are lost in binary, at the middle between two of them and at the edge of the column."""
    fields = ("unitListPrice", "totalListPrice", "distributorDiscountPercentage", "quantity")
    charges = [
        {"sequenceNumber": number, **dict.fromkeys(fields, value)} for number, value in enumerate(numbers, start=1)
    ]
    head = {
        "transaction": {"id": "PO_1"},
        "creationDateTime": "2026-03-01T12:00:00Z",
        "lastUpdateDateTime": "2026-03-01T12:00:00Z",
    }
    lines = [{"sequenceNumber": 1, "licenseChargeBreakdown": charges}]
    both_ways([json_text({**head, "licenseChargeConditions": lines})])


@given(st.dictionaries(st.sampled_from(["extraField", "billToNetAmount", "sequenceNumber", "product"]), VALUES))
def test_an_unknown_or_an_old_field_is_kept_both_ways(fields: dict[str, Any]) -> None:
    """Guards against a field that the fast way drops because no column holds it."""
    document = from_json(next(text for text in DOCUMENTS if '"quantity"' in text))
    line = next(line for line in document["licenseChargeConditions"] if line.get("licenseChargeBreakdown"))
    line["licenseChargeBreakdown"][0] |= fields
    both_ways([json_text(document)])


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"transaction": {"id": "\\ud800"}}', "{}", '{"transaction": 1}', "[" * 5000]
)
def test_what_is_no_document_is_rejected_both_ways(text: str) -> None:
    """Guards against a text that ends the run instead of standing in `rejected`."""
    both_ways([text, DOCUMENTS[0]])


def test_numbers_that_repeat_or_are_missing_are_counted_by_position_both_ways() -> None:
    """Guards against two lines with one number, of which one would be lost."""
    for number in (None, 1, -1, "1", 2**63):
        document = from_json(DOCUMENTS[0])
        one = document["licenseChargeConditions"][0]
        document["licenseChargeConditions"] = [one, {**one, "sequenceNumber": number}]
        both_ways([json_text(document)])


def test_no_documents_are_no_rows() -> None:
    """Guards against a day without orders that cannot be published."""
    found = order_columns("v1", [], [])
    assert {table.name: data.num_rows for table, data in found.tables.items()} == {
        "orders": 0,
        "order_lines": 0,
        "order_charges": 0,
    }
