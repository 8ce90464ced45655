"""The search of the next day while this day's documents come: nothing may be taken for read that came in between.

Over HTTP, in real runs. Not here: what a day's search finds (`test_order_changes.py`), and failures (`test_failures.py`).
"""

import shutil
import time
from datetime import datetime, timedelta

from partner_assets_tests.materialization.site import TODAY, OpenSite, Site, materialized

FIRST = TODAY - timedelta(days=2)
SECOND = TODAY - timedelta(days=1)


class AddsBetween:
    """Adds an order to the second day once its search is over, before its turn.

    Args:
        site: Where it is added.
        searches: How many requests the searches of both days are.
    """

    def __init__(self, site: Site, searches: int) -> None:
        self._site = site
        self._searches = searches
        self.added_at: datetime | None = None
        self.order = ""

    def slice_done(self, asset: str, done: int, total: int) -> None:
        """Add it after the first day."""
        if (asset, done) == ("order_documents", 1):
            deadline = time.monotonic() + 60
            while self._site.asked("search_orders") < self._searches:
                assert time.monotonic() < deadline, "The second day's search does not begin before its turn."
                time.sleep(0.01)
            self.added_at = self._site.partner.now()
            self.order = self._site.add_order(f"{SECOND}T10:00:00Z")


def test_a_day_is_as_old_as_its_search(open_site: OpenSite) -> None:
    """Guards against a change between the search and the turn of a day that the change feed takes for read."""
    rehearsal = open_site(start=FIRST, orders_per_day=3)
    rehearsal.run_days(FIRST, SECOND)
    shutil.rmtree(rehearsal.lake)
    site = open_site(start=FIRST, orders_per_day=3)
    site.partner.progress = between = AddsBetween(site, rehearsal.asked("search_orders"))
    days = materialized(site.run_days(FIRST, TODAY), "order_documents")
    late = between.order
    assert not site.rows("order_documents", transaction_id=late)
    as_of = {day: facts["as_of"] for day, facts in days.items()}
    assert between.added_at is not None
    assert as_of[str(FIRST)] < as_of[str(SECOND)] < between.added_at.timestamp() < as_of[str(TODAY)]
    asked = {row["fetched_at"].timestamp() for row in site.rows("orders", creation_date=SECOND)}
    assert as_of[str(SECOND)] < between.added_at.timestamp() < min(asked)
    site.run_day(SECOND)
    assert site.rows("order_documents", transaction_id=late)


def test_every_day_counts_its_own_requests(open_site: OpenSite) -> None:
    """Guards against a day that is shown with the search of the next."""
    site = open_site(start=FIRST, orders_per_day=0)
    for day, count in ((FIRST, 250), (SECOND, 1), (TODAY, 150)):
        site.sandbox.control("orders/add", count=count, creationDateTime=f"{day}T05:00:00Z")
    site.forget_requests()
    days = materialized(site.run_days(FIRST, TODAY), "order_documents")
    asked = {day: facts["requests"] - facts["fetched"] for day, facts in days.items()}
    assert [days[str(day)]["fetched"] for day in (FIRST, SECOND, TODAY)] == [250, 1, 150]
    assert asked[str(SECOND)] < asked[str(TODAY)] < asked[str(FIRST)]
    assert sum(asked.values()) == site.asked("search_orders")
    assert site.asked("order_details") == 401
