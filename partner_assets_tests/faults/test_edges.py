"""Faults that must end in one way and no other: a key that is lost, a key that must not be, and documents of 50 MB."""

import json
import socket
from collections.abc import Iterator

import pytest

from partner_assets.sandbox.fault_contents import HUGE_BYTES
from partner_assets_tests.faults.stage import Stage, quick_client
from partner_assets_tests.faults.verdicts import Outcome
from partner_assets_tests.materialization.site import TODAY


@pytest.fixture
def elsewhere() -> Iterator[socket.socket]:
    """Another host, which listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        yield listener


def test_a_redirect_is_told_and_not_followed(products: Stage, elsewhere: socket.socket) -> None:
    """Guards against a key that an answer sends to another host."""
    address = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/"
    verdict = products.run({"redirect": {"rate": 1, "count": 1, "location": address}})
    assert (verdict.outcome, verdict.wrong) == (Outcome.KEPT, [])
    assert "302 and points to another address, to which the key is not sent" in verdict.told
    assert products.stats()["requests"] == 1
    with pytest.raises(TimeoutError):
        elsewhere.accept()


def test_a_key_that_is_revoked_in_the_middle_is_named_and_asked_with_no_more(products: Stage) -> None:
    """Guards against a run that goes on for hours with a key that is refused, or that loses what it has read."""
    verdict = products.run({"key_revoked": {"rate": 1, "after": 25, "count": 1}})
    assert (verdict.outcome, verdict.wrong) == (Outcome.KEPT, [])
    assert verdict.exact
    assert 'answered 403 ("API Consumer Not allowed")' in verdict.told
    assert verdict.told.endswith("Not tried, since it would have failed in the same way.")
    assert products.stats()["requests"] == 26
    assert products.run_clean().outcome is Outcome.EXACT


def test_a_document_of_50_mb_is_taken_as_it_is(orders: Stage) -> None:
    """Guards against a bound that is lower than it says, and against a document that is not kept as it was sent."""
    verdict = orders.run({"huge_answer": {"rate": 1, "count": 1, "endpoints": ["order_details"]}})
    assert (verdict.outcome, verdict.wrong) == (Outcome.EXACT, [])
    [long] = [row for row in orders.site.rows("order_documents") if len(row["document"]) > HUGE_BYTES]
    assert json.loads(long["document"])["transaction"]["id"] == long["transaction_id"]


def test_an_order_of_50_mb_of_its_own_words_is_a_row_like_any_other(orders: Stage) -> None:
    """Guards against text that is cut, or that some library on the way has no room for."""
    orders.run({})
    words = "é" * 25_000_000
    order = orders.site.add_order("2026-03-05T08:00:00Z", transaction={"description": words})
    try:
        with quick_client(orders.site.sandbox) as orders.site.partner.api:
            orders.site.run_day(TODAY)
        [row] = orders.site.rows("orders", transaction_id=order)
        assert len(row["description"]) == len(words)
        assert set(row["description"]) == {"é"}
    finally:
        orders.site.sandbox.control("orders/remove", id=order)
