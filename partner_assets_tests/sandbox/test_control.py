"""The control endpoint: what it changes is seen through the API, and the truth agrees."""

import json
from typing import Any

import pytest
import requests

from partner_assets_tests.sandbox.client import (
    ACCREDITATIONS,
    ORDER,
    ORDER_V0,
    PRICE_LISTS,
    PRICES,
    PRODUCTS,
    SEARCH,
    Client,
)

SINCE = {"lastUpdateDateTime": {"from": "2026-03-15T12:00:00Z"}}
LISTS = {"accreditationType": "R", "accreditationId": "PRTF027", "priceListId": 17}


def _truth(client: Client, name: str, **query: str) -> list[dict[str, Any]]:
    answer = requests.get(f"{client.sandbox.base_url}/_sandbox/truth/{name}", params=query, timeout=20)
    assert answer.status_code == 200
    return [json.loads(line) for line in answer.content.splitlines()]


def _ids(answer: dict[str, Any]) -> list[str]:
    ids: list[str] = answer["ids"]
    return ids


def _advance(client: Client, seconds: int) -> None:
    client.sandbox.control("clock", advance_seconds=seconds)


def test_a_changed_order_looks_different_and_comes_first_in_the_change_feed(own_client: Client) -> None:
    """A change that touches the timestamp alone could not show whether a client took the new version."""
    client = own_client
    window = {"creationDateTime": {"from": "2026-03-08T12:00:00Z"}}
    id_ = client.ids(window)[-1]
    before = client.get(ORDER + id_).json()["data"][0]
    _advance(client, 1)
    assert client.sandbox.control("orders/change", id=id_) == {"ids": [id_]}
    after = client.get(ORDER + id_).json()["data"][0]
    assert after["lastUpdateDateTime"] == "2026-03-15T12:00:01Z"
    assert after["transaction"]["status"] != before["transaction"]["status"]
    assert after["creationDateTime"] == before["creationDateTime"]
    assert client.ids({"lastUpdateDateTime": {"from": "2026-03-15T12:00:01Z"}}) == [id_]
    assert client.ids(window)[0] == id_
    assert client.ids(window).count(id_) == 1
    assert client.get(ORDER_V0 + id_).json()["data"][0]["transaction"]["description"] == "Changed after all"


def test_a_change_can_name_its_fields(own_client: Client) -> None:
    """Tests of histories must decide what changes, down to a field that goes away."""
    ids = _ids(
        own_client.sandbox.control(
            "orders/change", count=3, fields={"currency": "CHF", "agreement": None, "transaction": {"status": "NEW!"}}
        )
    )
    assert len(set(ids)) == 3
    for id_ in ids:
        document = own_client.get(ORDER + id_).json()["data"][0]
        assert (document["currency"], document["transaction"]["status"]) == ("CHF", "NEW!")
        assert document["transaction"]["id"] == id_
        assert "agreement" not in document
    assert set(ids) <= set(own_client.ids(SINCE))


def test_added_orders_are_found_by_window_and_by_number(own_client: Client) -> None:
    """Late arrivals are the reason for a change feed: they must be orders like any other."""
    client = own_client
    late = {"creationDateTime": {"from": "2026-03-02T00:00:00Z", "to": "2026-03-03T00:00:00Z"}}
    before = client.ids(late)
    ids = _ids(client.sandbox.control("orders/add", count=12, creationDateTime="2026-03-02T08:00:00Z"))
    assert len(set(ids)) == 12
    assert sorted(client.ids(late)) == sorted(before + ids)
    assert set(ids) <= set(client.ids(SINCE))
    documents = [client.get(ORDER + id_).json()["data"][0] for id_ in ids]
    reference = next(each["billToPoReference"] for each in documents if each.get("billToPoReference"))
    assert client.ids({"billToPoReferences": [reference]}) != []
    assert {each["transaction"]["id"] for each in _truth(client, "orders")} >= set(ids)


