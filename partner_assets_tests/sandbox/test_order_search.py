"""What a search for orders finds: windows and their ends, numbers, combinations, pages and estimates."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from partner_assets.sandbox.clock import SECOND, parse_timestamp, timestamp_text
from partner_assets.sandbox.server import RunningSandbox, SandboxConfig, new_api_key
from partner_assets_tests.sandbox.client import SEARCH, SEARCH_V0, Client
from partner_assets_tests.sandbox.conftest import NOON

WEEK = {"creationDateTime": {"from": "2026-03-01T00:00:00Z", "to": "2026-03-08T00:00:00Z"}}
FIRST, LAST = date(2026, 1, 15), date(2026, 3, 15)


def _truth(client: Client) -> list[dict[str, Any]]:
    return list(client.sandbox.world.order_documents(FIRST, LAST))


def _moment(text: object) -> int:
    moment = parse_timestamp(text)
    assert moment is not None
    return moment


def _charges(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for line in document.get("licenseChargeConditions", []):
        yield from line.get("licenseChargeBreakdown", [])


@pytest.mark.parametrize("field", ["creationDateTime", "bookingDateTime", "lastUpdateDateTime"])
def test_a_window_finds_exactly_the_orders_whose_moment_lies_in_it(client: Client, field: str) -> None:
    """A scan that looks at too few days would lose the orders that lag behind their creation."""
    start, end = "2026-03-06T07:30:00Z", "2026-03-09T07:30:00Z"
    expected = {
        document["transaction"]["id"]
        for document in _truth(client)
        if field in document and _moment(start) <= _moment(document[field]) <= _moment(end)
    }
    found = client.ids({field: {"from": start, "to": end}})
    assert len(expected) > 10
    assert set(found) == expected
    assert len(found) == len(expected)


@pytest.mark.parametrize(("field", "days"), [("creationDateTime", 7), ("lastUpdateDateTime", 3)])
def test_a_missing_end_is_the_start_plus_the_largest_window_or_now(client: Client, field: str, days: int) -> None:
    """The vendor computes missing ends: a client may rely on it, and must not be surprised."""
    full = client.ids({field: {"from": "2026-03-02T00:00:00Z", "to": f"2026-03-{2 + days:02d}T00:00:00Z"}})
    assert client.ids({field: {"from": "2026-03-02T00:00:00Z"}}) == full != []
    until_now = client.ids({field: {"from": "2026-03-14T00:00:00Z", "to": "2026-03-15T12:00:00Z"}})
    assert client.ids({field: {"from": "2026-03-14T00:00:00Z"}}) == until_now != []


def test_a_missing_start_is_the_end_minus_the_largest_window(client: Client) -> None:
    """The other half of the computation."""
    assert client.ids({"creationDateTime": {"to": "2026-03-08T00:00:00Z"}}) == client.ids(WEEK) != []


def test_criteria_are_combined_with_and(client: Client) -> None:
    """A server that combined with OR would make a narrow search wide, and nobody would notice."""
    both = {**WEEK, "lastUpdateDateTime": {"from": "2026-03-05T00:00:00Z", "to": "2026-03-08T00:00:00Z"}}
    in_both = set(client.ids(WEEK)) & set(client.ids({"lastUpdateDateTime": both["lastUpdateDateTime"]}))
    assert set(client.ids(both)) == in_both != set()
    assert in_both < set(client.ids(WEEK))
    renewals, purchases = (client.ids(WEEK | {"transactionType": kind}) for kind in ("RN", "PO"))
    assert renewals and purchases
    assert sorted(renewals + purchases) == sorted(client.ids(WEEK))
    assert all(id_.startswith("RN_") for id_ in renewals)


def test_an_installed_base_number_finds_its_order_and_the_renewals_of_it(client: Client) -> None:
    """Customers are followed over the years by this number: both ends of a renewal must answer to it."""
    expected: dict[str, set[str]] = {}
    for document in _truth(client):
        for charge in _charges(document):
            if "installedBaseNumber" in charge:
                expected.setdefault(charge["installedBaseNumber"], set()).add(document["transaction"]["id"])
    shared = [number for number, ids in expected.items() if len(ids) > 1]
    assert shared, "no order is renewed"
    for number in [*shared[:15], *list(expected)[:15]]:
        assert set(client.ids({"installedBaseNumber": number})) == expected[number]
    renewal_ids = {id_ for number in shared for id_ in expected[number]}
    assert {id_[:2] for id_ in renewal_ids} == {"PO", "RN"}


def test_a_seat_finds_its_order(client: Client) -> None:
    """A seat belongs to one line of one order."""
    seats = {
        line["onlineInstanceSeatId"]: document["transaction"]["id"]
        for document in _truth(client)[:80]
        for line in document.get("licenseChargeConditions", [])
        if "onlineInstanceSeatId" in line
    }
    for seat, id_ in list(seats.items())[:15]:
        assert len(seat) <= 15
        assert client.ids({"onlineInstanceSeatId": seat}) == [id_]


def test_po_references_find_all_orders_that_carry_one_of_them(client: Client) -> None:
    """Two orders may share a reference, and a search may ask for several."""
    carriers: dict[str, set[str]] = {}
    for document in _truth(client):
        if document.get("billToPoReference"):
            carriers.setdefault(document["billToPoReference"], set()).add(document["transaction"]["id"])
    shared = next(reference for reference, ids in carriers.items() if len(ids) == 2)
    several = [shared, *list(carriers)[:4], "NOBODY-2026-00000-00000"]
    expected = set().union(*(carriers.get(reference, set()) for reference in several))
    assert set(client.ids({"billToPoReferences": several})) == expected
    assert set(client.ids({"billToPoReferences": [shared]})) == carriers[shared]


def test_a_number_and_a_window_must_both_hold(client: Client) -> None:
    """A number found without a scan must still pass the other criteria."""
    document = next(each for each in _truth(client) if each.get("billToPoReference"))
    reference: dict[str, object] = {"billToPoReferences": [document["billToPoReference"]]}
    assert document["transaction"]["id"] in client.ids(reference)
    elsewhere = {"creationDateTime": {"from": "2026-03-14T00:00:00Z"}}
    assert client.ids(reference | elsewhere) == []


@pytest.mark.parametrize(("window_end", "belongs"), [("inclusive", True), ("exclusive", False)])
def test_an_order_at_midnight_belongs_to_the_day_before_only_if_the_end_is_inclusive(
    window_end: Any, belongs: bool
) -> None:
    """The vendor does not say whether ends are inclusive: a client must be right under both readings."""
    config = SandboxConfig(days=40, orders_per_day=6, now=NOON, window_end=window_end, api_keys=(new_api_key(),))
    with RunningSandbox(config) as sandbox:
        client = Client(sandbox)
        at_midnight = [
            document
            for document in sandbox.world.order_documents(FIRST, LAST)
            if str(document["creationDateTime"]).endswith("T00:00:00Z")
        ]
        assert len(at_midnight) >= 3
        midnight = str(at_midnight[1]["creationDateTime"])
        id_ = at_midnight[1]["transaction"]["id"]
        before = {"creationDateTime": {"from": timestamp_text(_moment(midnight) - 86_400 * SECOND), "to": midnight}}
        after = {"creationDateTime": {"from": midnight, "to": timestamp_text(_moment(midnight) + 86_400 * SECOND)}}
        assert (id_ in client.ids(before)) is belongs
        assert id_ in client.ids(after)


@pytest.mark.parametrize("wanted", [0, 1, 10, 11, 100, 101])
def test_a_search_pages_through_any_number_of_orders(client: Client, wanted: int) -> None:
    """Paging goes wrong at the edges of pages: none, one, a full page, and one more than a full page."""
    moments = sorted(_moment(document["creationDateTime"]) for document in _truth(client))
    start = moments[50]
    end = start + 1 if wanted == 0 else moments[50 + wanted - 1]
    window = {"creationDateTime": {"from": timestamp_text(start), "to": timestamp_text(max(end, start + 1))}}
    if wanted == 0:
        window = {"creationDateTime": {"from": timestamp_text(start + 1), "to": timestamp_text(start + 2)}}
    for top in (1, 10, 100) if wanted < 20 else (10, 100):
        found = client.ids(window, top=top)
        assert (len(found), len(set(found))) == (wanted, wanted)


def test_without_top_a_page_has_ten_orders(client: Client) -> None:
    """The default differs from the catalogue's: a client that forgets `top` pages ten times as often."""
    assert len(client.post(SEARCH, WEEK).json()["data"]) == 10


