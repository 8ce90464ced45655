"""The Partner API as a Python object.

Here: one method per question that can be asked. Not here: how a question travels (`calls.py` and below), and what the
answers mean for us (`partner_assets/tables/`).
"""

import random as random_module
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType

from partner_assets.api.answers import Asked
from partner_assets.api.calls import Caller
from partner_assets.api.counts import Counts, Tally
from partner_assets.api.documents import NewKey, OrderDocument, read_document, read_new_key
from partner_assets.api.endpoints import endpoints_for
from partner_assets.api.errors import NotFound
from partner_assets.api.fan_out import in_order
from partner_assets.api.hints import Quota
from partner_assets.api.keys import KeyInUse, KeySource
from partner_assets.api.order_search import OrderCriteria
from partner_assets.api.pacing import Pacer
from partner_assets.api.pacing_file import QuotaFile
from partner_assets.api.pages import Record
from partner_assets.api.readings import MAX_PAGES
from partner_assets.api.retry import Retry
from partner_assets.api.searches import Searches
from partner_assets.api.transport import Answer, SecretValue, Transport, utc_now
from partner_assets.api.waiting import Waiting
from partner_assets.api.windows import Span

MAX_ANSWER_BYTES = 256 * 1024 * 1024


class PartnerApi:
    """The Partner API of one partner legal entity.

    Usable alone, from a Python prompt::

        >>> from datetime import UTC, datetime
        >>> from partner_assets.api.client import PartnerApi
        >>> with PartnerApi("https://apigw-prd.3ds.com", key) as api:
        ...     april = (datetime(2025, 4, 1, tzinfo=UTC), datetime(2025, 5, 1, tzinfo=UTC))
        ...     orders = list(api.search_orders(created=april))
        ...     api.order_details(orders[0]["transaction"]["id"]).record["currency"]
        'USD'

    Records are dicts as the API sends them; numbers with a fraction are `decimal.Decimal`. Requests keep within the
    quota that the rate headers tell, transient failures are retried, and whatever else goes wrong is raised as an error
    of `partner_assets.api.errors`. Safe to use from many threads.

    The first row of a search comes when its last page has been read, so it is either the whole search or an error. Two
    pages share a row; if it is not the same row on both, the search is read again, three times in all. A catalogue that
    shifts every time is `ShiftingPages`. Orders by creation are then read in ever smaller windows, until what shifts fits
    on one page; of orders by other criteria all that were found come, and `counts().drifted_searches` grows.

    Args:
        base_url: ``https://apigw-prd.3ds.com`` for production.
        key: The API key, plain or as an object with `get_secret_value`; or where keys come from, for a partner whose
            key is being replaced: when one is refused, the others are tried.
        version: ``"v1"`` (codes) or the deprecated ``"v0"`` (names), for orders and accreditations.
        concurrency: Most orders fetched at once by `order_details_many`.
        connect_timeout: Seconds for a connection to be made.
        read_timeout: Seconds of silence after which an answer is given up.
        attempts: Most attempts per request.
        retry_seconds: Longest time to go on trying a request, waits for the quota not counted.
        paths: Paths by endpoint name, for endpoints that have moved.
        max_answer_bytes: Bound on one answer, decompressed.
        max_pages: Pages after which a search is taken to be unending.
        quota_file: File in which clients of one key on one machine share what they know of its quota, so that together they
            keep within it; None for a client that reckons alone.
        sleep: Sleeps for so many seconds.
        monotonic: Clock in seconds.
        now: Clock that tells when each order was asked for; called from many threads.
        random: Source of numbers in [0, 1).

    Raises:
        ValueError: If an argument cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        key: str | SecretValue | KeySource,
        *,
        version: str = "v1",
        concurrency: int = 8,
        connect_timeout: float = 5.0,
        read_timeout: float = 60.0,
        attempts: int = 6,
        retry_seconds: float = 300.0,
        paths: Mapping[str, str] | None = None,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
        max_pages: int = MAX_PAGES,
        quota_file: Path | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
        random: Callable[[], float] = random_module.random,
    ) -> None:
        if concurrency < 1:
            raise ValueError(f"concurrency must be at least 1, not {concurrency}.")
        key_in_use = KeyInUse(key)
        self._version = version
        self._endpoints = endpoints_for(version, paths or {})
        self._concurrency = concurrency
        self._closed = threading.Event()
        self._waiting = Waiting(sleep, self._closed)
        self._tally = Tally(monotonic=monotonic)
        quota = None if quota_file is None else QuotaFile(quota_file)
        self._pacer = Pacer(monotonic=monotonic, random=random, quota=quota)
        self._transport = Transport(
            base_url,
            key=key_in_use.current,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            max_answer_bytes=max_answer_bytes,
            monotonic=monotonic,
            now=now,
        )
        self._caller = Caller(
            transport=self._transport,
            pacer=self._pacer,
            retry=Retry(attempts=attempts, seconds=retry_seconds, monotonic=monotonic, random=random),
            tally=self._tally,
            key=key_in_use,
        )
        self._searches = Searches(
            self._caller, endpoints=self._endpoints, waiting=self._waiting, tally=self._tally, max_pages=max_pages
        )

    def __enter__(self) -> "PartnerApi":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, and end every wait of every thread with `Stopped`."""
        self._closed.set()
        self._transport.close()
        self._pacer.close()

    def counts(self) -> Counts:
        """Return what was done so far, in numbers."""
        return self._tally.snapshot()

    def quota(self) -> Quota | None:
        """Return the rate headers last seen, None before the first."""
        return self._pacer.quota()

    def accreditations(self) -> Iterator[Record]:
        """Yield the accreditations of the key's partner; rows equal in every field come once, an id may come twice.

        Raises:
            PartnerApiError: See `errors.py`; so for every method below.
        """
        return self._searches.unique("accreditations_search")

    def price_lists(self) -> Iterator[Record]:
        """Yield the countries, each with its price lists; one request, there is no paging."""
        yield from self._searches.page("price_lists_search").records

    def products(self, accreditation_type: str, accreditation_id: str) -> Iterator[Record]:
        """Yield the products of an accreditation, one row per release; rows equal in every field come once.

        Args:
            accreditation_type: Code, for example ``"R"``.
            accreditation_id: For example ``"PRTF136"``.
        """
        body = {"accreditationType": accreditation_type, "accreditationId": accreditation_id}
        return self._searches.unique("products_search", body)

    def product_prices(
        self, accreditation_type: str, accreditation_id: str, *, price_list_id: int, price_list_status: str = "C"
    ) -> Iterator[Record]:
        """Yield the products of an accreditation with their prices on a price list.

        Args:
            accreditation_type: Code, for example ``"R"``.
            accreditation_id: For example ``"PRTF136"``.
            price_list_id: Id of a price list.
            price_list_status: ``"C"`` for the current list, ``"F"`` for the future one.
        """
        body = {
            "accreditationType": accreditation_type,
            "accreditationId": accreditation_id,
            "priceListId": price_list_id,
            "priceListStatus": price_list_status,
        }
        return self._searches.unique("prices_search", body)

    def package_content(self, number: str, release: str) -> Iterator[Record]:
        """Yield the content of a package in its order; equal rows all come, since a position has no other name.

        Args:
            number: Product number of the package.
            release: Release name, for example ``"V5-6R2025"``.
        """
        return self._searches.rows("package_content_search", {"number": number, "release": release})

    def search_orders(
        self,
        *,
        created: Span | None = None,
        booked: Span | None = None,
        updated: Span | None = None,
        installed_base_number: str | None = None,
        online_instance_seat_id: str | None = None,
        bill_to_po_references: Sequence[str] | None = None,
        transaction_type: str | None = None,
    ) -> Iterator[Record]:
        """Yield the orders that meet all criteria, each once, in its newest form.

        Spans longer than the API allows are cut into windows and put together again. A window of creation whose rows
        shift in every reading is read in halves; any other gives what was found, and counts in
        `counts().drifted_searches`.

        Args:
            created: From and to of the creation, timezone-aware, of any length.
            booked: From and to of the booking.
            updated: From and to of the last update.
            installed_base_number: Number of an installed base.
            online_instance_seat_id: Id of a platform instance or a seat.
            bill_to_po_references: Partner's references of orders.
            transaction_type: ``"PO"`` or ``"RN"``; both if absent.

        Raises:
            ValueError: If there is no criterion, a moment has no timezone, or a span does not end after its start.
        """
        criteria = OrderCriteria(
            created=created,
            booked=booked,
            updated=updated,
            installed_base_number=installed_base_number,
            online_instance_seat_id=online_instance_seat_id,
            bill_to_po_references=bill_to_po_references,
            transaction_type=transaction_type,
        )
        return self._searches.orders(criteria.bodies())

    def order_details(self, transaction_id: str) -> OrderDocument:
        """Return the details of an order.

        Args:
            transaction_id: For example ``"PO_A123456789"``.

        Raises:
            NotFound: If there is no such order, or not for this key.
        """
        return self._order_details(transaction_id, self._waiting)

    def order_details_many(self, transaction_ids: Iterable[str]) -> Iterator[tuple[str, OrderDocument | NotFound]]:
        """Yield the details of many orders in the order asked, fetched several at a time.

        An order that has vanished since it was found is an answer and not a failure: its `NotFound` takes its place.
        Any other error is raised, and what has not begun is not begun.

        Args:
            transaction_ids: Taken as room appears; may be endless.
        """
        stop = threading.Event()
        waiting = self._waiting.until(stop)

        def fetch(number: str) -> tuple[str, OrderDocument | NotFound]:
            try:
                return number, self._order_details(number, waiting)
            except NotFound as error:
                return number, error

        return in_order(fetch, transaction_ids, workers=self._concurrency, stop=stop)

    def _order_details(self, number: str, waiting: Waiting) -> OrderDocument:
        def read(answer: Answer, asked: Asked) -> OrderDocument:
            return read_document(answer, asked, number=number, api_version=self._version)

        return self._caller.call(self._endpoints["order_details"], read, waiting=waiting, transaction_id=number)

    def new_key(self) -> NewKey:
        """Make a new API key, which works once Dassault Systèmes have activated its hash."""
        return self._caller.call(self._endpoints["new_key"], read_new_key, waiting=self._waiting)
