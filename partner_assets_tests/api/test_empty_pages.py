"""Empty pages, and pages that only look like the last one."""

import pytest

from partner_assets.api.endpoints import ENDPOINTS
from partner_assets.api.errors import BrokenAnswer, RepeatedPage
from partner_assets_tests.api.fake_time import client
from partner_assets_tests.api.paged_orders import WEEK, numbers_of, order, shelf
from partner_assets_tests.api.scripted_server import Reply, Request, ScriptedServer, rows


def test_an_empty_answer_against_its_own_estimate_is_repeated_and_then_an_error() -> None:
    """Guards against a whole catalogue closed because an index was being rebuilt at the vendor's."""
    with ScriptedServer(rows(estimated=42)) as server, client(server.base_url, attempts=3) as api:
        with pytest.raises(BrokenAnswer, match=r"with no row at all, although it estimates 42: .* after 3 attempts"):
            list(api.products("R", "PRTF1"))
        assert len(server.requests) == 3


def test_an_empty_answer_that_fills_on_the_second_try_is_taken() -> None:
    """Guards against a failed run where a second of patience is enough."""
    record = {"number": "1"}
    with (
        ScriptedServer(rows(estimated=1), rows(record, estimated=1), rows(estimated=1)) as server,
        client(server.base_url) as api,
    ):
        assert list(api.products("R", "PRTF1")) == [record]
        assert api.counts().retries == 1


@pytest.mark.parametrize("estimated", [0, None])
def test_an_answer_that_is_empty_by_its_own_word_is_believed(estimated: int | None) -> None:
    """Guards against a day without orders that never succeeds."""
    with ScriptedServer(rows(estimated=estimated)) as server, client(server.base_url) as api:
        assert list(api.products("R", "PRTF1")) == []
        assert list(api.search_orders(created=WEEK)) == []
        assert list(api.price_lists()) == []
        assert len(server.requests) == 3


def test_price_lists_that_are_empty_against_their_estimate_are_an_error() -> None:
    """Guards against all price lists closed at once: that endpoint has no second page to be suspicious of."""
    with ScriptedServer(rows(estimated=3)) as server, client(server.base_url) as api, pytest.raises(BrokenAnswer):
        list(api.price_lists())


@pytest.mark.parametrize("said_when_empty", [42, 0, None])
def test_a_search_that_breaks_off_before_half_of_the_estimate_is_an_error(said_when_empty: int | None) -> None:
    """Guards against 20 of 42 products taken for all, whatever the empty page says about itself."""

    def script(request: Request) -> Reply:
        if request.query["skip"] > 0:
            return rows(estimated=said_when_empty)
        return rows(*({"number": f"{i}"} for i in range(20)), estimated=42)

    with (
        ScriptedServer(script=script) as server,
        client(server.base_url) as api,
        pytest.raises(BrokenAnswer, match="an empty page after 20 rows, although the estimate was 42"),
    ):
        list(api.products("R", "PRTF1"))


@pytest.mark.parametrize(("count", "estimated"), [(1, 19), (10, 20), (100, 199), (249, 300)])
def test_an_estimate_that_is_only_too_high_ends_with_the_rows_there_are(count: int, estimated: int) -> None:
    """Guards against an estimate that is taken for a promise."""
    records = [order(i) for i in range(count)]
    with ScriptedServer(script=shelf(records, estimated=estimated)) as server, client(server.base_url) as api:
        assert list(api.search_orders(created=WEEK)) == records
        assert api.counts().retries == 0


def test_only_in_the_catalogue_may_a_repeated_page_be_the_end() -> None:
    """Guards against a day of orders that ends with a page which came twice, whatever the estimate says."""
    assert {each.name for each in ENDPOINTS if each.is_strict} == {"orders_search"}


@pytest.mark.parametrize(("count", "short_at", "estimated"), [(250, 100, 195), (250, 99, 195), (130, 0, 97)])
def test_a_short_page_and_a_low_estimate_lose_no_order(count: int, short_at: int, estimated: int) -> None:
    """Guards against 197 of 250 orders, in silence, once a longer page had been seen."""
    records = [order(i) for i in range(count)]

    def script(request: Request) -> Reply:
        skip, top = request.query["skip"], request.query["top"]
        return rows(*records[skip : skip + (top - 3 if skip == short_at else top)], estimated=estimated)

    with ScriptedServer(script=shelf([order(i) for i in range(100)], estimated=100)) as server:
        longer_page_seen = client(server.base_url)
        list(longer_page_seen.search_orders(created=WEEK))
        server.follow(script)
        with longer_page_seen as api:
            assert numbers_of(api) == numbers_of(records)