def test_orders_come_last_changed_first_and_alike_each_time(client: Client) -> None:
    """An order that follows creation would let a client trust its position; no order at all would make paging luck."""
    rows = client.all_rows(SEARCH, WEEK, 100)
    updates = [row["lastUpdateDateTime"] for row in rows]
    assert [_moment(text) for text in updates] == sorted(map(_moment, updates), reverse=True)
    assert [row["creationDateTime"] for row in rows] != sorted(row["creationDateTime"] for row in rows)
    assert rows == client.all_rows(SEARCH, WEEK, 7)


def test_the_estimate_is_sometimes_right_sometimes_too_low_and_sometimes_too_high(client: Client) -> None:
    """A client that stops paging by the estimate must fail here, not in production."""
    leanings = set()
    for day in range(1, 14):
        window: dict[str, object] = {
            "creationDateTime": {"from": f"2026-03-{day:02d}T00:00:00Z", "to": f"2026-03-{day + 1:02d}T00:00:00Z"}
        }
        exact = len(client.ids(window))
        estimates = [client.post(SEARCH, window, top=top).json()["info"]["estimatedSearchCount"] for top in (1, 100)]
        assert estimates[0] == estimates[1]
        if exact:
            leanings.add((estimates[0] > exact) - (estimates[0] < exact))
    assert leanings == {-1, 0, 1}


