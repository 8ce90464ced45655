"""Requests that the API refuses, with the place of the fault, and the limits that just do not."""

import pytest

from partner_assets_tests.sandbox.client import (
    ACCREDITATIONS,
    ACCREDITATIONS_V0,
    ORDER,
    ORDER_V0,
    PACKAGES,
    PRICES,
    PRODUCTS,
    SEARCH,
    SEARCH_V0,
    Client,
    faults_of,
)

A_WEEK = {"creationDateTime": {"from": "2026-03-01T00:00:00Z"}}
PACKAGE = {"number": "5CB-DIC-EDU", "release": "V5-6R2025"}
PORTFOLIO = {"accreditationType": "R", "accreditationId": "PRTF136"}


@pytest.mark.parametrize("path", [SEARCH, SEARCH_V0])
@pytest.mark.parametrize("body", [{}, {"transactionType": "PO"}, {"unknown": 1}])
def test_a_search_without_criterion_is_refused_in_the_words_of_the_vendor(
    client: Client, path: str, body: dict[str, object]
) -> None:
    """A search for nothing that returned everything would let a client forget its window."""
    answer = client.post(path, body)
    assert faults_of(answer) == ["#"]
    assert answer.json()["error"][0]["title"] == "Missing required search criteria"


@pytest.mark.parametrize("path", [ORDER, ORDER_V0])
@pytest.mark.parametrize("id_", ["PO_0000000000", "nonsense", "RN_x", "PO_%E2%98%83", "PO_99999999999999"])
def test_an_unknown_order_is_a_404_that_says_400_inside(client: Client, path: str, id_: str) -> None:
    """The documented quirk: a client that trusts info.statusCode would take a missing order for a bad request."""
    answer = client.get(path + id_)
    content = answer.json()
    assert (answer.status_code, content["info"]["statusCode"]) == (404, 400)
    assert content["error"] == [
        {
            "type": "errors:3dx:resourceNotFound",
            "title": "Not found",
            "errors": [{"detail": "Change your parameters to get results", "pointer": "#"}],
        }
    ]


@pytest.mark.parametrize("body", [b"{", b"", b"[]", b"null", b'"text"', b'{"creationDateTime": NaN}', b"\xff"])
@pytest.mark.parametrize("path", [SEARCH, PRODUCTS, PACKAGES])
def test_a_body_that_is_no_json_object_is_refused(client: Client, path: str, body: bytes) -> None:
    """A server error for a malformed body would be retried by a client that should give up."""
    assert faults_of(client.post(path, body)) == ["#"]


@pytest.mark.parametrize(
    ("path", "body", "most", "pointers"),
    [
        (SEARCH, A_WEEK, 100, ("#/skip", "#/top")),
        (SEARCH_V0, A_WEEK, 100, ("#/skip", "#/top")),
        (PRODUCTS, PORTFOLIO, 100, ("#/skip", "#/top")),
        (PRICES, PORTFOLIO | {"priceListId": 17}, 100, ("#/skip", "#/top")),
        (PACKAGES, PACKAGE, 10, ("#/skip", "#/top")),
        (ACCREDITATIONS, None, 100, ("#/Skip", "#/Top")),
        (ACCREDITATIONS_V0, None, 100, ("#/Skip", "#/Top")),
    ],
)
def test_pages_have_the_limits_of_their_endpoint(
    client: Client, path: str, body: dict[str, object] | None, most: int, pointers: tuple[str, str]
) -> None:
    """A server that cut an overlong `top` in silence would hide a client that asks for too much."""

    def ask(skip: object = 0, top: object = 1) -> list[str]:
        page = {"skip": skip, "top": top}
        answer = client.get(path, None, **page) if body is None else client.post(path, body, None, **page)
        return [] if answer.status_code == 200 else faults_of(answer)

    skip, top = pointers
    assert ask(top=1) == ask(top=most) == ask(skip=0) == ask(skip=10**9) == []
    for wrong in (0, most + 1, -1, "ten", "1.0", "", "٣"):
        assert ask(top=wrong) == [top]
    for wrong in (-1, "x", "0.5", "1e3"):
        assert ask(skip=wrong) == [skip]
    assert ask(skip=-1, top=0) == [skip, top]


@pytest.mark.parametrize(
    ("criterion", "days"), [("creationDateTime", 7), ("bookingDateTime", 7), ("lastUpdateDateTime", 3)]
)
def test_the_largest_window_is_allowed_and_a_second_more_is_not(client: Client, criterion: str, days: int) -> None:
    """A window one second too wide is the commonest mistake of a client that pads its days."""
    start, end = "2026-03-01T10:00:00Z", f"2026-03-{1 + days:02d}T10:00:0"
    assert client.post(SEARCH, {criterion: {"from": start, "to": end + "0Z"}}).status_code == 200
    assert faults_of(client.post(SEARCH, {criterion: {"from": start, "to": end + "1Z"}})) == [f"#/{criterion}"]


