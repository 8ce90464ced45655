"""What the tables ought to hold when v0 is asked, made of v0's own documents by what the reference prints of the two versions.

Names of fields and pairs of values are transcribed here and in `tables/documented_codes.py`; it shares no code with
`partner_assets/tables`. Not here: the columns of the tables (`documented_columns.py`, `expected_rows.py`).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from partner_assets.sandbox.order_names import in_v0
from partner_assets.sandbox.world import World
from partner_assets_tests.materialization.expected_rows import (
    Expected,
    Row,
    expected_accreditations,
    expected_catalogue,
    expected_orders,
    plain,
)
from partner_assets_tests.tables.documented_codes import EXAMPLE_PAIRS, V0_PAIRS

RENAMED = {
    "opportunity": "opportunityId",
    "billToNetAmount": "distributorNetAmount",
    "billToAnnualAmount": "distributorAnnualAmount",
    "billToDiscountPercentage": "distributorDiscountPercentage",
    "billToMarginPercentage": "distributorMaximumMarginPercentage",
    "maximumCustomerNetAmount": "customerMaximumNetAmount",
    "maximumCustomerAnnualAmount": "customerMaximumAnnualAmount",
    "minimumCustomerDiscountPercentage": "customerMinimumDiscountPercentage",
}
"""Field of v0 to field of v1."""

NAMED = {
    "orders": {
        "status": "order_status",
        "online_consent_status": "online_consent_status",
        "recurring_charge_billing_cycle": "recurring_charge_billing_cycle",
    },
    "order_lines": {"order_type": "order_type"},
    "order_charges": {
        "sub_order_type": "sub_order_type",
        "product_type": "product_type",
        "ds_offering": "ds_offering",
        "inflation_exception": "inflation_exception",
    },
    "accreditations": {"accreditation_type": "accreditation_type", "deployment_type": "deployment_type"},
}
"""The columns for which v0 gives names and v1 codes, by table, with the set of the names."""

Difference = tuple[str, str, Any, Any]
"""Table, column, and what v1 and v0 lead to."""


def renamed(document: Any, names: Mapping[str, str]) -> Any:
    """Return a document with other names for some of its fields, wherever they stand; the values stay."""
    if isinstance(document, list):
        return [renamed(each, names) for each in document]
    if isinstance(document, Mapping):
        return {names.get(name, name): renamed(value, names) for name, value in document.items()}
    return document


def is_documented(code_set: str, name: Any) -> bool:
    """Tell whether the vendor prints the code that a name of v0 stands for."""
    return name in V0_PAIRS.get(code_set, {}) or name in EXAMPLE_PAIRS.get(code_set, {})


def with_codes(table: str, row: Row) -> Row:
    """Return a row with the code for every name whose pair is documented."""
    coded = {}
    for column, code_set in NAMED.get(table, {}).items():
        pairs = V0_PAIRS.get(code_set, {}) | EXAMPLE_PAIRS.get(code_set, {})
        coded[column] = pairs.get(row[column], row[column])
    return row | coded


def expected_old_orders(documents: Iterable[Mapping[str, Any]]) -> Expected:
    """Return what the orders tables hold of documents of v0."""
    originals = list(documents)
    expected = expected_orders(renamed(originals, RENAMED))
    for row, original in zip(expected.rows["order_documents"], originals, strict=True):
        row |= {"document": plain(original), "api_version": "v0"}
    for table in ("orders", "order_lines", "order_charges"):
        expected.rows[table] = [with_codes(table, row) for row in expected.rows[table]]
    back = {new: old for old, new in RENAMED.items()}
    expected.rejected = [(table, day, renamed(record, back)) for table, day, record in expected.rejected]
    return expected


def expected_old_catalogue(world: World) -> Expected:
    """Return what the catalogue holds when the accreditations are asked of v0; the rest has one version only."""
    expected = expected_catalogue(world)
    sent = expected_accreditations(in_v0(each) for each in world.accreditations())
    expected.rows["accreditations"] = [with_codes("accreditations", row) for row in sent]
    return expected


def old_orders(world: World, documents: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield what v0 gives for orders of which these are the documents of v1."""
    for each in documents:
        old = world.order_in_v0(order_id(each))
        assert old is not None
        yield old


def order_id(document: Mapping[str, Any]) -> str:
    """Return the id of an order."""
    return str(document["transaction"]["id"])


def differences(old: Mapping[str, list[Row]], new: Mapping[str, list[Row]]) -> set[Difference]:
    """Return every value in which the rows of v0 differ from those of v1, the documents themselves apart."""
    found = set()
    for table in new.keys() - {"order_documents"}:
        for one, other in zip(old[table], new[table], strict=True):
            assert one.keys() == other.keys()
            found |= {
                (table, column, str(other[column]), str(one[column])) for column in one if one[column] != other[column]
            }
    return found