def test_a_server_may_cap_pages_below_top() -> None:
    """A page shorter than `top` is no proof of the end: a client must step by what it received."""
    config = SandboxConfig(
        days=5, orders_per_day=20, now=NOON, page_cap=7, exact_counts=True, api_keys=(new_api_key(),)
    )
    with RunningSandbox(config) as sandbox:
        client = Client(sandbox)
        window: dict[str, object] = {"creationDateTime": {"from": "2026-03-11T00:00:00Z"}}
        answer = client.post(SEARCH, window, top=100).json()
        assert len(answer["data"]) == 7
        assert answer["info"]["estimatedSearchCount"] == len(client.ids(window)) > 7


def test_a_search_entry_is_the_head_of_the_order_in_both_versions(client: Client) -> None:
    """Search and details must tell the same story, or a client sees changes that never happened."""
    for new, old in zip(client.all_rows(SEARCH, WEEK, 100), client.all_rows(SEARCH_V0, WEEK, 100), strict=True):
        details = client.sandbox.world.order(new["transaction"]["id"])
        assert details is not None
        assert new.items() <= details.items()
        assert "dsReceivedPoDate" not in old
        assert old.get("dsRecievedPoDate") == new.get("dsReceivedPoDate")


def test_a_day_without_orders_answers_with_nothing(client: Client) -> None:
    """An empty day is a fact to be recorded, not a failure: there must be one to try it on."""
    days = [FIRST + timedelta(days=at) for at in range((LAST - FIRST).days)]
    empty = [day for day in days if not list(client.sandbox.world.order_documents(day, day))]
    assert 0 < len(empty) < 8
    answer = client.post(SEARCH, {"creationDateTime": {"from": f"{empty[0]}T00:00:00Z", "to": f"{empty[0]}T23:59:59Z"}})
    assert answer.json() == {"data": [], "info": {"success": True, "statusCode": 200, "estimatedSearchCount": 0}}