def test_a_document_is_added_just_as_it_is_given_even_a_broken_one(own_client: Client) -> None:
    """The one broken document that a client meets in life is never the one that was thought of."""
    document = {
        "transaction": {"id": "PO_BROKEN", "type": "PO", "status": 7},
        "creationDateTime": "2026-03-05T00:00:00.5Z",
        "licenseChargeConditions": ["not a line", {"licenseChargeBreakdown": {"not": "a list"}}],
        "soldToSite": None,
        "amount": 12345678901234567890123,
    }
    own_client.sandbox.control("orders/add", document=document)
    assert own_client.get(ORDER + "PO_BROKEN").json()["data"] == [document]
    assert own_client.get(ORDER_V0 + "PO_BROKEN").status_code == 200
    window = {"creationDateTime": {"from": "2026-03-05T00:00:00Z", "to": "2026-03-05T00:00:01Z"}}
    assert "PO_BROKEN" in own_client.ids(window)
    assert own_client.ids(window | {"installedBaseNumber": "LN00000000000000"}) == []
    nameless = _ids(own_client.sandbox.control("orders/add", document={}, creationDateTime="2026-03-06T00:00:00Z"))
    assert own_client.get(ORDER + nameless[0]).json()["data"] == [{}]


def test_a_removed_order_is_nowhere(own_client: Client) -> None:
    """An order that vanishes from the search alone would still be served, and nobody would call it gone."""
    client = own_client
    window = {"creationDateTime": {"from": "2026-03-08T12:00:00Z"}}
    removed, *kept = client.ids(window)
    client.sandbox.control("orders/remove", ids=[removed])
    assert client.ids(window) == kept
    assert client.get(ORDER + removed).status_code == 404
    assert removed not in {each["transaction"]["id"] for each in _truth(client, "orders")}


def test_the_truth_is_what_the_api_serves(own_client: Client) -> None:
    """Tests compare a lake with the truth: if the two differed here, every such test would be wrong."""
    client = own_client
    client.sandbox.control("orders/change", count=4)
    client.sandbox.control("orders/add", count=2)
    documents = _truth(client, "orders", **{"from": "2026-03-09", "to": "2026-03-15"})
    served = client.ids({"creationDateTime": {"from": "2026-03-09T00:00:00Z", "to": "2026-03-15T23:59:59Z"}})
    assert sorted(each["transaction"]["id"] for each in documents) == sorted(served)
    for document in documents:
        assert client.get(ORDER + document["transaction"]["id"]).json()["data"] == [document]
    assert _truth(client, "accreditations") == client.get(ACCREDITATIONS).json()["data"]
    assert _truth(client, "price-lists") == client.get(PRICE_LISTS).json()["data"]
    products = [row for row in _truth(client, "products") if row.pop("accreditationId") == "PRTF027"]
    assert [row for row in products if row.pop("accreditationType")] == client.post(PRODUCTS, LISTS).json()["data"]
    place = {"accreditationId": "PRTF027", "priceListId": 17, "priceListStatus": "F", "currency": "EUR"}
    prices = [row for row in _truth(client, "prices") if row.items() >= place.items()]
    answer = client.post(PRICES, LISTS | {"priceListStatus": "F"}).json()["data"]
    assert [{"number": row["number"], "prices": row["prices"]} for row in prices] == answer != []
    assert ("5CB-TWT-EDU", 23) in {(each["number"], len(each["content"])) for each in _truth(client, "packages")}


def test_accreditations_come_change_and_go(own_client: Client) -> None:
    """Dynamic partitions follow the accreditations: all three must be tried."""
    client, control = own_client, own_client.sandbox.control
    control("accreditations/add", record={"id": "PRTF900", "name": "New", "accreditationType": "R"})
    assert client.get(ACCREDITATIONS).json()["data"][-1]["id"] == "PRTF900"
    assert client.post(PRODUCTS, {"accreditationType": "R", "accreditationId": "PRTF900"}).json()["data"]
    control("accreditations/change", id="PRTF900", fields={"name": "Newer"})
    assert client.get(ACCREDITATIONS).json()["data"][-1]["name"] == "Newer"
    control("accreditations/remove", id="PRTF900")
    assert client.get(ACCREDITATIONS).json()["data"][-1]["id"] != "PRTF900"
    assert client.post(PRODUCTS, {"accreditationType": "R", "accreditationId": "PRTF900"}).status_code == 400