@pytest.mark.parametrize(
    ("window", "pointer"),
    [
        ({}, ""),
        ("2026-03-01", ""),
        (None, ""),
        ({"from": None}, "/from"),
        ({"from": "2026-03-01"}, "/from"),
        ({"from": "2026-02-30T00:00:00Z"}, "/from"),
        ({"from": "2026-03-01T00:00:00+01:00"}, "/from"),
        ({"from": "2026-03-01T00:00:00"}, "/from"),
        ({"from": 1772323200}, "/from"),
        ({"to": "yesterday"}, "/to"),
        ({"from": "2026-03-15T12:00:01Z"}, "/from"),
        ({"to": "2026-04-15T12:00:00Z"}, "/from"),
        ({"from": "2026-03-02T00:00:00Z", "to": "2026-03-02T00:00:00Z"}, "/to"),
        ({"from": "2026-03-02T00:00:00Z", "to": "2026-03-01T00:00:00Z"}, "/to"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused_where_the_fault_is(
    client: Client, window: object, pointer: str
) -> None:
    """A window that is read as something else than was meant loses orders in silence."""
    assert faults_of(client.post(SEARCH, {"creationDateTime": window})) == [f"#/creationDateTime{pointer}"]


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("installedBaseNumber", "L" * 41, "#/installedBaseNumber"),
        ("installedBaseNumber", 12, "#/installedBaseNumber"),
        ("onlineInstanceSeatId", "R" * 16, "#/onlineInstanceSeatId"),
        ("onlineInstanceSeatId", "", "#/onlineInstanceSeatId"),
        ("billToPoReferences", [], "#/billToPoReferences"),
        ("billToPoReferences", "390830", "#/billToPoReferences"),
        ("billToPoReferences", ["390830", 7], "#/billToPoReferences/1"),
        ("billToPoReferences", ["x" * 61], "#/billToPoReferences/0"),
        ("transactionType", "SO", "#/transactionType"),
        ("transactionType", None, "#/transactionType"),
    ],
)
def test_a_criterion_of_the_wrong_kind_or_length_is_refused(
    client: Client, field: str, value: object, pointer: str
) -> None:
    """A criterion that is dropped in silence would widen the search."""
    assert faults_of(client.post(SEARCH, A_WEEK | {field: value})) == [pointer]


def test_the_longest_criteria_allowed_are_accepted(client: Client) -> None:
    """A limit that bites one character early would refuse real numbers."""
    body = {"installedBaseNumber": "L" * 40, "onlineInstanceSeatId": "R" * 15, "billToPoReferences": ["x" * 60]}
    assert client.post(SEARCH, body).json()["data"] == []


def test_all_faults_come_at_once(client: Client) -> None:
    """The vendor lists several faults in one refusal: a client that shows only the first is half blind."""
    body = {"creationDateTime": {}, "installedBaseNumber": 1, "billToPoReferences": []}
    assert faults_of(client.post(SEARCH, body)) == [
        "#/creationDateTime",
        "#/installedBaseNumber",
        "#/billToPoReferences",
    ]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"accreditationType": "X"}, "#/accreditationType"),
        ({"accreditationType": None}, "#/accreditationType"),
        ({"accreditationType": "I"}, "#/accreditationType"),
        ({"accreditationId": "prtf136"}, "#/accreditationId"),
        ({"accreditationId": "PRTF999"}, "#/accreditationId"),
        ({"accreditationId": "P" * 16}, "#/accreditationId"),
        ({"priceListId": "17"}, "#/priceListId"),
        ({"priceListId": 99}, "#/priceListId"),
        ({"priceListId": True}, "#/priceListId"),
        ({"priceListStatus": "X"}, "#/priceListStatus"),
    ],
)
def test_a_wrong_question_for_prices_is_refused_where_the_fault_is(
    client: Client, change: dict[str, object], pointer: str
) -> None:
    """An unknown accreditation that answered nothing would look like a portfolio without products."""
    assert faults_of(client.post(PRICES, PORTFOLIO | {"priceListId": 17} | change)) == [pointer]


@pytest.mark.parametrize("change", [{"number": "x" * 21}, {"number": None}, {"number": ""}])
def test_a_package_needs_a_number_of_twenty_characters_at_most(client: Client, change: dict[str, object]) -> None:
    """A truncated number would find another package."""
    assert faults_of(client.post(PACKAGES, PACKAGE | change)) == ["#/number"]
