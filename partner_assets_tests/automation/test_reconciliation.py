"""What the nightly reconciliation brings that the change feed does not tell, through the sandbox, with its own requests.

Not here: what it asks for at which time (`test_schedules.py`), and how versions are kept (`materialization/`).
"""

from datetime import date, datetime, timedelta

import dagster as dg

from partner_assets.automation.day_ranges import RANGE_END, RANGE_START
from partner_assets.materialization.order_versions import was_read_too_soon
from partner_assets_tests.automation.test_order_changes import Daemon, statuses, truth
from partner_assets_tests.materialization.site import NOW, TODAY, OpenSite, Row, Site

START = date(2026, 3, 1)
OLD = date(2026, 3, 2)
TABLES = ("order_documents", "orders", "order_lines", "order_charges")


class Night:
    """A lake that holds everything, and what the daemon and the schedule then do.

    Args:
        site: Where.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        site.run_days(START, TODAY)
        self.feed = Daemon(site, "order_changes")
        self.feed.settle()
        site.forget_requests()

    def let_time_pass(self, **span: float) -> None:
        """Move on the clocks of the sandbox and of the partner."""
        seconds = timedelta(**span).total_seconds()
        self.site.sandbox.control("clock", advance_seconds=int(seconds))
        self.site.wait(timedelta(**span))

    def feed_tells(self) -> list[dg.RunRequest]:
        """Return what the change feed would have run."""
        requests = self.feed.tick()
        self.site.forget_requests()
        return requests

    def reconcile(self) -> None:
        """Run what the nightly schedule asks for."""
        definitions = self.site.definitions
        repository = definitions.get_repository_def()
        moment = datetime.combine(TODAY, datetime.min.time(), tzinfo=NOW.tzinfo) + timedelta(hours=2, minutes=30)
        context = dg.build_schedule_context(
            instance=self.site.instance, scheduled_execution_time=moment, repository_def=repository
        )
        requests = repository.get_schedule_def("reconciliation_nightly").evaluate_tick(context).run_requests or []
        assert requests
        for request in requests:
            first, last = (date.fromisoformat(request.tags[tag]) for tag in (RANGE_START, RANGE_END))
            self.site.run_days(first, last)

    def versions(self, order: str) -> list[Row]:
        """Return the versions of an order, the oldest first."""
        return sorted(self.site.rows("order_documents", transaction_id=order), key=lambda row: row["fetched_at"])


def order_of(site: Site, day: date) -> str:
    """Return an order of a day."""
    return str(site.rows("orders", creation_date=day)[0]["transaction_id"])


def test_an_order_that_vanished_is_confirmed_gone_and_its_versions_are_kept(open_site: OpenSite) -> None:
    """Guards against orders that are shown for ever, since the change feed says nothing of what is no more."""
    night = Night(open_site(start=START))
    site = night.site
    order = order_of(site, OLD)
    [before] = night.versions(order)
    site.sandbox.control("orders/remove", id=order)
    assert night.feed_tells() == []
    night.reconcile()
    assert site.sandbox.stats()["statuses"] == {"200": site.asked("search_orders"), "404": 1}
    [after] = night.versions(order)
    assert after == before | {"is_current": False, "gone_at": after["gone_at"]}
    assert after["gone_at"] > before["fetched_at"]
    for table in TABLES[1:]:
        assert site.rows(table, transaction_id=order) == []
    assert statuses(site) == truth(site)


def test_an_order_that_was_put_back_to_an_older_state_is_read_again(open_site: OpenSite) -> None:
    """Guards against a restored backup that nobody notices: its times are older than what the feed is read up to."""
    night = Night(open_site(start=START))
    site = night.site
    order = order_of(site, OLD)
    document = site.sandbox.world.order(order)
    assert document is not None
    night.let_time_pass(days=0, hours=8)
    site.sandbox.control("orders/change", id=order)
    night.feed.settle()
    night.let_time_pass(hours=3)
    night.feed.settle()
    site.sandbox.control("orders/add", document=document)
    assert night.feed_tells() == []
    night.reconcile()
    assert site.asked("order_details") == 1
    assert [version["is_current"] for version in night.versions(order)] == [False, True]
    assert statuses(site) == truth(site)


def test_an_order_that_changed_twice_within_the_second_of_its_read_is_read_again(open_site: OpenSite) -> None:
    """Guards against a search entry that says the same time of update, while the order is no longer the same."""
    site = open_site(start=START, orders_per_day=2)
    # From here on the sandbox's time stands still, and the partner asks for the order within seconds of it.
    site.sandbox.control("clock", advance_seconds=70)
    order = site.add_order(f"{START}T00:00:01Z", currency="CHF")
    night = Night(site)
    [version] = night.versions(order)
    assert was_read_too_soon(version)
    site.sandbox.control("orders/change", id=order, fields={"currency": "SEK"})
    assert night.feed_tells() == []
    night.reconcile()
    assert [row["currency"] for row in site.rows("orders", transaction_id=order)] == ["SEK"]
    assert statuses(site) == truth(site)


def test_an_order_that_came_into_an_old_day_with_an_old_time_is_found(open_site: OpenSite) -> None:
    """Guards against an order that was entered late with the times of its paper: the feed was read past them long ago."""
    night = Night(open_site(start=START))
    site = night.site
    document = site.sandbox.world.order(order_of(site, OLD))
    assert document is not None
    transaction = document["transaction"]
    assert isinstance(transaction, dict)
    late = {**document, "transaction": {**transaction, "id": "PO_0000000001"}}
    night.let_time_pass(hours=8)
    night.feed.settle()
    site.sandbox.control("orders/add", document=late)
    assert night.feed_tells() == []
    night.reconcile()
    assert site.asked("order_details") == 1
    assert [row["creation_date"] for row in site.rows("orders", transaction_id="PO_0000000001")] == [OLD]
    assert statuses(site) == truth(site)


def test_nothing_new_costs_the_search_pages_and_nothing_else(open_site: OpenSite) -> None:
    """Guards against two months of documents that are asked for every night, and files that are written for nothing."""
    site = open_site(start=START, orders_per_day=0, page_cap=5)
    for day in (1, 3):
        site.sandbox.control("orders/add", count=12, creationDateTime=f"2026-03-0{day}T06:00:00Z")
    night = Night(site)
    before = site.stamps(*TABLES)
    days = (TODAY - START).days + 1
    night.reconcile()
    # An empty day is one empty page; twelve orders are three pages of five, each with the last order of the one before,
    # and the page behind them.
    assert site.asked() == site.asked("search_orders") == (days - 2) + 2 * 4
    assert site.stamps(*TABLES) == before