def test_a_future_price_list_can_be_announced_and_lists_come_and_go(own_client: Client) -> None:
    """The day a future list is announced is the day its prices must be fetched."""
    client, control = own_client, own_client.sandbox.control
    question = LISTS | {"priceListId": 5, "priceListStatus": "F"}
    assert client.post(PRICES, question).json()["data"] == []
    control("price-lists/change", id=5, fields={"hasFuturePriceList": True, "effectiveDate": "2026-06-01"})
    assert client.post(PRICES, question).json()["data"] != []
    record = {"id": 77, "name": "New", "currency": "CHF", "hasFuturePriceList": False, "effectiveDate": None}
    control("price-lists/add", record=record, countries=["LIE", "CHE"])
    assert client.post(PRICES, LISTS | {"priceListId": 77}).json()["data"] != []
    assert "LIE" in {country["countryCode"] for country in client.get(PRICE_LISTS).json()["data"]}
    control("price-lists/remove", id=77)
    assert client.post(PRICES, LISTS | {"priceListId": 77}).status_code == 400
    assert "LIE" not in {country["countryCode"] for country in client.get(PRICE_LISTS).json()["data"]}


def test_products_and_prices_can_be_changed(own_client: Client) -> None:
    """The catalogue keeps histories: something in it must be able to change."""
    client, control = own_client, own_client.sandbox.control
    first, second, *_ = client.post(PRODUCTS, LISTS).json()["data"]
    place = {"accreditationId": "PRTF027", "number": first["number"], "release": first["release"]}
    control("products/change", **place, fields={"name": "Renamed"})
    assert client.post(PRODUCTS, LISTS).json()["data"][0]["name"] == "Renamed"
    control("products/remove", **place)
    assert client.post(PRODUCTS, LISTS).json()["data"][0] == second
    before = client.post(PRICES, LISTS).json()["data"]
    control("prices/change", priceListId=17, percent=150)
    after = client.post(PRICES, LISTS).json()["data"]
    assert [row["number"] for row in after] == [row["number"] for row in before]
    assert after != before


def test_the_clock_moves_only_where_it_is_frozen(own_client: Client) -> None:
    """A sandbox on the machine's clock that could be set would make its orders jump."""
    control = own_client.sandbox.control
    assert control("clock", now="2026-03-16T00:00:00Z") == {"now": "2026-03-16T00:00:00Z"}
    assert control("clock", advance_seconds=90) == {"now": "2026-03-16T00:01:30Z"}
    with pytest.raises(ValueError, match="timestamp"):
        control("clock", now="tomorrow")


def test_counts_tell_what_was_asked_and_start_again(own_client: Client) -> None:
    """Tests prove by these counts that a second run asks for nothing."""
    client = own_client
    for _ in range(3):
        client.get(ORDER + "PO_A123456789")
    client.post(SEARCH, {})
    stats = client.sandbox.stats()
    assert stats["requests"] == 4
    assert stats["endpoints"] == {"order_details": 3, "search_orders": 1}
    assert stats["statuses"] == {"200": 3, "400": 1}
    client.sandbox.control("stats/reset")
    assert client.sandbox.stats()["requests"] == 0


def test_the_rate_and_the_latency_change_while_it_runs(own_client: Client) -> None:
    """A limit that tightens in the middle of a run is what other programs on the same key look like."""
    client, control = own_client, own_client.sandbox.control
    control("rate", rate=1, window=30, retry_after=True)
    assert [client.get(PRICE_LISTS).status_code for _ in range(2)] == [200, 429]
    assert "Retry-After" in client.get(PRICE_LISTS).headers
    control("rate", rate=None)
    control("latency", latency_ms=60)
    answer = client.get(PRICE_LISTS)
    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() >= 0.06


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("orders/change", {"id": "PO_NONE"}),
        ("orders/change", {}),
        ("orders/add", {"creationDateTime": "soon"}),
        ("accreditations/remove", {"id": "NONE"}),
        ("keys/install", {"hashed_key": 5}),
        ("clock", {}),
    ],
)
def test_a_wrong_command_is_refused_in_words(client: Client, path: str, body: dict[str, object]) -> None:
    """A command that does nothing in silence would make a test pass for the wrong reason."""
    with pytest.raises(ValueError, match=f"refused {path}"):
        client.sandbox.control(path, **body)
