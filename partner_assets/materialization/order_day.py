"""One day of orders, read with as few requests as what changed allows. Writes nothing.

The search pages of the day are always read; details only of orders whose `lastUpdateDateTime` differs from the newest
version kept, and of orders that the search no longer returns. Not here: rows of orders (`order_tables.py`).
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from partner_assets.api.client import PartnerApi
from partner_assets.api.documents import OrderDocument
from partner_assets.api.errors import NotFound
from partner_assets.materialization.slices import Given
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.record import CannotBecomeRow, RecordReader, Rejected, Row, Rows, rejection

MARGIN = timedelta(seconds=1)
"""By how much a search reaches beyond its day. The reference does not say whether the ends of a window belong to it, so
an order at midnight could be in neither day's window; each order's own creation time decides what is kept."""

_READER = RecordReader(ORDER_DOCUMENTS)
_NAMES = ORDER_DOCUMENTS.column_names
_HEAD = ("transaction", "creationDateTime", "lastUpdateDateTime")

Version = dict[str, Any]
"""A row of `order_documents` by column name."""


def read_order_day(api: PartnerApi, day: date, kept: Iterable[Row], given: Given) -> Rows:
    """Read a day.

    Args:
        api: The partner's API.
        day: UTC day of creation.
        kept: The rows of `order_documents` of that day.
        given: The lineage of rows read now.

    Returns:
        All versions of the day's orders. Its facts: `found` (orders that the search returned for the day), `fetched`
        (orders whose details were asked for), `gone` (orders kept as current that the API no longer has).

    Raises:
        PartnerApiError: If a page or a document cannot be read; a day is read whole or not at all.
    """
    result = Rows()
    versions = _by_order(kept)
    found = _search(api, day, given, result.rejected)
    changed = [order for order, updated in found.items() if _is_news(versions.get(order), updated)]
    missing = [order for order, kept_versions in versions.items() if order not in found and _current(kept_versions)]
    gone = 0
    for order, answer in api.order_details_many([*changed, *missing]):
        if isinstance(answer, OrderDocument):
            try:
                _keep(versions.setdefault(order, {}), _version(answer, order, day, given))
            except CannotBecomeRow as error:
                rejected = rejection(ORDER_DOCUMENTS, str(day), f"{order}: {error}", answer.record, given)
                result.rejected.append(rejected)
        elif isinstance(answer, NotFound) and order in versions:
            gone += _mark_gone(versions[order], given["fetched_at"])
    result.rows = all_versions([], _rows(versions))
    result.facts = {"found": len(found), "fetched": len(changed) + len(missing), "gone": gone}
    return result


_Versions = dict[datetime | None, Version]


def _rows(orders: Mapping[str, _Versions]) -> list[Row]:
    return [tuple(version[name] for name in _NAMES) for versions in orders.values() for version in versions.values()]


def _by_order(rows: Iterable[Row]) -> dict[str, _Versions]:
    orders: dict[str, _Versions] = {}
    for row in rows:
        version = dict(zip(_NAMES, row, strict=True))
        orders.setdefault(version["transaction_id"], {})[version["last_update_datetime"]] = version
    return orders


def _search(api: PartnerApi, day: date, given: Given, rejected: list[Rejected]) -> dict[str, datetime | None]:
    """Return the orders created on the day, each with the time of its last update as the search tells it."""
    start = datetime.combine(day, time(), tzinfo=UTC)
    found: dict[str, datetime | None] = {}
    for entry in api.search_orders(created=(start - MARGIN, start + timedelta(days=1) + MARGIN)):
        try:
            head = _head(entry, {"api_version": "", "document": "", "is_current": True, "creation_date": day, **given})
        except CannotBecomeRow as error:
            reason = f"an entry of the search: {error}"
            rejected.append(rejection(ORDER_DOCUMENTS, str(day), reason, entry, given))
            continue
        if head["creation_datetime"].date() == day:
            found[head["transaction_id"]] = head["last_update_datetime"]
    return found


def _head(record: Any, given: Mapping[str, Any]) -> Version:
    """Read id and times of a search entry or a document; all the rest stays in the document."""
    if isinstance(record, dict):
        record = {name: value for name, value in record.items() if name in _HEAD}
        if isinstance(transaction := record.get("transaction"), dict):
            record["transaction"] = {name: value for name, value in transaction.items() if name == "id"}
    return dict(zip(_NAMES, _READER.read(record, given), strict=True))


def _is_news(versions: _Versions | None, updated: datetime | None) -> bool:
    newest = _newest(versions)
    # Without a time of update in the search, only the document can tell.
    return (
        newest is None or newest["gone_at"] is not None or updated is None or newest["last_update_datetime"] != updated
    )


def _newest(versions: _Versions | None) -> Version | None:
    if not versions:
        return None
    never = datetime.min.replace(tzinfo=UTC)
    return max(versions.values(), key=lambda version: (version["last_update_datetime"] or never, version["fetched_at"]))


def _current(versions: _Versions) -> bool:
    return any(version["is_current"] for version in versions.values())


def _version(document: OrderDocument, order: str, day: date, given: Given) -> Version:
    columns = {"creation_date": day, "api_version": document.api_version, "document": document.text, "is_current": True}
    version = _head(document.record, {**columns, **given})
    if version["transaction_id"] != order:
        raise CannotBecomeRow(f"the document says that it is {version['transaction_id']}")
    if version["creation_datetime"].date() != day:
        raise CannotBecomeRow(
            f"the document says that it was created at {version['creation_datetime']:%Y-%m-%dT%H:%M:%SZ}"
        )
    return version


def _keep(versions: _Versions, version: Version) -> None:
    same = versions.get(version["last_update_datetime"])
    if same is not None and same["document"] == version["document"]:
        version = {**same, "gone_at": None}
    versions[version["last_update_datetime"]] = version


def _mark_gone(versions: _Versions, now: datetime) -> int:
    current = [version for version in versions.values() if version["is_current"]]
    for version in current:
        version["gone_at"] = now
    return len(current)


def all_versions(stored: Iterable[Row], came: Iterable[Row]) -> list[Row]:
    """Put together the versions that are stored and those of a day that was read; none is ever dropped.

    What is stored is read again here, while nobody else can write: another run of the same day may have added a
    version since this one began.

    Args:
        stored: Rows of `order_documents` of one day.
        came: The same, from `read_order_day`; of one version, this row counts.

    Returns:
        One row per version. The newest of an order is current unless it is gone.
    """
    rows = []
    for versions in _by_order([*stored, *came]).values():
        newest = _newest(versions)
        for version in versions.values():
            version["is_current"] = version is newest and version["gone_at"] is None
            rows.append(tuple(version[name] for name in _NAMES))
    return rows
