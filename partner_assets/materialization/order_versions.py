"""The versions of orders: what is stored and what was just read put together. Pure; nothing is ever dropped.

Of an order's versions the one that was read last is the newest, whatever its `lastUpdateDateTime` says: a vendor who
restores a backup gives older times, and still means them. Not here: reading (`order_day.py`).
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.record import Row
from partner_assets.tables.values import from_json, sorted_json_text

NAMES = ORDER_DOCUMENTS.column_names

EARLIER = "(earlier documents)"
"""Name under which `extra` holds documents that the API replaced without giving the order a new time of update."""

Version = dict[str, Any]
"""A row of `order_documents` by column name."""

SAME_MOMENT = timedelta(seconds=5)
"""A document that was read so soon after its own update is read once more: the API's times may be whole seconds, and a
second change within the same one would look like no change at all."""

LONGEST_READ = timedelta(hours=1)
"""`fetched_at` is when the read of a day began. What changed after that, and was read then, may have been read in the moment
of its change as well. Bounded, so that a time of update in the future is not asked about for ever."""

_NEVER = datetime.min.replace(tzinfo=UTC)


def version_of(row: Row) -> Version:
    """Return a row of `order_documents` by column name."""
    return dict(zip(NAMES, row, strict=True))


def row_of(version: Mapping[str, Any]) -> Row:
    """Return a version as a row."""
    return tuple(version[name] for name in NAMES)


def by_order(versions: Iterable[Version]) -> dict[str, list[Version]]:
    """Return the versions of each order."""
    orders: dict[str, list[Version]] = {}
    for version in versions:
        orders.setdefault(version["transaction_id"], []).append(version)
    return orders


def newest(versions: Iterable[Version]) -> Version:
    """Return the version that was read last."""
    return max(versions, key=lambda version: (version["fetched_at"], version["last_update_datetime"] or _NEVER))


def was_read_too_soon(version: Version) -> bool:
    """Tell whether a version may have been read in the same moment in which the order changed."""
    updated: datetime | None = version["last_update_datetime"]
    return updated is not None and -LONGEST_READ <= version["fetched_at"] - updated < SAME_MOMENT


def all_versions(stored: Iterable[Row], came: Iterable[Row]) -> list[Row]:
    """Put together the versions that are stored and what a read of a day saw.

    What is stored is read while nobody else can write: another run of the same day may have added a version since
    this one began, and what it read later stays the newest.

    Args:
        stored: Rows of `order_documents` of one day.
        came: A row per order that was asked for: the document that the API gave, or, with `gone_at`, an order that it no
            longer has, with or without a document. Orders that were not asked for are as they are stored.

    Returns:
        One row per version. The newest of an order is current unless it is gone.
    """
    orders = by_order(map(version_of, stored))
    for row in came:
        version = version_of(row)
        order = version["transaction_id"]
        if version["gone_at"] is None:
            _add(orders.setdefault(order, []), version)
        elif order in orders:
            _mark_gone(orders[order], version["gone_at"])
    rows = []
    for versions in orders.values():
        last = newest(versions)
        for version in versions:
            version["is_current"] = version is last and version["gone_at"] is None
            rows.append(row_of(version))
    return rows


def _add(versions: list[Version], version: Version) -> None:
    for one in [one for one in versions if one["last_update_datetime"] == version["last_update_datetime"]]:
        versions.remove(one)
        version = _later(one, version)
    versions.append(version)


def _later(stored: Version, came: Version) -> Version:
    """Return the later read of two with one time of update; a document that differs is kept in its `extra`."""
    winner, loser = (stored, came) if stored["fetched_at"] > came["fetched_at"] else (came, stored)
    earlier = [*_earlier(loser), *_earlier(winner)]
    if loser["document"] != winner["document"]:
        earlier.append({"fetched_at": loser["fetched_at"].isoformat(), "document": loser["document"]})
    return {**winner, "extra": sorted_json_text({EARLIER: earlier}) if earlier else None}


def _earlier(version: Version) -> list[Any]:
    return list(from_json(version["extra"])[EARLIER]) if version["extra"] else []


def _mark_gone(versions: list[Version], seen: datetime) -> None:
    last = newest(versions)
    # Somebody may have read the order since it was found missing.
    if last["fetched_at"] <= seen and last["gone_at"] is None:
        last["gone_at"] = seen
