"""Searches: paged questions, and the rows that come of them.

Here: fetching pages, and making one set of orders of many windows. Not here: the rule of paging (`pages.py`), the
criteria (`order_search.py`).
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any

from partner_assets.api.answers import Asked, broken, read_envelope
from partner_assets.api.calls import Caller
from partner_assets.api.endpoints import Endpoint
from partner_assets.api.order_search import is_newer, transaction_id
from partner_assets.api.pages import LongestPage, Page, Record, decode_records, read_pages, unique_records
from partner_assets.api.transport import Answer
from partner_assets.api.waiting import Waiting

# A search that shifts while it is read is read again, until a reading brings nothing new or this often.
_MOST_READINGS = 3


class Searches:
    """Asks the endpoints that answer with rows.

    Args:
        caller: Makes the calls.
        endpoints: Whom to ask, by name.
        waiting: How to sleep, and whether the caller has given up.
        max_pages: Pages after which a search is taken to be unending.
    """

    def __init__(self, caller: Caller, *, endpoints: Mapping[str, Endpoint], waiting: Waiting, max_pages: int) -> None:
        self._caller = caller
        self._endpoints = endpoints
        self._waiting = waiting
        self._max_pages = max_pages
        self._longest = {name: LongestPage() for name in endpoints}

    def page(self, name: str, body: object | None = None, *, query: Mapping[str, int] | None = None) -> Page:
        """Return one page.

        Args:
            name: Name of the endpoint.
            body: What to send.
            query: `skip` and `top`, for an endpoint that pages.
        """
        return self._caller.call(self._endpoints[name], read_page, waiting=self._waiting, query=query, body=body)

    def pages(self, name: str, body: object | None = None) -> Iterator[Page]:
        """Yield all pages that hold rows.

        Args:
            name: Name of the endpoint.
            body: What to send.
        """
        endpoint = self._endpoints[name]
        if endpoint.maximum_top is None:
            raise ValueError(f"{name} has no paging.")

        def fetch(skip: int, top: int) -> Page:
            return self.page(name, body, query={"skip": skip, "top": top})

        return read_pages(
            fetch,
            top=endpoint.maximum_top,
            what=endpoint.purpose,
            longest=self._longest[name],
            max_pages=self._max_pages,
        )

    def unique(
        self, name: str, body: object | None = None, *, key: Callable[[Record], Hashable] | None = None
    ) -> Iterator[Record]:
        """Yield all rows, each once.

        Args:
            name: Name of the endpoint.
            body: What to send.
            key: What makes two rows the same one; all fields by default.
        """
        return unique_records(self.pages(name, body), key=key)

    def orders(self, bodies: Iterable[dict[str, Any]]) -> Iterator[Record]:
        """Yield the orders that any of the bodies finds, each once and in its newest form, when all have been read.

        Args:
            bodies: One for each window.
        """
        found: dict[str, Record] = {}
        for body in bodies:
            for _ in range(_MOST_READINGS):
                before = len(found)
                has_shifted = self._read_orders(body, found)
                if not has_shifted or len(found) == before:
                    break
        yield from found.values()

    def _read_orders(self, body: dict[str, Any], found: dict[str, Record]) -> bool:
        """Read one window once, and tell whether its rows seem to have shifted meanwhile.

        An order that enters the window while it is read pushes another onto the next page, where it comes twice; one
        that leaves pulls another onto a page already read, where it is missed. The first shows as a row seen twice, the
        second, as far as at all, in the estimate.
        """
        seen: set[str] = set()
        estimates: set[int | None] = set()
        rows = 0

        for page in self.pages("orders_search", body):
            estimates.add(page.estimated)
            for record in page.records:
                # A row without an id is kept as it is, for whoever reads it to complain about.
                number = transaction_id(record) or repr(record)
                rows += 1
                seen.add(number)
                if number not in found or is_newer(record, found[number]):
                    found[number] = record
        return len(seen) < rows or len(estimates) > 1


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


def accreditation_identity(record: Record) -> Hashable:
    """Return what makes two accreditations the same one: the id, or all fields where there is none."""
    return record.get("id") or repr(record)
