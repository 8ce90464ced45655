"""Many records of one slice: keys that come twice, arrays inside of records, and the table `rejected`.

Not here: single records.
"""

from typing import Any

import pytest

from partner_assets.tables.accreditations import ACCREDITATIONS
from partner_assets.tables.flattening import flattened
from partner_assets.tables.price_lists import PRICE_LISTS
from partner_assets.tables.products import PRODUCTS
from partner_assets.tables.record import RecordReader, read_all, rejected_rows, rejection
from partner_assets.tables.rejected import REJECTED
from partner_assets.tables.values import from_json
from partner_assets_tests.tables.samples import LINEAGE, NOW, named

GIVEN = {"valid_from": NOW, **LINEAGE}


def accreditation(number: int, **fields: Any) -> dict[str, Any]:
    """Return an accreditation's record."""
    return {"id": f"PRTF{number}", "name": "Design", "accreditationType": "R", **fields}


def test_records_become_rows_in_their_order() -> None:
    """Guards against rows that are lost between two pages."""
    records = [(accreditation(number), GIVEN) for number in (3, 1, 2)]
    result = read_all(RecordReader(ACCREDITATIONS), records, "all")
    assert [row[0] for row in result.rows] == ["PRTF3", "PRTF1", "PRTF2"]
    assert result.rejected == []


def test_the_same_record_twice_is_one_row() -> None:
    """Guards against a page that shifted while it was read, which gives a record twice."""
    result = read_all(RecordReader(ACCREDITATIONS), [(accreditation(1), GIVEN)] * 2, "all")
    assert (len(result.rows), result.rejected) == (1, [])


@pytest.mark.parametrize("difference", [{"name": "Other"}, {"colour": "red"}, {"industry": {"id": "IND1"}}])
def test_a_key_that_comes_twice_with_other_values_is_one_row_and_one_rejection(difference: dict[str, Any]) -> None:
    """Guards against a slice that cannot be written at all, and against the second record lost in silence."""
    records = [(accreditation(1), GIVEN), (accreditation(1, **difference), GIVEN), (accreditation(2), GIVEN)]
    result = read_all(RecordReader(ACCREDITATIONS), records, "all")
    assert [row[:2] for row in result.rows] == [("PRTF1", "Design"), ("PRTF2", "Design")]
    (rejected,) = result.rejected
    assert rejected.table_name == "accreditations"
    assert rejected.reason.startswith("the key (PRTF1, ")
    assert rejected.reason.endswith(") came twice in one answer, with different values")
    assert from_json(rejected.record) == accreditation(1, **difference)


def test_releases_of_one_product_are_several_rows() -> None:
    """Guards against the vendor's habit of listing a product once per release being taken for a repetition."""
    given = {"accreditation_type": "R", "accreditation_id": "PRTF1", **GIVEN}
    records = [({"number": "6NB", "release": release}, given) for release in ("R2024x", "R2025x", None, "")]
    result = read_all(RecordReader(PRODUCTS), records, "PRTF1")
    assert (len(result.rows), result.rejected) == (4, [])


def test_a_bad_record_does_not_take_the_good_ones_with_it() -> None:
    """Guards against one record without an id that empties a whole accreditation."""
    records = [({"name": "no id"}, GIVEN), (accreditation(1), GIVEN), ("text", GIVEN)]
    result = read_all(RecordReader(ACCREDITATIONS), records, "all")
    assert len(result.rows) == 1
    assert [one.reason for one in result.rejected] == [
        "accreditation_id: the record has no id",
        'expected an object, got "text"',
    ]
    assert {one.slice for one in result.rejected} == {"all"}


