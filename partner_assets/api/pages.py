"""Reading a search to its end, page by page.

Here: the one generator that every paged endpoint uses, and the only rule by which paging ends. Not here: fetching a
page (`searches.py`).
"""

import decimal
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from partner_assets.api.errors import RepeatedPage, UnendingPaging

Record = dict[str, Any]

# A million rows of a search that spans seven days at most, at the usual hundred a page.
MAX_PAGES = 10_000
# One page that came before may be chance; this many are a server that goes in circles.
_MOST_OLD_PAGES = 10


def exact(text: str) -> decimal.Decimal:
    """Return a JSON number with a fraction or an exponent, every digit of it.

    Raises:
        ValueError: If its exponent is beyond what even a decimal can hold.
    """
    try:
        return decimal.Decimal(text)
    except decimal.InvalidOperation:
        raise ValueError(f"the number {text[:40]} is beyond all bounds") from None


_records = msgspec.json.Decoder(list[Record], float_hook=exact)


@dataclass(frozen=True)
class Page:
    """One page of a search.

    Args:
        raw: The array as received.
        records: The same, decoded; numbers with a fraction are `decimal.Decimal`.
        estimated: The server's estimate of all rows, None if it gave none.
    """

    raw: bytes = field(repr=False)
    records: list[Record] = field(repr=False)
    estimated: int | None


def decode_records(raw: bytes) -> list[Record]:
    """Return the records of a JSON array with every digit of their numbers.

    Raises:
        ValueError: If it is not an array of objects.
    """
    return _records.decode(raw)


@dataclass
class LongestPage:
    """The longest page that an endpoint has given so far, which shows where the server cuts.

    Args:
        rows: Its length.
    """

    rows: int = 0


def read_pages(
    fetch: Callable[[int, int], Page], *, top: int, what: str, longest: LongestPage, max_pages: int = MAX_PAGES
) -> Iterator[Page]:
    """Yield the pages of a search that hold rows, until the rule says that there are no more.

    `skip` steps by the rows received. An empty page ends the paging, a full one never does. A page shorter than `top`
    ends it only if the estimated number of rows has been received, and if this endpoint has given a longer page before:
    a server that cuts its pages at seven rows and estimates seven where there are eight would lose one otherwise
    (measured against our sandbox). That costs one request more where no longer page has been seen yet.

    Args:
        fetch: Returns the page at (skip, top).
        top: Rows to ask for.
        what: What is being read, for a message.
        longest: Kept from search to search, brought up to date here.
        max_pages: Pages after which the paging is taken to be unending.

    Raises:
        RepeatedPage: If a page is, byte for byte, the one before it.
        UnendingPaging: If there is still no end after `max_pages`, or pages come again and again.
    """
    skip = 0
    previous: bytes | None = None
    seems_complete = False
    seen: set[int] = set()
    old_pages = 0
    for _ in range(max_pages):
        page = fetch(skip, top)
        rows = len(page.records)
        # All rows were there and we only wanted to be sure; a server that ignores `skip` then has nothing to add.
        if rows == 0 or (seems_complete and page.raw == previous):
            return
        if page.raw == previous:
            raise RepeatedPage(
                f"Could not {what}: the page at skip={skip} is the same as the one before it, so the server seems to "
                "ignore skip. Nothing of this search can be trusted; report it to the API's support."
            )
        digest = hash(page.raw)
        old_pages += digest in seen
        if old_pages > _MOST_OLD_PAGES:
            raise UnendingPaging(f"Could not {what}: the same pages come again and again, now at skip={skip}.")
        seen.add(digest)
        yield page
        previous = page.raw
        skip += rows
        seems_complete = rows < top and page.estimated is not None and skip >= page.estimated
        if seems_complete and rows < longest.rows:
            return
        longest.rows = max(longest.rows, rows)
    raise UnendingPaging(f"Could not {what}: no end after {max_pages:,} pages and {skip:,} rows. Ask for less at once.")


def unique_records(pages: Iterator[Page], *, key: Callable[[Record], Hashable] | None = None) -> Iterator[Record]:
    """Yield the records of the pages in the order received, each once.

    Args:
        pages: From `read_pages`.
        key: What makes two records the same one; all fields by default.
    """
    seen: set[Hashable] = set()
    for page in pages:
        for record in page.records:
            identity = repr(record) if key is None else key(record)
            if identity not in seen:
                seen.add(identity)
                yield record
