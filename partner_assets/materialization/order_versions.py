"""The versions of orders: what is stored and what was just read put together. Pure; nothing is ever dropped.

Of an order's versions the one that was asked for last is the newest, whatever its `lastUpdateDateTime` says: a vendor who
restores a backup gives older times, and still means them. Of two that were asked for at the same time, by two runs, it is
the one that was updated last. Not here: reading (`order_day.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
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
"""`fetched_at` is when a document was asked for; in rows of before, when the read of its day began. What changed after that,
and was read then, may have been read in the moment of its change as well. Bounded, so that a time of update in the future is
not asked about for ever."""

LONGEST_ANSWER = timedelta(minutes=1)
"""The answer to a request that was made so much earlier than another is not the later of the two. Of requests nearer to each
other, the one that was made first may have been answered last, and then with the newer state."""

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


def newest(versions: Sequence[Version]) -> Version:
    """Return the version that was asked for last; of those asked for at the same time, the one that was updated last."""
    last = _read_last(versions)
    return max(
        (version for version in versions if not _is_over(version, last)),
        key=lambda version: (version["last_update_datetime"] or _NEVER, version["fetched_at"]),
    )


def _read_last(versions: Sequence[Version]) -> datetime:
    """Return when the order was last asked for, and there."""
    last: datetime = max(version["fetched_at"] for version in versions)
    return last


def _is_over(version: Version, last: datetime) -> bool:
    """Tell whether a version was asked for before the last one, and not at the same time; or was gone in between."""
    fetched, gone = version["fetched_at"], version["gone_at"]
    return last - fetched >= LONGEST_ANSWER or (gone is not None and fetched < gone < last)


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
    missed = {order: [one["gone_at"] for one in versions if one["gone_at"]] for order, versions in orders.items()}
    for row in came:
        version = version_of(row)
        order = version["transaction_id"]
        if version["gone_at"] is None:
            _add(orders.setdefault(order, []), version)
        elif order in orders:
            missed.setdefault(order, []).append(version["gone_at"])
    rows = []
    for order, versions in orders.items():
        last = newest(versions)
        _mark_gone(versions, last, missed.get(order, ()))
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
    gone = [one["gone_at"] for one in (winner, loser) if one["gone_at"] and one["gone_at"] >= winner["fetched_at"]]
    extra = sorted_json_text({EARLIER: earlier}) if earlier else None
    return {**winner, "gone_at": min(gone, default=None), "extra": extra}


def _earlier(version: Version) -> list[Any]:
    return list(from_json(version["extra"])[EARLIER]) if version["extra"] else []


def _mark_gone(versions: Sequence[Version], last: Version, missed: Iterable[datetime]) -> None:
    """Mark the newest version as gone if the order was found missing since it was last there."""
    # Somebody may have read the order since; or a run that read it before is published only now.
    since = [seen for seen in missed if seen >= _read_last(versions)]
    if since and last["gone_at"] is None:
        last["gone_at"] = min(since)