def test_each_element_of_an_array_is_a_record_with_the_fields_of_its_parent() -> None:
    """Guards against a price list without its country, and a country that gives only its first list."""
    country = {"countryCode": "FRA", "countryName": "France", "priceLists": [{"id": 9, "currency": "EUR"}, {"id": 10}]}
    records = list(flattened([country], "priceLists"))
    assert records == [
        {"countryCode": "FRA", "countryName": "France", "id": 9, "currency": "EUR"},
        {"countryCode": "FRA", "countryName": "France", "id": 10},
    ]
    result = read_all(RecordReader(PRICE_LISTS), [(record, GIVEN) for record in records], "all")
    assert [row[:3] for row in result.rows] == [("FRA", "France", 9), ("FRA", "France", 10)]


@pytest.mark.parametrize(
    "record",
    [
        {"number": "6NB"},
        {"number": "6NB", "prices": None},
        {"number": "6NB", "prices": []},
        {"number": "6NB", "prices": [], "product": {"trigram": "ABC"}},
    ],
)
def test_a_record_without_elements_gives_nothing(record: dict[str, Any]) -> None:
    """Guards against a price row without a price."""
    assert list(flattened([record], "prices")) == []


@pytest.mark.parametrize(
    "record",
    [
        None,
        5,
        "text",
        [],
        [{"id": 1}],
        True,
        {"prices": {"id": 1}},
        {"prices": "none"},
        {"prices": 0},
        {"prices": False},
        {"number": "6NB", "priceEntries": [{"id": 1}]},
        {"number": "6NB", "prices": None, "price": {"id": 1}},
    ],
)
def test_a_record_of_another_shape_reaches_the_table_as_it_is(record: Any) -> None:
    """Guards against a crash in the middle of a slice, and against prices that vanish because their list has a new name."""
    assert list(flattened([record, {"prices": [{"id": 2}]}], "prices")) == [record, {"id": 2}]


def test_odd_elements_of_an_array_reach_the_table_within_their_parents() -> None:
    """Guards against one odd price that hides the others, and against a rejected one of which nobody knows the product."""
    (rejected_null, rejected_text, price, rejected_list) = flattened(
        [{"number": "6NB", "prices": [None, "x", {"revenueType": "ALC"}, []]}], "prices"
    )
    assert price == {"number": "6NB", "revenueType": "ALC"}
    assert rejected_null == {"number": "6NB", "prices": [None]}
    assert rejected_text == {"number": "6NB", "prices": ["x"]}
    assert rejected_list == {"number": "6NB", "prices": [[]]}


def test_names_that_parent_and_element_share_are_both_kept() -> None:
    """Guards against a name of the product that its price overwrites, even if the API had a field of our own name for it."""
    element = {"name": "of the price", "(parent)": 1, "((parent))": 2}
    (record,) = flattened([{"name": "of the product", "number": "6NB", "prices": [element]}], "prices")
    assert record == {**element, "number": "6NB", "(((parent)))": {"name": "of the product"}}


def test_rejected_records_are_numbered_per_table_and_slice() -> None:
    """Guards against two rejected records of one partition under one key."""
    rejected = [
        rejection(ACCREDITATIONS, "all", "no id", {"a": 1}, GIVEN),
        rejection(PRODUCTS, "PRTF1", "no number", [1], {**GIVEN, "other": 1}),
        rejection(ACCREDITATIONS, "all", "no type", None, GIVEN),
        rejection(PRODUCTS, "PRTF2", "no number", "x", GIVEN),
    ]
    rows = [named(REJECTED, row) for row in rejected_rows(REJECTED, rejected)]
    assert [(row["table_name"], row["slice"], row["position"]) for row in rows] == [
        ("accreditations", "all", 1),
        ("products", "PRTF1", 1),
        ("accreditations", "all", 2),
        ("products", "PRTF2", 1),
    ]
    assert [row["record"] for row in rows] == ['{"a":1}', "[1]", "null", '"x"']
    assert [row["reason"] for row in rows] == ["no id", "no number", "no type", "no number"]
    assert all({name: row[name] for name in LINEAGE} == LINEAGE and row["extra"] is None for row in rows)
