"""Reading a search once, page by page, from its first row to its end.

Here: which page is asked for next, the only rule by which paging ends, and whether rows shifted meanwhile. Not here:
how often a search is read and which reading counts (`searches.py`), and what an empty page is worth (`pages.py`).

Every page begins with the last row of the page before it. A row that leaves while we read pulls the rest forward, and
one of them slips onto a page that was already read; then the page does not begin as it should.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from partner_assets.api.endpoints import Endpoint
from partner_assets.api.errors import RepeatedPage, UnendingPaging
from partner_assets.api.identities import Identity
from partner_assets.api.pages import Page, Record

# A million rows of a search that spans seven days at most, at the usual hundred a page.
MAX_PAGES = 10_000
# One page that came before may be chance; this many are a server that goes in circles.
_MOST_OLD_PAGES = 10

Fetch = Callable[[int, int, int | None], Page]
"""Returns the page at `skip`, told how many rows were received and how many to expect, to judge an empty one by."""


@dataclass
class Reading:
    """What one reading of a search brought.

    Args:
        records: The rows in the order received; the row that two pages share is here once.
        estimates: The server's estimates of all rows, None for a page without one.
        has_slipped: Whether a page began with a row never seen before, so rows may be missing.
        has_doubled: Whether a page began with an earlier row, so a row may have come in before it.
        changed: How often the row that two pages share had changed meanwhile; both forms are among the records then.
    """

    records: list[Record] = field(default_factory=list, repr=False)
    estimates: set[int | None] = field(default_factory=set)
    has_slipped: bool = False
    has_doubled: bool = False
    changed: int = 0

    @property
    def has_shifted(self) -> bool:
        """Whether rows moved from page to page."""
        return self.has_slipped or self.has_doubled


@dataclass
class LongestPage:
    """The longest page that an endpoint has given so far: what is shorter looks like a last one.

    Args:
        rows: Its length.
    """

    rows: int = 0


class Reader:
    """Reads one search once; `read` returns what it brought.

    Nothing but an empty page ends the reading: not a short one, and not one with which all rows that were estimated have
    come. A server that now and then cuts a page lost the last rows of one search in eight that way, where its estimate
    happened to be too low as well (measured against our sandbox). It costs a request more per search.

    Args:
        fetch: Returns a page.
        endpoint: Whom to ask, for how many rows, and what ends the paging.
        identity: How its rows are told apart.
        longest: Kept from search to search, brought up to date here.
        max_pages: Pages after which the paging is taken to be unending.
    """

    def __init__(
        self, fetch: Fetch, *, endpoint: Endpoint, identity: Identity, longest: LongestPage, max_pages: int
    ) -> None:
        if endpoint.maximum_top is None:
            raise ValueError(f"{endpoint.name} has no paging.")
        self._fetch = fetch
        self._endpoint = endpoint
        self._identity = identity
        self._longest = longest
        self._max_pages = max_pages
        self._top = endpoint.maximum_top
        self._reading = Reading()
        self._seen: set[str] = set()
        self._pages: set[int] = set()
        self._old_pages = 0
        self._previous: Page | None = None
        self._most_rows = 0
        self._end = 0
        self._looked_back_at = 0
        self._expected: int | None = None

    def read(self) -> Reading:
        """Return the reading.

        Raises:
            RepeatedPage: If a page is, byte for byte, the one before it.
            UnendingPaging: If there is still no end after `max_pages`, or pages come again and again.
        """
        skip = 0
        for _ in range(self._max_pages):
            page = self._fetch(skip, self._end, self._expected)
            if page.estimated is not None:
                self._expected = max(self._expected or 0, page.estimated)
            following = self._next_skip(skip, page)
            if following is None:
                return self._reading
            skip = following
        raise UnendingPaging(
            f"Could not {self._endpoint.purpose}: no end after {self._max_pages:,} pages and {self._end:,} rows. "
            "Ask for less at once."
        )

    def _next_skip(self, skip: int, page: Page) -> int | None:
        """Take a page in and return where the next one begins, None at the end."""
        previous = self._previous
        overlaps = skip < self._end
        if not page.records:
            # The last row of the page before stood here a moment ago.
            self._reading.has_slipped |= overlaps
            return None
        if previous is not None:
            joins = overlaps and self._identity(page.records[0]) == self._identity(previous.records[-1])
            if page.raw == previous.raw and not joins:
                self._check_repetition(skip, page)
                return None
            # Rows where we looked for the end: fetched again with the row before them, to see that none slipped by. Once
            # only: a page that was cut to one row cannot overlap, it would be the same one for ever.
            if not overlaps and self._most_rows > 1 and self._looked_back_at != self._end:
                self._looked_back_at = self._end
                return self._end - 1
        self._take(page, overlaps=overlaps)
        self._end = skip + len(page.records)
        self._previous = page
        return self._step(page, is_first=previous is None)

    def _check_repetition(self, skip: int, page: Page) -> None:
        # All rows were there and we only wanted to be sure; a server that ignores `skip` then has nothing to add.
        if self._is_complete(page) and not self._endpoint.is_strict:
            return
        raise RepeatedPage(
            f"Could not {self._endpoint.purpose}: the page at skip={skip} is the same as the one before it, so the "
            "server seems to ignore skip. Nothing of this search can be trusted; report it to the API's support."
        )

    def _take(self, page: Page, *, overlaps: bool) -> None:
        digest = hash(page.raw)
        self._old_pages += digest in self._pages
        if self._old_pages > _MOST_OLD_PAGES:
            raise UnendingPaging(
                f"Could not {self._endpoint.purpose}: the same pages come again and again, now after {self._end:,} rows."
            )
        self._pages.add(digest)
        reading, records = self._reading, page.records
        if overlaps:
            first, last = records[0], reading.records[-1]
            if self._identity(first) == self._identity(last):
                reading.changed += first != last
                records = records[1:] if first == last else records
            elif self._identity(first) in self._seen:
                reading.has_doubled = True
            else:
                reading.has_slipped = True
        elif self._most_rows > 1 and self._identity(records[0]) in self._seen:
            reading.has_doubled = True
        reading.records.extend(records)
        reading.estimates.add(page.estimated)
        self._seen.update(map(self._identity, records))

    def _step(self, page: Page, *, is_first: bool) -> int:
        rows = len(page.records)
        is_short = rows < self._longest.rows
        self._longest.rows = max(self._longest.rows, rows)
        # Where the end seems to be, the page beyond it is asked for: it is empty at once, and costs one request. An
        # estimate that is met does not make a page the last: if the server cuts its pages there, the rows after it may
        # slip by before they are asked for.
        seems_last = is_short if is_first else rows < self._most_rows
        self._most_rows = max(self._most_rows, rows)
        return self._end if seems_last or rows == 1 else self._end - 1

    def _is_complete(self, page: Page) -> bool:
        return len(page.records) < self._top and self._expected is not None and self._end >= self._expected
