"""Records to rows: columns found, codes, old spellings, `extra`, and reasons. Examples; the rules for all are beside this.

Not here: single values, and how an order's document falls apart.
"""

from decimal import Decimal
from typing import Any

import pytest

from partner_assets.tables.accreditations import ACCREDITATIONS
from partner_assets.tables.dictionary import TABLES
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.products import PRODUCTS
from partner_assets.tables.record import CannotBecomeRow, RecordReader
from partner_assets.tables.table import Table
from partner_assets.tables.values import from_json
from partner_assets_tests.tables.samples import DAY, LINEAGE, NOW, a_charge, an_order, named

CHARGE_GIVEN = {"creation_date": DAY, "transaction_id": "PO_1", "line_number": 1, **LINEAGE}
ORDER_GIVEN = {"creation_date": DAY, "line_count": 1, "charge_count": 1, "version_count": 1, **LINEAGE}
ACCREDITATION_GIVEN = {"valid_from": NOW, **LINEAGE}
OLD_SPELLINGS = {
    "billToNetAmount": "distributorNetAmount",
    "billToAnnualAmount": "distributorAnnualAmount",
    "billToDiscountPercentage": "distributorDiscountPercentage",
    "billToMarginPercentage": "distributorMaximumMarginPercentage",
    "maximumCustomerNetAmount": "customerMaximumNetAmount",
    "maximumCustomerAnnualAmount": "customerMaximumAnnualAmount",
    "minimumCustomerDiscountPercentage": "customerMinimumDiscountPercentage",
}


def read(table: Table, record: Any, given: dict[str, Any], api_version: str = "v1") -> dict[str, Any]:
    """Return the row's values by column name."""
    return named(table, RecordReader(table, api_version).read(record, given))


def accreditation(**fields: Any) -> dict[str, Any]:
    """Read an accreditation with these fields beside the required ones."""
    record = {"id": "PRTF1", "name": "Design", "accreditationType": "R", **fields}
    return read(ACCREDITATIONS, record, ACCREDITATION_GIVEN)


def extra_of(row: dict[str, Any]) -> Any:
    """Return what `extra` holds."""
    return None if row["extra"] is None else from_json(row["extra"])


def test_a_known_record_fills_its_columns_and_leaves_no_extra() -> None:
    """Guards against a column that reads the wrong field, and a known field that also lands in extra."""
    row = accreditation(
        deploymentType="1",
        industrySolutionExperience={"id": "ISE1", "name": "Fly"},
        solutionRelease={"id": "REL1", "name": "R2024x"},
        industry={"id": "IND1", "name": "Aerospace"},
    )
    expected = ["PRTF1", "Design", "R", "1", "ISE1", "Fly", "REL1", "R2024x", "IND1", "Aerospace"]
    assert list(row.values()) == [*expected, NOW, None, None, NOW, "a-run", "main"]


@pytest.mark.parametrize(("sent", "kept"), [({}, None), ({"deploymentType": None}, None), ({"deploymentType": ""}, "")])
def test_absent_and_null_are_null_and_an_empty_text_stays_empty(sent: dict[str, Any], kept: str | None) -> None:
    """Guards against "nothing is required" and "nobody said" becoming the same value."""
    row = accreditation(**sent)
    assert row["deployment_type"] == kept
    assert row["extra"] is None


def test_unknown_fields_of_every_level_are_kept_in_extra_exactly() -> None:
    """Guards against data that the vendor adds one day and that we would never know of."""
    row = accreditation(
        colour="red",
        nothing=None,
        precise=Decimal("1.10000000000000000001"),
        industry={"id": "IND1", "code": 7, "deep": {"er": [1, {"x": None}]}},
        solutionRelease={"shortName": "24x"},
    )
    assert row["extra"] == (
        '{"colour":"red","industry":{"code":7,"deep":{"er":[1,{"x":null}]}},"nothing":null,'
        '"precise":1.10000000000000000001,"solutionRelease":{"shortName":"24x"}}'
    )
    assert row["industry_id"] == "IND1"


