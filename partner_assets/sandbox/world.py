"""The world of the sandbox: which orders exist now, found by id or by search, and the catalogue beside them.

Every order is a pure function of the seed and its place; only changes and a few days' moments are kept in memory.
Not here: anything of HTTP.
"""

from collections import OrderedDict
from collections.abc import Iterator
from datetime import date
from functools import lru_cache, partial

from partner_assets.sandbox.catalogue import Catalogue, Record
from partner_assets.sandbox.clock import SECOND, Clock, day_number, day_of
from partner_assets.sandbox.config import SandboxConfig
from partner_assets.sandbox.criteria import Criteria
from partner_assets.sandbox.days import DayIndex, Times, index_day, order_count, times_of
from partner_assets.sandbox.examples import EXAMPLE_ORDER, example_records
from partner_assets.sandbox.given import GivenVersions
from partner_assets.sandbox.identity import OrderKey, key_of_order_id, order_id
from partner_assets.sandbox.order_names import in_v0, summary_in_v0
from partner_assets.sandbox.orders import Document, is_broken, order_document, order_head, summary
from partner_assets.sandbox.overlay import LaidOrder, Overlay, laid_order

# Enough for one window of lastUpdateDateTime or bookingDateTime: at most 7 days, and 30 before them.
MOST_CACHED_DAYS = 64
MOST_CACHED_SEARCHES = 8


