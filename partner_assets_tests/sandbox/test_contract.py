"""Answers and refusals, held against the vendor's own machine-readable description of the API (release 0.10.0).

It describes v0 only. v1 is held against it too, with what the later reference renamed or recoded left out.
"""

import copy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError

from partner_assets.sandbox.codes_in_use import UNDOCUMENTED
from partner_assets.tables.codes import CODE_SETS
from partner_assets_tests.sandbox.client import (
    ACCREDITATIONS,
    ACCREDITATIONS_V0,
    API_KEYS,
    ORDER,
    ORDER_V0,
    PRICE_LISTS,
    SEARCH,
    SEARCH_V0,
    Client,
)

DESCRIPTION = Path(__file__).parents[2].parent / "shared" / "api" / "openapi-0.10.0.yaml"
# What no list of v0 has: the sandbox's own codes and names for them, and labels of codes whose v0 name is not printed.
_WITHOUT_NAME = {code for codes in UNDOCUMENTED.values() for code in codes} | {
    label.label for labels in CODE_SETS.values() for label in labels if label.v0_name is None
}
WEEK: dict[str, object] = {"creationDateTime": {"from": "2026-03-01T00:00:00Z"}}


@cache
def _description() -> Any:
    if not DESCRIPTION.exists():
        pytest.skip(f"the vendor's description is not at {DESCRIPTION}")
    description = yaml.safe_load(DESCRIPTION.read_text())
    # Release 3.0.7 prints null here, 0.10.0 the text "null" under the format of a date: the later one wins.
    lists = description["components"]["schemas"]["price-lists_search_data"]["items"]["properties"]["priceLists"]
    lists["items"]["properties"]["effectiveDate"]["type"] = ["string", "null"]
    return description


def _validator(schema: str, *, without_enums: bool = False) -> Draft202012Validator:
    description = _description()
    if without_enums:
        description = copy.deepcopy(description)
        _drop_enums(description["components"]["schemas"])
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": description["components"]},
    )


def _drop_enums(node: Any) -> None:
    if isinstance(node, dict):
        node.pop("enum", None)
        for child in node.values():
            _drop_enums(child)


def _flaws(validator: Draft202012Validator, answer: object) -> Iterator[ValidationError]:
    """Yield what is wrong with an answer, apart from codes that the vendor does not document and the sandbox invents."""
    for error in validator.iter_errors(answer):
        is_invented = error.instance in _WITHOUT_NAME or str(error.instance).startswith("Name of ")
        if error.validator != "enum" or not is_invented:
            yield error


def _is_broken(document: dict[str, Any]) -> bool:
    charges = (
        charge
        for line in document.get("licenseChargeConditions", [])
        for charge in line.get("licenseChargeBreakdown", [])
    )
    return document["soldToSite"]["locationId"] == "n/a" or any(isinstance(each["quantity"], str) for each in charges)


def test_the_v0_search_answers_as_described(client: Client) -> None:
    """A field of the wrong type in the sandbox would train the client for an API that does not exist."""
    answer = client.post(SEARCH_V0, WEEK, top=100).json()
    answer["data"] = [row for row in answer["data"] if row["soldToSite"]["locationId"] != "n/a"]
    assert len(answer["data"]) > 90
    assert not list(_flaws(_validator("200_post_orders_search"), answer))
    nothing = client.post(SEARCH_V0, WEEK, skip=10**6).json()
    _validator("200_post_orders_search").validate(nothing)


def test_v0_orders_are_as_described_word_for_word_where_their_codes_are_documented(client: Client) -> None:
    """The v0 names must be the vendor's own: a misspelt one would never be brought to its code."""
    validator = _validator("200_get_orders")
    perfect = 0
    for id_ in client.ids(WEEK):
        answer = client.get(ORDER_V0 + id_).json()
        if not _is_broken(answer["data"][0]):
            assert not list(_flaws(validator, answer)), id_
            perfect += validator.is_valid(answer)
    assert perfect > 15


def test_the_vendors_example_order_is_valid(client: Client) -> None:
    """If the vendor's own example failed, the validation would be wrong, not the sandbox."""
    _validator("200_get_orders").validate(client.get(ORDER_V0 + "PO_A123456789").json())


def test_v1_orders_have_the_structure_of_v0(client: Client) -> None:
    """v1 differs in names of fields and in codes: everything else is described, and must hold."""
    validator = _validator("200_get_orders", without_enums=True)
    for id_ in client.ids(WEEK)[:120]:
        answer = client.get(ORDER + id_).json()
        if not _is_broken(answer["data"][0]):
            validator.validate(answer)
    search = client.post(SEARCH, WEEK, top=50).json()
    search["data"] = [row for row in search["data"] if row["soldToSite"]["locationId"] != "n/a"]
    _validator("200_post_orders_search", without_enums=True).validate(search)


def test_price_lists_accreditations_and_keys_are_as_described(client: Client) -> None:
    """The small answers have their descriptions too."""
    _validator("200_price-lists_search").validate(client.get(PRICE_LISTS).json())
    assert not list(_flaws(_validator("200_accreditations_search"), client.get(ACCREDITATIONS_V0).json()))
    _validator("200_accreditations_search").validate(client.get(ACCREDITATIONS_V0, top=3).json())
    _validator("200_accreditations_search", without_enums=True).validate(client.get(ACCREDITATIONS).json())
    _validator("200_post_apikeys").validate(client.post(API_KEYS).json())


def test_refusals_are_as_described_and_as_exemplified(client: Client) -> None:
    """The examples of refusals are the only words of the vendor that a client can be written against."""
    paths = _description()["paths"]
    search = paths["/order/api4partners/v0/orders/search"]["post"]["responses"]["400"]
    accreditations = paths["/order/api4partners/v0/accreditations/search"]["get"]["responses"]["400"]
    order = paths["/order/api4partners/v0/orders/{id}"]["get"]["responses"]["404"]
    refused = [
        (client.post(SEARCH_V0, {}), search, "400_post_orders_search", "failedOrderSearch_BadRequest"),
        (
            client.get(ACCREDITATIONS_V0, top=101),
            accreditations,
            "400_accreditations_search",
            "failedAccreditationSearch_BadRequest_topOutsideRange",
        ),
        (
            client.get(ACCREDITATIONS_V0, skip=-1),
            accreditations,
            "400_accreditations_search",
            "failedAccreditationSearch_BadRequest_skipNegativeNumber",
        ),
        (client.get(ORDER_V0 + "PO_NONE"), order, "4xx_get_orders", "failedOrderGet_BadRequest"),
    ]
    for answer, described, schema, example in refused:
        _validator(schema).validate(answer.json())
        assert answer.json() == described["content"]["application/json"]["examples"][example]["value"]


def test_every_path_that_is_described_exists(client: Client) -> None:
    """Eleven endpoints, of which the vendor describes five for partners' orders and catalogue in this release."""
    described = [path for path in _description()["paths"] if path.startswith("/order/")]
    assert len(described) == 5
    for path in described:
        methods = _description()["paths"][path].keys() & {"get", "post"}
        for method in methods:
            url = path.replace("{id}", "PO_A123456789")
            answer = client.get(url, headers={}) if method == "get" else client.post(url, headers={})
            assert answer.status_code == 401