@pytest.mark.parametrize("value", ["IND1", 7, ["IND1"], True])
def test_something_else_where_an_object_belongs_is_refused(value: Any) -> None:
    """Guards against a column that is silently null although the API sent something for it."""
    with pytest.raises(CannotBecomeRow, match="industry: expected an object, got"):
        accreditation(industry=value)


@pytest.mark.parametrize(
    ("table", "record", "given", "reason"),
    [
        (
            ORDER_CHARGES,
            a_charge(quantity="two"),
            CHARGE_GIVEN,
            'quantity: expected a whole number, got the text "two"',
        ),
        (
            ORDER_CHARGES,
            a_charge(unitListPrice="10"),
            CHARGE_GIVEN,
            'unit_list_price: expected a number, got the text "10"',
        ),
        (
            ORDER_CHARGES,
            a_charge(endDate=3),
            CHARGE_GIVEN,
            "end_date: expected a date such as 2026-03-01, got the number 3",
        ),
        (ORDERS, an_order(currency=None), ORDER_GIVEN, "currency: the record has no currency"),
        (ORDERS, an_order(soldToSite={}), ORDER_GIVEN, "sold_to_site_id: the record has no soldToSite.id"),
        (ACCREDITATIONS, {"id": "A", "name": 5}, ACCREDITATION_GIVEN, "name: expected a text, got the number 5"),
        (ACCREDITATIONS, ["A"], ACCREDITATION_GIVEN, 'expected an object, got ["A"]'),
        (ACCREDITATIONS, None, ACCREDITATION_GIVEN, "expected an object, got null"),
    ],
)
def test_a_reason_names_the_column_and_what_came(table: Table, record: Any, given: dict[str, Any], reason: str) -> None:
    """Guards against a rejected record that nobody can mend, since the reason does not say where to look."""
    with pytest.raises(CannotBecomeRow) as raised:
        read(table, record, given)
    assert str(raised.value) == reason


@pytest.mark.parametrize(
    ("old", "code"),
    [
        ("Sent to DSx.Finance", "PRC"),
        ("Cancelled", "CAN"),
        ("Finance Approved", "Finance Approved"),
        ("Never heard of", "Never heard of"),
        ("CAN", "CAN"),
        ("", ""),
    ],
)
def test_an_old_name_becomes_its_code_where_that_is_documented(old: str, code: str) -> None:
    """Guards against one status under two spellings, and against a name that is lost for want of a code."""
    document = an_order(transaction={"id": "PO_1", "type": "PO", "status": old})
    assert read(ORDERS, document, ORDER_GIVEN, "v0")["status"] == code


def test_a_code_of_today_is_never_translated() -> None:
    """Guards against a code of v1 that happens to look like a name of v0."""
    record = {"number": "6NB", "type": "Auxiliary", "dsOffering": "NA"}
    given = {"accreditation_type": "R", "accreditation_id": "PRTF1", "valid_from": NOW, **LINEAGE}
    assert read(PRODUCTS, record, given)["product_type"] == "Auxiliary"
    assert read(PRODUCTS, record, given, "v0")["product_type"] == "H"


def test_a_name_means_what_its_own_code_set_says() -> None:
    """Guards against `Auxiliary` of the offering read as `Auxiliary` of the product type."""
    charge = a_charge(product={"type": "Auxiliary", "dsOffering": "Auxiliary"})
    row = read(ORDER_CHARGES, charge, CHARGE_GIVEN, "v0")
    assert (row["product_type"], row["ds_offering"]) == ("H", "Auxiliary")


