"""One day of orders, read with as few requests as what changed allows. Writes nothing.

The search pages of the day are always read, if need be long before the rest; details only of orders whose
`lastUpdateDateTime` differs from the newest version kept, and of orders that the search no longer returns, unless all are
wanted. Not here: putting versions together (`order_versions.py`), and rows of orders (`order_tables.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from partner_assets.api.client import PartnerApi
from partner_assets.api.documents import OrderDocument
from partner_assets.api.order_search import can_be_asked_for
from partner_assets.materialization.order_versions import NAMES, Version, by_order, newest, row_of, was_read_too_soon
from partner_assets.materialization.slices import Given
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.record import CannotBecomeRow, RecordReader, Rejected, Row, Rows, rejection

MARGIN = timedelta(seconds=1)
"""By how much a search reaches beyond its day. The reference does not say whether the ends of a window belong to it, so
an order at midnight could be in neither day's window; each order's own creation time decides what is kept."""

BEHIND = timedelta(seconds=1)
"""By how much a document must be older than the entry that listed it to be of an earlier state. Search and details need not
tell a time to the same digit, and what differs by a fraction would otherwise never be taken for read."""

KNOWN = tuple(name for name in NAMES if name not in ("document", "extra"))
"""The columns of `order_documents` that must be known of an order to tell whether it changed."""

_READER = RecordReader(ORDER_DOCUMENTS)
_SEARCH, _DETAILS = "orders_search", "order_details"
_HEAD = ("transaction", "creationDateTime", "lastUpdateDateTime")


@dataclass(frozen=True)
class _Found:
    """An order that the search returned."""

    updated: datetime | None
    entry: Any


@dataclass
class DaySearch:
    """What the search pages of a day told; the rest of its reading may follow later.

    Attributes:
        day: UTC day of creation.
        given: The lineage of what comes: `fetched_at` is before the first of these pages was asked for. A document has its
            own.
        found: The orders created on the day.
        rejected: What could not be read so far.
        drifted: 1 if the orders kept moving from page to page while they were read again and again.
        requests: How many requests that took.
    """

    day: date
    given: Given
    found: dict[str, _Found] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    drifted: int = 0
    requests: int = 0

    def reject(self, reason: str, record: Any, given: Given | None = None) -> None:
        """Keep a record that cannot become a version, with its own lineage unless it is of the search."""
        self.rejected.append(rejection(ORDER_DOCUMENTS, str(self.day), reason, record, given or self.given))


def search_day(api: PartnerApi, day: date, given: Given) -> DaySearch:
    """Ask which orders were created on a day, and when each was updated last.

    Args:
        api: The partner's API. Nobody else searches orders with it meanwhile; details may be asked for.
        day: UTC day of creation.
        given: The lineage of rows read now.

    Raises:
        PartnerApiError: If a page cannot be read.
    """
    search = DaySearch(day, given)
    before = api.counts()
    start = datetime.combine(day, time(), tzinfo=UTC)
    blank = {"api_version": "", "document": "", "is_current": True, "creation_date": day, **given}
    for entry in api.search_orders(created=(start - MARGIN, start + timedelta(days=1) + MARGIN)):
        try:
            head = _head(entry, blank)
        except CannotBecomeRow as error:
            search.reject(f"an entry of the search: {error}", entry)
            continue
        if head["creation_datetime"].date() != day:
            continue
        order = head["transaction_id"]
        if can_be_asked_for(order):
            search.found[order] = _Found(head["last_update_datetime"], entry)
        else:
            # One such entry must not keep the others, and all other days of the run, from being read.
            search.reject(f"an entry of the search: transaction_id: an order cannot have the id {order!r}", entry)
    after = api.counts()
    search.drifted = after.drifted_searches - before.drifted_searches
    search.requests = after.requests.get(_SEARCH, 0) - before.requests.get(_SEARCH, 0)
    return search


def read_order_day(api: PartnerApi, search: DaySearch, kept: Iterable[Version], *, all_details: bool = False) -> Rows:
    """Read what changed of a day.

    Args:
        api: The partner's API.
        search: What its search pages told.
        kept: The rows of `order_documents` of that day, by column name, with the columns `KNOWN`.
        all_details: True to ask for the details of every order, which shows a document that changed although its
            `lastUpdateDateTime` did not.

    Returns:
        A row per order that was asked for, without its document if it is gone, to be put together with what is stored by
        `order_versions.all_versions`. Its facts: `found` (orders that the search returned for the day), `fetched` (orders
        whose details were asked for), `gone` (orders kept as current that the API no longer has, or has on another day),
        `drifted` (1 if the orders kept moving from page to page while they were read again and again; the change feed tells
        what was missed),
        `behind` (orders of which the search knew more than the details: those were of an earlier state, or said that there is
        no such order; the change that the day was read for may be among what is missing),
        `requests` (search pages and details, this day's and no other's).

    Raises:
        PartnerApiError: If a document cannot be read; a day is read whole or not at all.
    """
    known = by_order(kept)
    found, given = search.found, search.given
    changed = [order for order, one in found.items() if all_details or _is_news(known.get(order), one.updated)]
    missing = [
        order
        for order, versions in known.items()
        if order not in found and any(version["is_current"] for version in versions)
    ]
    rows, gone, behind = list[Row](), 0, 0
    version: Version | None
    asked = api.counts().requests.get(_DETAILS, 0)
    for order, answer in api.order_details_many([*changed, *missing]):
        if order not in found and (not isinstance(answer, OrderDocument) or _has_moved(answer, order, day=search.day)):
            seen = answer.asked_at or given["fetched_at"]
            version = {**dict.fromkeys(NAMES), **newest(known[order]), "gone_at": seen}
            gone += 1
        elif isinstance(answer, OrderDocument):
            version = _version(answer, order, search)
            behind += version is not None and order in found and _is_behind(version, found[order].updated)
        else:
            # Neither lost in silence nor taken for gone: the search still has it.
            behind += 1
            search.reject(
                f"{order}: the search lists it, but its details answer that there is no such order", found[order].entry
            )
            version = None
        if version is not None:
            rows.append(row_of(version))
    facts = {
        "found": len(found),
        "fetched": len(changed) + len(missing),
        "gone": gone,
        "drifted": search.drifted,
        "behind": behind,
        "requests": search.requests + api.counts().requests.get(_DETAILS, 0) - asked,
    }
    return Rows(rows, search.rejected, facts, as_of=given["fetched_at"])


def _head(record: Any, given: Mapping[str, Any]) -> Version:
    """Read id and times of a search entry or a document; all the rest stays in the document."""
    if isinstance(record, dict):
        record = {name: value for name, value in record.items() if name in _HEAD}
        if isinstance(transaction := record.get("transaction"), dict):
            record["transaction"] = {name: value for name, value in transaction.items() if name == "id"}
    return dict(zip(NAMES, _READER.read(record, given), strict=True))


def _is_news(versions: list[Version] | None, updated: datetime | None) -> bool:
    """Tell whether the details of an order must be asked for."""
    # Without a time of update in the search, only the document can tell.
    if not versions or updated is None:
        return True
    last = newest(versions)
    return last["gone_at"] is not None or last["last_update_datetime"] != updated or was_read_too_soon(last)


def _is_behind(version: Version, updated: datetime | None) -> bool:
    """Tell whether a document is of an earlier state than the search knew, as from a copy of the data that lags."""
    read: datetime | None = version["last_update_datetime"]
    return read is not None and updated is not None and updated - read >= BEHIND


def _has_moved(answer: OrderDocument, order: str, *, day: date) -> bool:
    """Tell whether an order that a day's search no longer has is one of another day: its time of creation was corrected.

    Current here as well, it would count twice, or keep the file from being written that holds both days.
    """
    blank = {"api_version": "", "document": "", "is_current": True, "creation_date": day, "fetched_at": answer.asked_at}
    try:
        head = _head(answer.record, {**blank, "run_id": "", "legal_entity": ""})
    except CannotBecomeRow:
        return False  # whatever it is, it is rejected with its reason
    return bool(head["transaction_id"] == order and head["creation_datetime"].date() != day)


def _version(answer: OrderDocument, order: str, read: DaySearch) -> Version | None:
    """Make a version of a document, or reject it."""
    # Not when the day's read began: a run that began later may have asked for this order earlier.
    given = {**read.given, "fetched_at": answer.asked_at}
    columns = {
        "creation_date": read.day,
        "api_version": answer.api_version,
        "document": answer.text,
        "is_current": True,
    }
    try:
        version = _head(answer.record, {**columns, **given})
    except CannotBecomeRow as error:
        read.reject(f"{order}: {error}", answer.record, given)
        return None
    if version["transaction_id"] != order:
        read.reject(f"{order}: the document says that it is {version['transaction_id']}", answer.record, given)
    elif version["creation_datetime"].date() != read.day:
        created = f"{version['creation_datetime']:%Y-%m-%dT%H:%M:%SZ}"
        read.reject(f"{order}: the document says that it was created at {created}", answer.record, given)
    else:
        return version
    return None
