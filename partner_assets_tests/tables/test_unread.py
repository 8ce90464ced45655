"""What an unreadable record tells of its key, and whose rows that may be. Not here: how they stay (`lake/test_history.py`)."""

from typing import Any

import pytest

from partner_assets.tables.flattening import flattened
from partner_assets.tables.package_contents import PACKAGE_CONTENTS
from partner_assets.tables.price_lists import PRICE_LISTS
from partner_assets.tables.product_prices import PRODUCT_PRICES
from partner_assets.tables.products import PRODUCTS
from partner_assets.tables.record import RecordReader, read_all
from partner_assets.tables.table import Table
from partner_assets.tables.unread import Unread
from partner_assets_tests.tables.samples import LINEAGE, NOW

GIVEN = {"valid_from": NOW, **LINEAGE}
LIST = {"accreditation_id": "PRTF1", "price_list_id": 9, "price_list_status": "C"}
PART = {"package_number": "PKG", "package_release": "R2026x", "position": 1}
PRODUCT = {"accreditation_type": "R", "accreditation_id": "PRTF1"}


@pytest.mark.parametrize(
    ("table", "asked", "record", "known"),
    [
        (
            PRODUCTS,
            PRODUCT,
            {"number": "6NB", "trigram": ["a"]},
            {"accreditation_id": "PRTF1", "product_number": "6NB"},
        ),
        (PRODUCTS, PRODUCT, {"number": ["6NB"], "release": "R1"}, {"accreditation_id": "PRTF1", "release": "R1"}),
        (PRODUCTS, PRODUCT, {"name": "no number"}, None),
        (PRODUCTS, PRODUCT, "no object", None),
        (PRODUCT_PRICES, LIST, {"number": "6NB", "prices": {"ALC": 1}}, {**LIST, "product_number": "6NB"}),
        # A position is a place in a list, and no part's own.
        (PACKAGE_CONTENTS, PART, {"number": "6NB", "quantity": ["odd"]}, None),
    ],
)
def test_a_record_tells_as_much_of_its_key_as_can_be_read(
    table: Table, asked: dict[str, Any], record: Any, known: dict[str, Any] | None
) -> None:
    """Guards against rows that are closed although their record came, and rows kept for a record that may be anybody's."""
    result = read_all(RecordReader(table), [(record, {**asked, **GIVEN})], "all")
    assert (len(result.rows), len(result.rejected)) == (0, 1)
    assert result.unread == ([] if known is None else [known])


def test_a_country_whose_lists_cannot_be_read_keeps_them_all() -> None:
    """Guards against all price lists of a country closed because the array came as something else."""
    sent = [{"countryCode": "FRA", "countryName": "France", "priceLists": "none today"}]
    [record] = flattened(sent, "priceLists")
    result = read_all(RecordReader(PRICE_LISTS), [(record, GIVEN)], "all")
    assert len(result.rejected) == 1
    assert result.unread == [{"country_code": "FRA"}]


def test_rows_are_matched_by_what_is_known() -> None:
    """Guards against a partly known key that matches nothing, or everything."""
    matches = Unread([{"a": 1}, {"a": 2, "b": "x"}, {"a": 2, "b": "z"}]).matcher(["c", "b", "a"])
    assert matches(("any", "any", 1))
    assert matches(("any", "x", 2))
    assert not matches(("any", "y", 2))
    assert not matches(("any", "x", 3))
    assert not Unread().matcher(["a"])((1,))