@pytest.mark.parametrize(("old", "new"), OLD_SPELLINGS.items())
def test_an_old_spelling_fills_the_same_column(old: str, new: str) -> None:
    """Guards against amounts of v0 that lie in extra while their column is null."""
    plain = {"sequenceNumber": 1}
    by_old = read(ORDER_CHARGES, {**plain, old: Decimal("19.5")}, CHARGE_GIVEN)
    by_new = read(ORDER_CHARGES, {**plain, new: Decimal("19.5")}, CHARGE_GIVEN)
    assert by_old == by_new
    assert Decimal("19.5") in by_old.values()
    assert by_old["extra"] is None


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("opportunity", "opportunityId", "opportunity_id"),
        ("dsRecievedPoDate", "dsReceivedPoDate", "ds_received_po_date"),
    ],
)
def test_an_old_spelling_in_the_head_fills_the_same_column(old: str, new: str, column: str) -> None:
    """Guards against the vendor's own misspelling, which its v0 search answers."""
    by_old, by_new = (read(ORDERS, an_order(**{name: "2025-05-20"}), ORDER_GIVEN) for name in (old, new))
    assert by_old == by_new
    assert by_old[column] is not None


@pytest.mark.parametrize("old_first", [True, False])
def test_both_spellings_at_once_lose_nothing(old_first: bool) -> None:
    """Guards against an amount overwritten by its other spelling, depending on which the API sent first."""
    both = {"billToNetAmount": Decimal("1.10"), "distributorNetAmount": Decimal("2.20")}
    ordered = both if old_first else dict(reversed(both.items()))
    row = read(ORDER_CHARGES, {"sequenceNumber": 1, **ordered}, CHARGE_GIVEN)
    assert row["distributor_net_amount"] == Decimal("2.20")
    assert row["extra"] == '{"billToNetAmount":1.10}'


@pytest.mark.parametrize("old_first", [True, False])
def test_an_old_spelling_that_fits_nothing_is_kept_beside_the_new_one(old_first: bool) -> None:
    """Guards against a charge that is rejected or not depending on which of two names the API sent first."""
    both = {"billToNetAmount": "n/a", "distributorNetAmount": Decimal("2.20")}
    ordered = both if old_first else dict(reversed(both.items()))
    row = read(ORDER_CHARGES, {"sequenceNumber": 1, **ordered}, CHARGE_GIVEN)
    assert (row["distributor_net_amount"], row["extra"]) == (Decimal("2.20"), '{"billToNetAmount":"n/a"}')


@pytest.mark.parametrize("table", TABLES, ids=repr)
def test_all_spellings_of_a_field_stand_in_one_object(table: Table) -> None:
    """Guards against a declaration that the reader would misread: it looks for better spellings beside a field."""
    for column in table.columns:
        assert len({path[:-1] for path in column.paths}) <= 1, column.name


def test_an_old_spelling_is_used_when_the_new_one_is_null() -> None:
    """Guards against a null that hides the value which came under the other name."""
    record = {"sequenceNumber": 1, "distributorNetAmount": None, "billToNetAmount": 5}
    row = read(ORDER_CHARGES, record, CHARGE_GIVEN)
    assert (row["distributor_net_amount"], row["extra"]) == (Decimal("5.00"), None)


def test_given_extra_and_found_extra_are_kept_together() -> None:
    """Guards against one of the two overwriting the other."""
    given = {**CHARGE_GIVEN, "extra": {"sequenceNumber": 9}}
    row = read(ORDER_CHARGES, a_charge(colour="red"), given)
    assert extra_of(row) == {"sequenceNumber": 9, "colour": "red"}


def test_the_arrays_of_other_tables_are_not_extra() -> None:
    """Guards against every order's lines stored a second time, as JSON."""
    assert read(ORDERS, an_order(), ORDER_GIVEN)["extra"] is None


def test_such_an_array_inside_of_another_object_is_extra() -> None:
    """Guards against a field that is dropped because another level's child has its name."""
    unit = {"id": "BU001", "licenseChargeConditions": [1]}
    row = read(ORDERS, an_order(businessUnit=unit), ORDER_GIVEN)
    assert extra_of(row) == {"businessUnit": {"licenseChargeConditions": [1]}}
