"""Details that know less than the search, through the sandbox: such a read proves nothing, and the feed asks again, patiently.

Not here: orders that move from page to page (`test_drift.py`), and how such a day looks in a check (`checks/test_search.py`).
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

import pytest

from partner_assets.automation.change_feed import FeedState
from partner_assets.automation.wanted import PARK_AFTER, PARKED_PAUSE, PAUSES
from partner_assets_tests.api.scripted_server import Reply, Request, failed, rows
from partner_assets_tests.automation.front import in_front_of
from partner_assets_tests.automation.test_order_changes import filled, statuses, truth
from partner_assets_tests.materialization.site import OpenSite, Row, Site, materialized

OLD = date(2025, 12, 20)
"""So old that no schedule reads it again."""

CREATED = f"{OLD}T10:00:00Z"


class Lagging:
    """Answers for the details of one order, until it has caught up.

    Args:
        order: The order.
        reply: Makes the answer.
    """

    def __init__(self, order: str, reply: Callable[[], Reply]) -> None:
        self._order = order
        self._reply = reply
        self.is_over = False

    def before(self, request: Request) -> Reply | None:
        """Answer in the sandbox's place."""
        is_asked = request.method == "GET" and self._order in request.target
        return self._reply() if is_asked and not self.is_over else None


def missing() -> Reply:
    """Say that there is no such order."""
    return failed(404, "resourceNotFound", "Not found", status_code=400)


def changed(site: Site) -> tuple[str, Row]:
    """Let the only order of the old day change; return its id and its document of before."""
    [order] = [row["transaction_id"] for row in site.rows("orders", creation_date=OLD)]
    before = site.sandbox.world.order(order)
    assert before is not None
    site.sandbox.control("clock", advance_seconds=60)
    site.sandbox.control("orders/change", id=order)
    return order, dict(before)


def behind(site: Site) -> int:
    """Materialise the old day; return how many details were behind."""
    return int(materialized(site.run_day(OLD), "order_documents")[OLD.isoformat()]["behind"])


def pass_time(site: Site, span: timedelta) -> None:
    """Let time go by, for the partner and for the sandbox."""
    site.wait(span)
    site.sandbox.control("clock", advance_seconds=int(span.total_seconds()))


@pytest.mark.parametrize("is_there", [True, False], ids=["of an earlier state", "missing"])
def test_a_change_whose_details_lag_behind_the_search_is_asked_for_until_it_is_there(
    open_site: OpenSite, is_there: bool
) -> None:
    """Guards against an answer of a copy that lags, by which the only run that was to bring a change is taken for done."""
    site = open_site(start=OLD, orders_per_day=0)
    site.add_order(CREATED)
    daemon = filled(site)
    order, old = changed(site)
    lagging = Lagging(order, lambda: rows(old) if is_there else missing())
    with in_front_of(site, lagging.before):
        requests = daemon.tick()
        assert daemon.spans(requests) == [(OLD.isoformat(), OLD.isoformat())]
        assert behind(site) == 1
        assert daemon.tick() == []
        lagging.is_over = True
        pass_time(site, PAUSES[0])
        assert daemon.settle() == 1
    assert statuses(site) == truth(site)
    assert FeedState.from_json(daemon.cursor or "").dirty == {}


def test_an_order_that_is_listed_and_never_there_is_asked_for_ever_more_rarely_and_then_parked(
    open_site: OpenSite,
) -> None:
    """Guards against a day that is read at every tick for as long as the search lists an order that is no more."""
    site = open_site(start=OLD, orders_per_day=0)
    site.add_order(CREATED)
    daemon = filled(site)
    order, _ = changed(site)
    with in_front_of(site, Lagging(order, missing).before):
        for pause in (*PAUSES, PARKED_PAUSE, PARKED_PAUSE):
            assert len(daemon.tick()) == 1
            assert behind(site) == 1
            assert daemon.tick() == []
            pass_time(site, pause - timedelta(minutes=1))
            assert daemon.tick() == []
            pass_time(site, timedelta(minutes=1))
    state = FeedState.from_json(daemon.cursor or "")
    assert (state.parked, state.dirty[OLD].tries) == ([OLD], PARK_AFTER + 1)
    [rejected] = site.rows("rejected")
    assert "no such order" in rejected["reason"]


def test_details_that_tell_a_time_to_another_digit_than_the_search_are_not_behind(open_site: OpenSite) -> None:
    """Guards against days that can never be read because the search rounds to the next second, or the details cut."""
    site = open_site(start=OLD, orders_per_day=0)
    order = site.add_order(CREATED)
    document = site.sandbox.world.order(order)
    assert document is not None
    updated = datetime.fromisoformat(str(document["lastUpdateDateTime"]))
    for seconds, count in ((0.6, 0), (1, 1)):
        told = {**document, "lastUpdateDateTime": (updated - timedelta(seconds=seconds)).isoformat()}
        with in_front_of(site, Lagging(order, partial(rows, told)).before):
            assert behind(site) == count


def test_a_day_that_is_read_by_hand_when_its_details_have_caught_up_leaves_the_list(open_site: OpenSite) -> None:
    """Guards against a day that stays parked although it has been read whole."""
    site = open_site(start=OLD, orders_per_day=0)
    site.add_order(CREATED)
    daemon = filled(site)
    order, _ = changed(site)
    lagging = Lagging(order, missing)
    with in_front_of(site, lagging.before):
        assert len(daemon.tick()) == 1
        assert behind(site) == 1
        lagging.is_over = True
        assert behind(site) == 0
        assert daemon.tick() == []
    assert statuses(site) == truth(site)
    assert FeedState.from_json(daemon.cursor or "").dirty == {}
