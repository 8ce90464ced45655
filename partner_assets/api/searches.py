"""Searches: paged questions, and the rows that come of them.

Here: fetching pages, reading a search again if its rows shifted, and making one set of orders of many windows. Not
here: the rule of paging (`readings.py`), the criteria (`order_search.py`).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from partner_assets.api.answers import Asked, broken, read_envelope
from partner_assets.api.calls import Caller
from partner_assets.api.counts import Tally
from partner_assets.api.endpoints import Endpoint
from partner_assets.api.errors import BrokenAnswer, RepeatedPage, ShiftingPages
from partner_assets.api.identities import identity_of, order_identity
from partner_assets.api.order_search import is_newer
from partner_assets.api.pages import Page, Record, decode_records, doubt_empty, unique_records
from partner_assets.api.readings import LongestPage, Reader, Reading
from partner_assets.api.transport import Answer
from partner_assets.api.waiting import Waiting
from partner_assets.api.windows import halves

# A search whose rows shift while it is read is read again, so often in all.
_MOST_READINGS = 3


class Searches:
    """Asks the endpoints that answer with rows.

    Args:
        caller: Makes the calls.
        endpoints: Whom to ask, by name.
        waiting: How to sleep, and whether the caller has given up.
        tally: Counts the searches that never held still.
        max_pages: Pages after which a search is taken to be unending.
    """

    def __init__(
        self, caller: Caller, *, endpoints: Mapping[str, Endpoint], waiting: Waiting, tally: Tally, max_pages: int
    ) -> None:
        self._caller = caller
        self._endpoints = endpoints
        self._waiting = waiting
        self._tally = tally
        self._max_pages = max_pages
        self._longest = {name: LongestPage() for name in endpoints}

    def page(
        self,
        name: str,
        body: object | None = None,
        *,
        query: Mapping[str, int] | None = None,
        received: int = 0,
        expected: int | None = None,
    ) -> Page:
        """Return one page.

        Args:
            name: Name of the endpoint.
            body: What to send.
            query: `skip` and `top`, for an endpoint that pages.
            received: Rows received before it.
            expected: The highest estimate so far.

        Raises:
            BrokenAnswer: If it is empty and cannot be, after the request has been repeated.
        """

        def read(answer: Answer, asked: Asked) -> Page:
            page = read_page(answer, asked)
            estimates = [number for number in (expected, page.estimated) if number is not None]
            doubt = doubt_empty(received=received, expected=max(estimates, default=None))
            if doubt is not None and not page.records:
                raise BrokenAnswer(
                    f"{asked.attempted} answered {answer.status} {doubt}: an index may be being rebuilt, so this is "
                    "not taken for the end.",
                    status=answer.status,
                )
            return page

        return self._caller.call(self._endpoints[name], read, waiting=self._waiting, query=query, body=body)

    def unique(self, name: str, body: object | None = None) -> Iterator[Record]:
        """Yield all rows when all have been read, those equal in every field once.

        Args:
            name: Name of the endpoint.
            body: What to send.

        Raises:
            ShiftingPages: If the rows shifted in every reading.
        """
        yield from unique_records(self._settled(name, body, is_unique=True))

    def rows(self, name: str, body: object | None = None) -> Iterator[Record]:
        """Yield all rows when all have been read, equal ones as often as they are there.

        Args:
            name: Name of the endpoint.
            body: What to send.

        Raises:
            ShiftingPages: If the rows shifted in every reading.
        """
        yield from self._settled(name, body, is_unique=False)

    def _settled(self, name: str, body: object | None, *, is_unique: bool) -> list[Record]:
        """Return the rows of the first reading in which nothing moved."""
        last = Reading()
        for reading in self._readings(name, body):
            if not reading.has_shifted and not reading.changed:
                return reading.records
            # A server that leaves rows out of its pages gives others twice, every time the same: nothing moved there.
            if is_unique and not reading.has_slipped and reading.records == last.records:
                return reading.records
            last = reading
        # A row that is different every time it is asked for, but stays in its place, is for the tables to judge.
        if last.records and not last.has_shifted:
            return last.records
        raise ShiftingPages(
            f"Could not {self._endpoints[name].purpose}: rows moved from page to page in each of {_MOST_READINGS} "
            "readings, so none of them is known to be whole. Something is being changed there; run it again later."
        )

    def orders(self, bodies: Iterable[dict[str, Any]]) -> Iterator[Record]:
        """Yield the orders that any of the bodies finds, each once and in its newest form, when all have been read.

        What any reading brings is kept: an order that left the window meanwhile is still an order.

        Args:
            bodies: One for each window.
        """
        found: dict[str, Record] = {}
        for body in bodies:
            self._read_orders(body, found)
        yield from found.values()

    def _read_orders(self, body: dict[str, Any], found: dict[str, Record]) -> None:
        """Read one window, in halves if it will not hold still.

        An order never leaves the half that it was created in, and what fits on one page cannot move from page to page:
        in a window that is short enough nothing can be missed. Of other criteria all that was found is taken, and the
        window counts as drifted.

        Raises:
            ShiftingPages: If even a few seconds of creation do not hold still.
        """
        if self._holds_still(body, found):
            return
        if "creationDateTime" not in body:
            self._tally.drift()
            return
        window = body["creationDateTime"]
        parts = halves(window)
        if not parts:
            raise ShiftingPages(
                f"Could not search orders: those created from {window['from']} to {window['to']} moved from page to page "
                f"in each of {_MOST_READINGS} readings, so some may be missing. Run it again later."
            )
        for part in parts:
            self._read_orders({**body, "creationDateTime": part}, found)

    def _holds_still(self, body: dict[str, Any], found: dict[str, Record]) -> bool:
        """Read one window until its rows hold still, or often enough; tell whether they did.

        An order that enters the window while it is read pushes another onto the next page, where it comes twice; one
        that leaves pulls another onto a page already read, where it is missed. The first shows as a row seen twice, the
        second in the row that two pages share, and either, as far as at all, in the estimate.
        """
        before: set[str] = set()
        for reading in self._readings("orders_search", body):
            for record in reading.records:
                number = order_identity(record)
                if number not in found or is_newer(record, found[number]):
                    found[number] = record
            numbers = {order_identity(record) for record in reading.records}
            has_twins = len(numbers) + reading.changed < len(reading.records)
            if not reading.has_shifted and not has_twins and len(reading.estimates) <= 1:
                return True
            # Nothing slipped and nothing came in: the estimate wavers, or the server gives some rows twice.
            if not reading.has_slipped and numbers == before:
                return True
            before = numbers
        return False

    def _readings(self, name: str, body: object | None) -> Iterator[Reading]:
        """Yield readings of a search, as many as are asked for and allowed."""
        for turn in range(1, _MOST_READINGS + 1):
            try:
                reading = self._read(name, body)
            except RepeatedPage:
                # A page of one row looks repeated, too, when a new row comes in before it.
                if turn == _MOST_READINGS:
                    raise
            else:
                yield reading

    def _read(self, name: str, body: object | None) -> Reading:
        endpoint = self._endpoints[name]

        def fetch(skip: int, received: int, expected: int | None) -> Page:
            query = {"skip": skip, "top": endpoint.maximum_top or 0}
            return self.page(name, body, query=query, received=received, expected=expected)

        return Reader(
            fetch,
            endpoint=endpoint,
            identity=identity_of(name),
            longest=self._longest[name],
            max_pages=self._max_pages,
        ).read()


def read_page(answer: Answer, asked: Asked) -> Page:
    """Return the page in an answer.

    Args:
        answer: What came back.
        asked: What we were doing.

    Raises:
        PartnerApiError: If the answer is not a page.
    """
    envelope = read_envelope(answer, asked)
    raw = bytes(envelope.data)
    try:
        return Page(raw, decode_records(raw), None if envelope.info is None else envelope.info.estimated)
    except ValueError as error:
        raise broken(answer, asked, str(error)) from None
