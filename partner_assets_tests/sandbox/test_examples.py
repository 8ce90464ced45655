"""The vendor's published examples are records of the sandbox, word for word."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from partner_assets_tests.sandbox.client import (
    ACCREDITATIONS,
    ACCREDITATIONS_V0,
    ORDER,
    ORDER_V0,
    PACKAGES,
    PRICE_LISTS,
    PRICES,
    PRODUCTS,
    SEARCH,
    SEARCH_V0,
    Client,
)

REFERENCE = Path(__file__).parents[2].parent / "shared" / "api" / "seeds" / "000_e275342d797b97c9.txt"
EXAMPLE = "PO_A123456789"
WINDOW: dict[str, object] = {"creationDateTime": {"from": "2024-05-21T14:30:00Z", "to": "2024-05-22T14:30:00Z"}}


def _published() -> list[list[dict[str, Any]]]:
    """Cut every example answer out of the text of the vendor's reference, in its order."""
    if not REFERENCE.exists():
        pytest.skip(f"the vendor's reference is not at {REFERENCE}")
    text = re.sub(r"(?m)([\[{])- |^- ", r"\1", REFERENCE.read_text()).replace(", - ", ", ")
    decoder = json.JSONDecoder()
    answers = [decoder.raw_decode(text, match.start())[0] for match in re.finditer(r'\{"data": \[\n?\{', text)]
    return [answer["data"] for answer in answers]


def test_the_reference_prints_ten_example_answers_and_the_sandbox_gives_them_all(client: Client) -> None:
    """An example retyped from memory would test the client against our own imagination."""
    published = _published()
    portfolio = {"accreditationType": "R", "accreditationId": "PRTF136", "priceListId": 17, "priceListStatus": "C"}
    works: dict[str, object] = {"accreditationType": "R", "accreditationId": "PRTF063"}
    package = {"number": "5CB-DIC-EDU", "release": "V5-6R2025"}
    wholly_given = [
        client.post(SEARCH_V0, WINDOW).json()["data"],
        client.get(ORDER_V0 + EXAMPLE).json()["data"],
        client.post(SEARCH, WINDOW).json()["data"],
        client.get(ORDER + EXAMPLE).json()["data"],
    ]
    assert wholly_given == published[:4]
    countries, accreditations_v0, prices, products, parts, accreditations = published[4:]
    answer = client.get(PRICE_LISTS).json()["data"]
    assert [country for country in answer if country["countryCode"] in ("BLZ", "CAN", "HND")] == countries
    assert client.get(ACCREDITATIONS_V0, top=3).json()["data"] == accreditations_v0
    assert client.get(ACCREDITATIONS, top=3).json()["data"] == accreditations
    rows = client.post(PRICES, portfolio).json()["data"]
    assert [row for row in rows if row["number"] == "5CC-MD2"] == prices
    rows = client.post(PRODUCTS, works).json()["data"]
    assert [row for row in rows if row["number"] == "6NB-PCS-OC"] == products
    assert client.post(PACKAGES, package).json()["data"] == parts


@pytest.mark.parametrize(
    "criterion",
    [
        {"installedBaseNumber": "LN00012345678"},
        {"onlineInstanceSeatId": "R1122334455667"},
        {"billToPoReferences": ["390830", "EXAMPLE-CORP-20250518"]},
        {"bookingDateTime": {"from": "2024-05-29T00:00:00Z"}},
        {"lastUpdateDateTime": {"to": "2024-05-21T14:40:00Z"}},
    ],
)
def test_the_example_order_answers_to_each_of_its_numbers(client: Client, criterion: dict[str, object]) -> None:
    """The examples of requests and answers belong together."""
    assert client.ids(criterion) == [EXAMPLE]
    assert client.ids(criterion | {"transactionType": "RN"}) == []