def test_a_page_that_holds_only_the_shared_row_does_not_end_a_search_for_orders() -> None:
    """Guards against one cut page of a single row that is taken for the proof that nothing follows."""
    records = [order(i) for i in range(250)]

    def script(request: Request) -> Reply:
        skip, top = request.query["skip"], request.query["top"]
        return rows(*records[skip : skip + (1 if skip == 99 else top)], estimated=90)

    with ScriptedServer(script=script) as server, client(server.base_url) as api:
        assert numbers_of(api) == numbers_of(records)


def test_orders_of_a_server_that_ignores_skip_are_an_error_even_if_the_estimate_is_met() -> None:
    """Guards against the first page of orders taken for all of them because the estimate was too low."""
    page = rows(*(order(i) for i in range(7)), estimated=7)
    with ScriptedServer(page) as server, client(server.base_url) as api:
        with pytest.raises(RepeatedPage, match="same as the one before"):
            list(api.search_orders(created=WEEK))
        assert len(server.requests) == 6


COSTS = {0: 1, 1: 2, 10: 3, 99: 3, 100: 3, 101: 3, 199: 4, 200: 4, 1000: 12}


@pytest.mark.parametrize(("count", "requests"), COSTS.items())
def test_a_search_for_orders_costs_so_many_requests(count: int, requests: int) -> None:
    """Guards against safety that is paid for with requests nobody counted."""
    records = [order(i) for i in range(count)]
    with ScriptedServer(script=shelf(records, estimated=count)) as server, client(server.base_url) as api:
        assert list(api.search_orders(created=WEEK)) == records
        assert len(server.requests) == requests


@pytest.mark.parametrize(("count", "requests"), COSTS.items())
def test_a_search_of_the_catalogue_costs_as_many_requests(count: int, requests: int) -> None:
    """Guards against safety that is paid for with requests nobody counted."""
    records = [{"number": f"{i}"} for i in range(count)]
    with ScriptedServer(script=shelf(records, estimated=count)) as server, client(server.base_url) as api:
        assert list(api.products("R", "PRTF1")) == records
        assert len(server.requests) == requests


@pytest.mark.parametrize(("count", "requests"), {**COSTS, 10: 2, 99: 2}.items())
def test_a_search_costs_a_request_less_once_a_longer_page_was_seen(count: int, requests: int) -> None:
    """Guards against three requests for each of thousands of small searches, where two do."""
    records = [{"number": f"{i}"} for i in range(count)]
    with (
        ScriptedServer(script=shelf([{"number": f"{i}"} for i in range(100)], estimated=100)) as server,
        client(server.base_url) as api,
    ):
        list(api.products("R", "PRTF1"))
        before = len(server.requests)
        server.follow(shelf(records, estimated=count))
        assert list(api.products("R", "PRTF1")) == records
        assert len(server.requests) - before == requests


@pytest.mark.parametrize("estimated", range(5, 9))
@pytest.mark.parametrize("cut_to", range(1, 8))
def test_a_page_that_is_cut_once_loses_no_row_of_the_catalogue_whatever_the_estimate(
    cut_to: int, estimated: int
) -> None:
    """Guards against 7 of 8 products, in silence, where a page is cut just where an estimate that is too low has it."""
    records = [{"number": f"{i}"} for i in range(8)]

    def script(request: Request) -> Reply:
        skip = request.query["skip"]
        return rows(*records[skip : skip + (cut_to if skip == 0 else 100)], estimated=estimated)

    with ScriptedServer(script=shelf([{"number": "1"}] * 100, estimated=100)) as server:
        longer_page_seen = client(server.base_url)
        list(longer_page_seen.products("R", "PRTF1"))
        server.follow(script)
        with longer_page_seen as api:
            assert list(api.products("R", "PRTF1")) == records
