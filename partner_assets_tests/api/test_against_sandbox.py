"""The client against the sandbox, which behaves like the Partner API as far as it is known."""

import itertools
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest

from partner_assets.api import errors
from partner_assets.api.client import PartnerApi
from partner_assets.api.documents import OrderDocument
from partner_assets.sandbox.server import RunningSandbox, SandboxConfig
from partner_assets_tests.api.fake_time import KEY

NOW = datetime(2025, 6, 30, 12, tzinfo=UTC)
EVER = (NOW - timedelta(days=40), NOW)


def sandbox(**options: Any) -> RunningSandbox:
    """Return a sandbox of five days with 50 orders each."""
    return RunningSandbox(SandboxConfig(**{"days": 5, "orders_per_day": 50, "api_keys": (KEY,), "now": NOW, **options}))


def truth(running: RunningSandbox) -> dict[str, Any]:
    """Return the orders as they are, by id."""
    documents = running.world.order_documents((NOW - timedelta(days=40)).date(), NOW.date())
    return {str(document["transaction"]["id"]): document for document in documents}


@pytest.mark.parametrize("window_end", ["inclusive", "exclusive"])
@pytest.mark.parametrize("page_cap", [None, 7])
def test_a_long_search_finds_exactly_the_orders_there_are(
    window_end: Literal["inclusive", "exclusive"], page_cap: int | None
) -> None:
    """Guards against a lost or doubled order, whichever way the server treats boundaries and pages."""
    with sandbox(window_end=window_end, page_cap=page_cap) as running, PartnerApi(running.base_url, KEY) as api:
        found = [row["transaction"]["id"] for row in api.search_orders(created=EVER)]
        assert len(found) == len(set(found))
        assert set(found) == set(truth(running))


@pytest.mark.parametrize("version", ["v0", "v1"])
def test_every_order_has_details(version: str) -> None:
    """Guards against documents that belong to another order."""
    with sandbox() as running, PartnerApi(running.base_url, KEY, version=version) as api:
        numbers = sorted(truth(running))
        for number, document in api.order_details_many(numbers):
            assert isinstance(document, OrderDocument)
            assert document.record["transaction"]["id"] == number


def test_an_order_that_does_not_exist_is_not_found() -> None:
    """Guards against taking the real envelope of a 404 for something else."""
    with sandbox() as running, PartnerApi(running.base_url, KEY) as api, pytest.raises(errors.NotFound):
        api.order_details("PO_NONE")


def test_the_catalogue_is_read_to_its_end() -> None:
    """Guards against an endpoint that is asked wrongly: each one is asked here."""
    with sandbox(page_cap=9) as running, PartnerApi(running.base_url, KEY) as api:
        accreditations = list(api.accreditations())
        assert [row["id"] for row in accreditations] == [row["id"] for row in running.world.accreditations()]
        assert list(api.price_lists())
        for row in accreditations[:3]:
            place = (row["accreditationType"], row["id"])
            assert len(list(api.products(*place))) == len(list(running.world.products(row["id"])))
            list(api.product_prices(*place, price_list_id=api.price_lists().__next__()["priceLists"][0]["id"]))


def test_a_wrong_key_is_refused() -> None:
    """Guards against retrying what no retry can mend."""
    with sandbox() as running, PartnerApi(running.base_url, "x" * 64) as api, pytest.raises(errors.KeyRefused):
        list(api.accreditations())


def test_a_search_of_the_future_is_a_bad_request_with_the_servers_words() -> None:
    """Guards against an error that does not say which field is wrong."""
    with (
        sandbox() as running,
        PartnerApi(running.base_url, KEY) as api,
        pytest.raises(errors.BadRequest, match="creationDateTime"),
    ):
        list(api.search_orders(created=(NOW + timedelta(days=1), NOW + timedelta(days=2))))


def test_sixteen_threads_use_up_a_quota_and_are_hardly_ever_rejected() -> None:
    """Guards against a quota half unused, and against rejections by the hundred."""
    rate, window, windows = 80, 1.0, 5
    with (
        sandbox(rate=rate, rate_window=window) as running,
        PartnerApi(running.base_url, KEY, concurrency=16) as api,
    ):
        numbers = itertools.islice(itertools.cycle(sorted(truth(running))), rate * windows)
        started = time.monotonic()
        for _ in api.order_details_many(numbers):
            pass
        seconds = time.monotonic() - started
        statuses = api.counts().statuses
    assert statuses[200] == rate * windows
    assert statuses.get(429, 0) <= 0.01 * rate * windows
    # The last window closes with its last request, spread towards the end of it.
    assert seconds <= windows * window / 0.97 + 0.5


def test_two_clients_share_a_quota() -> None:
    """Guards against two processes of ours that reject each other until they fail."""
    with (
        sandbox(rate=50, rate_window=1.0) as running,
        PartnerApi(running.base_url, KEY) as one,
        PartnerApi(running.base_url, KEY) as other,
    ):
        numbers = sorted(truth(running))[:75]
        threads = [
            threading.Thread(target=lambda api=api: list(api.order_details_many(numbers))) for api in (one, other)
        ]
        started = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert one.counts().statuses[200] == other.counts().statuses[200] == 75
    assert time.monotonic() - started < 8
