"""Orders that move from page to page while they are read, through the sandbox: said by the check, mended by the feed.

The sandbox gives the orders that changed last first, so a change moves an order to the first page. Not here: how a
client reads a search that drifts (`api/test_shifting_pages.py`).
"""

from datetime import timedelta
from typing import Any

import dagster as dg

from partner_assets.automation.change_feed import FeedState
from partner_assets.automation.day_facts import facts_of
from partner_assets.automation.day_ranges import RANGE_START
from partner_assets_tests.api.scripted_server import Request
from partner_assets_tests.automation.front import in_front_of
from partner_assets_tests.automation.test_order_changes import Daemon, statuses, truth
from partner_assets_tests.materialization.site import NOW, TODAY, OpenSite, Site, failure_texts

MORNING = f"{TODAY}T06:00:00Z"
PAGE = 5


class Unrest:
    """Keeps one order away from every page of a search: behind the others when it begins, before them afterwards.

    Args:
        site: Whose sandbox; it must give pages of `PAGE` orders.
        field: The criterion of the searches to disturb.
        hidden: The order to hide.
        others: Orders that may be changed and removed.
    """

    def __init__(self, site: Site, field: str, *, hidden: str, others: list[str]) -> None:
        self._site = site
        self._field = field
        self._hidden = hidden
        self._others = others
        self._is_beginning = False
        self.is_over = False
        self.readings = 0

    def before(self, request: Request) -> None:
        """Disturb a search as it begins, and once more at its second page."""
        if self.is_over or request.method != "POST" or self._field not in request.json():
            return
        if request.query["skip"] == 0:
            self.readings += 1
            self._is_beginning = True
            self.push_back()
        elif self._is_beginning:
            self._is_beginning = False
            self.pull_forward()

    def push_back(self) -> None:
        """Let so many orders change that the hidden one is on the second page."""
        self._control("orders/change", ids=self._others[: PAGE + 1])

    def pull_forward(self) -> None:
        """Let the hidden order change."""
        self._control("orders/change", id=self._hidden)

    def _control(self, path: str, **body: Any) -> None:
        self._site.sandbox.control("clock", advance_seconds=1)
        self._site.sandbox.control(path, **body)


class Visits(Unrest):
    """The same without a change of the hidden order: others come in before it, and go when they have been read."""

    def push_back(self) -> None:
        """Add so many orders that the hidden one is on the second page."""
        self._others += added(self._site, PAGE + 1)

    def pull_forward(self) -> None:
        """Remove them."""
        self._control("orders/remove", ids=self._others)
        self._others = []


class Arrivals(Unrest):
    """Lets another order come in at the second page of every reading, so that no two readings agree."""

    def pull_forward(self) -> None:
        """Add an order."""
        self._control("orders/add", creationDateTime=MORNING)


def added(site: Site, count: int) -> list[str]:
    """Add orders to today, all of the same second."""
    ids = site.sandbox.control("orders/add", count=count, creationDateTime=MORNING)["ids"]
    assert isinstance(ids, list)
    return ids


def state_of(daemon: Daemon) -> FeedState:
    """Return the sensor's memory."""
    return FeedState.from_json(daemon.cursor or "")


def test_an_order_that_changed_while_its_day_was_read_is_brought_by_the_change_feed(open_site: OpenSite) -> None:
    """Guards against an order that two readings missed alike because it moved, so that nobody noticed."""
    site = open_site(orders_per_day=0, page_cap=PAGE)
    hidden, *others = added(site, 12)
    unrest = Unrest(site, "creationDateTime", hidden=hidden, others=others)
    with in_front_of(site, unrest.before):
        site.run_day(TODAY)
        assert unrest.readings == 2
        assert set(statuses(site)) == set(others)
        unrest.is_over = True
        daemon = Daemon(site, "order_changes")
        assert daemon.settle() == 1
        assert statuses(site) == truth(site)


def test_a_day_that_never_holds_still_stays_on_the_list_until_it_does(open_site: OpenSite) -> None:
    """Guards against a day taken for read although its orders moved from page to page all the while."""
    site = open_site(orders_per_day=0, page_cap=PAGE)
    site.run_day(TODAY)
    daemon = Daemon(site, "order_changes")
    daemon.settle()
    site.sandbox.control("clock", advance_seconds=60)
    hidden, *others = added(site, PAGE + 2)
    requests = daemon.tick()
    unrest = Arrivals(site, "creationDateTime", hidden=hidden, others=others)
    with in_front_of(site, unrest.before):
        result = site.run("orders_by_day", span=(TODAY.isoformat(), TODAY.isoformat()))
        assert [request.tags[RANGE_START] for request in requests] == [TODAY.isoformat()]
        assert not result.success
        [text] = failure_texts(result)
        assert "moved from page to page" in text
        assert statuses(site) == {}
        unrest.is_over = True
        site.wait(timedelta(minutes=3))
        assert list(state_of(daemon).dirty) == [TODAY]
        assert daemon.settle() == 1
        assert statuses(site) == truth(site)


def test_a_read_that_drifted_or_whose_details_were_behind_proves_nothing(instance: dg.DagsterInstance) -> None:
    """Guards against a change that is in the feed, was missed by the very run that was to bring it, and is forgotten."""
    for doubts, proof in (
        ({"drifted": 1, "behind": 0}, None),
        ({"drifted": 0, "behind": 2}, None),
        ({"drifted": 0}, NOW),
    ):
        facts: dict[str, Any] = {"as_of": dg.MetadataValue.timestamp(NOW), **doubts}
        for asset in ("order_documents", "order_charges"):
            event = dg.AssetMaterialization(asset, partition=TODAY.isoformat(), metadata=facts)
            instance.report_runless_asset_event(event)
        assert facts_of(instance, [TODAY]).read_at.get(TODAY) == proof


def test_a_feed_that_drifts_is_read_again_from_where_it_was(open_site: OpenSite) -> None:
    """Guards against an order that moved while the feed was read, and that the mark has passed when it is read again."""
    site = open_site(with_checks=True, orders_per_day=0, page_cap=PAGE)
    site.run_day(TODAY)
    daemon = Daemon(site, "order_changes")
    daemon.settle()
    site.sandbox.control("clock", advance_seconds=3600)
    site.wait(timedelta(hours=1))
    added(site, 2 * PAGE)
    site.sandbox.control("clock", advance_seconds=1)
    [hidden] = added(site, 1)
    # Longer ago than a tick looks back behind its mark.
    site.sandbox.control("clock", advance_seconds=1800)
    site.wait(timedelta(minutes=30))
    unrest = Visits(site, "lastUpdateDateTime", hidden=hidden, others=[])
    with in_front_of(site, unrest.before):
        requests = daemon.tick()
        assert state_of(daemon).is_caught_up
        assert hidden not in state_of(daemon).recent
        assert daemon.spans(requests) == [(TODAY.isoformat(), TODAY.isoformat())]
        unrest.is_over = True
        daemon.run(requests)
        daemon.settle()
        assert state_of(daemon).recent[hidden] > NOW
        assert state_of(daemon).mark > NOW
        assert statuses(site) == truth(site)