class World:
    """A made-up partner at a moment.

    Args:
        config: Its seed, its size, and its clock.
    """

    def __init__(self, config: SandboxConfig) -> None:
        self.clock = Clock(config.now)
        self.catalogue = Catalogue(config.seed)
        self.seed = config.seed
        self.orders_per_day = config.orders_per_day
        # Fixed at the start: a clock that moves on must not make old orders vanish.
        self.first_day = day_of(self.clock.now()) - config.days + 1
        example = laid_order(example_records("order_details_v1")[0], 0, v0=example_records("order_details_v0")[0])
        self.overlay = Overlay({EXAMPLE_ORDER: example})
        self.given = GivenVersions(config.keeps_given)
        self._index = lru_cache(maxsize=MOST_CACHED_DAYS)(partial(index_day, config.seed, config.orders_per_day))
        self._searches: OrderedDict[tuple[Criteria, int, int], list[tuple[int, str]]] = OrderedDict()

    # Orders ----------------------------------------------------------------------------------------------------------

    def order(self, id_: str) -> Document | None:
        """Return an order's v1 document as it stands now, None if no such order exists (yet)."""
        laid = self._laid(id_)
        if laid is not None:
            return dict(laid.document)
        found = self._made_up(id_)
        return None if found is None else self._document(*found)

    def order_in_v0(self, id_: str) -> Document | None:
        """Return an order's v0 document as it stands now, None if no such order exists (yet)."""
        laid = self._laid(id_)
        if laid is not None and laid.document_v0 is not None:
            return dict(laid.document_v0)
        document = self.order(id_)
        return None if document is None else in_v0(document)

    def order_summary(self, id_: str) -> Document:
        """Return what a v1 search says of an order that it found."""
        found = self._made_up(id_)
        if found is None or is_broken(self.seed, found[0]):
            return summary(self.order(id_) or {})
        key, times = found
        head, _, _ = order_head(self.seed, key, times, settled=times.is_settled(self.clock.now()))
        return summary(head)

    def order_summary_in_v0(self, id_: str) -> Document:
        """Return what a v0 search says of an order that it found."""
        laid = self._laid(id_)
        if laid is not None and laid.document_v0 is not None:
            return summary(laid.document_v0)
        return summary_in_v0(self.order_summary(id_))

    def find(self, criteria: Criteria) -> list[tuple[int, str]]:
        """Find orders.

        Returns:
            For each order its last update (negative, for sorting) and its id, the last changed first.
            The list is shared: it must not be changed.
        """
        now = self.clock.now()
        # Nature changes an order every few minutes at most; one second of age is the price of paging quickly.
        key = (criteria, self.overlay.version, now if self.clock.is_frozen else now // SECOND)
        if key in self._searches:
            self._searches.move_to_end(key)
            return self._searches[key]
        hits = sorted([*self._find_made_up(criteria, now), *self._find_laid(criteria, now)])
        self._searches[key] = hits
        if len(self._searches) > MOST_CACHED_SEARCHES:
            self._searches.popitem(last=False)
        return hits

    def order_documents(self, first_day: date, last_day: date) -> Iterator[Document]:
        """Yield the v1 documents of all orders created from one UTC day through another, as they stand now."""
        now = self.clock.now()
        first, last = day_number(first_day), day_number(last_day)
        for day in range(max(first, self.first_day), min(last, day_of(now)) + 1):
            for position in range(order_count(self.seed, self.orders_per_day, day)):
                key = OrderKey(day, position)
                times = times_of(self.seed, key)
                if times.creation <= now and not self.overlay.covers(order_id(key, is_renewal=times.is_renewal)):
                    yield self._document(key, times)
        for _, laid in self.overlay.created_on(first, last):
            if laid.times.creation <= now:
                yield dict(laid.document)

    def untouched_order_ids(self, count: int, last_day: int | None = None) -> list[str]:
        """Return the ids of so many made-up orders that nobody changed, from a day (or today) backwards."""
        now, found = self.clock.now(), list[str]()
        for day in range(day_of(now) if last_day is None else last_day, self.first_day - 1, -1):
            index = self._index(day)
            for position, creation in enumerate(index.creations):
                if len(found) == count:
                    return found
                id_ = order_id(OrderKey(day, position), is_renewal=bool(index.renewals[position]))
                if creation <= now and not self.overlay.covers(id_):
                    found.append(id_)
        return found

    def cached(self) -> dict[str, int]:
        """Return how much is kept in memory: days indexed, searches remembered, orders laid over the made-up ones."""
        return {
            "days": self._index.cache_info().currsize,
            "searches": len(self._searches),
            "overlay": len(self.overlay),
        }

    def _laid(self, id_: str) -> LaidOrder | None:
        laid = self.overlay.get(id_)
        return laid if laid is not None and laid.times.creation <= self.clock.now() else None

    def _made_up(self, id_: str) -> tuple[OrderKey, Times] | None:
        named = None if self.overlay.covers(id_) else key_of_order_id(id_)
        if named is None:
            return None
        key, is_renewal = named
        times = self._times(key)
        return None if times is None or times.is_renewal != is_renewal else (key, times)

    def _times(self, key: OrderKey) -> Times | None:
        now = self.clock.now()
        if not self.first_day <= key.day <= day_of(now):
            return None
        if key.position >= order_count(self.seed, self.orders_per_day, key.day):
            return None
        times = times_of(self.seed, key)
        return times if times.creation <= now else None

    def _document(self, key: OrderKey, times: Times) -> Document:
        settled = times.is_settled(self.clock.now())
        return order_document(self.seed, self.orders_per_day, key, times, settled=settled)

    def _find_laid(self, criteria: Criteria, now: int) -> Iterator[tuple[int, str]]:
        for id_, laid in self.overlay.items():
            times = laid.times
            if times.creation <= now and criteria.hold_times(times, now) and criteria.hold_document(laid.document):
                yield -times.last_update(now), id_

    def _find_made_up(self, criteria: Criteria, now: int) -> Iterator[tuple[int, str]]:
        named = criteria.named_orders()
        if named is None:
            first, last = criteria.creation_days()
            for day in range(max(first, self.first_day), min(last, day_of(now)) + 1):
                yield from self._find_on(self._index(day), criteria, now)
            return
        for key in named:
            times = self._times(key)
            if times is None or not criteria.hold_times(times, now):
                continue
            id_ = order_id(key, is_renewal=times.is_renewal)
            if not self.overlay.covers(id_) and criteria.hold_document(self._document(key, times)):
                yield -times.last_update(now), id_

    def _find_on(self, index: DayIndex, criteria: Criteria, now: int) -> Iterator[tuple[int, str]]:
        columns = zip(index.renewals, index.creations, index.settlings, index.bookings, strict=True)
        for position, (renewal, creation, settling, booking) in enumerate(columns):
            times = Times(bool(renewal), creation, settling, booking)
            if creation <= now and criteria.hold_times(times, now):
                id_ = order_id(OrderKey(index.day, position), is_renewal=times.is_renewal)
                if not self.overlay.covers(id_):
                    yield -times.last_update(now), id_

    # Catalogue -------------------------------------------------------------------------------------------------------

    def accreditations(self) -> list[Record]:
        """Return the accreditations as v1 gives them."""
        return self.catalogue.accreditations()

    def price_lists(self) -> list[Record]:
        """Return the countries with their price lists."""
        return self.catalogue.price_lists()

    def products(self, accreditation_id: str) -> list[Record]:
        """Return the product rows of an accreditation, ascending by number."""
        return self.catalogue.products(accreditation_id)

    def prices(self, accreditation_id: str, price_list_id: int, status: str = "C") -> list[Record]:
        """Return the price rows of an accreditation on a price list, current (``"C"``) or future (``"F"``)."""
        return self.catalogue.prices(accreditation_id, price_list_id, status)

    def package_content(self, number: str, release: str) -> list[Record]:
        """Return the parts of a package in their order; none if nobody lists such a package."""
        return self.catalogue.package_content(number, release)
