"""Whether every version that could be had is in `order_documents`, and no other one. Pure.

A version could be had, and so has to be there, if

- its details were given (the sandbox remembers) in the course of a read of its day that was published; or
- it stood in the API from the beginning to the end of such a read.

Two kinds need not be there, and are counted: versions that were replaced before any read of their day, and versions that
were given only to runs that died before they could publish, and replaced before the next one. Whatever stands at the end
stood during the last read. Not here: the tables made of the documents (`judge_tables.py`).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from partner_assets.sandbox.given import Given
from partner_assets_tests.soak.lake_rows import Row
from partner_assets_tests.soak.ledger import Ledger
from partner_assets_tests.soak.records import Read

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIER = "(earlier documents)"

Place = tuple[str, datetime]
"""An order and the time of an update: a version."""


@dataclass
class VersionVerdict:
    """What became of the versions.

    Attributes:
        complaints: What is wrong, in sentences.
        given: Different versions whose details were given.
        held: Versions that the lake holds.
        must: Versions that had to be there.
        never_read: Versions that were replaced before any read of their day.
        died_with: Versions that only runs were given which died.
    """

    complaints: list[str] = field(default_factory=list)
    given: int = 0
    held: int = 0
    must: int = 0
    never_read: int = 0
    died_with: int = 0


def judge_versions(
    ledger: Ledger, given: Iterable[Given], reads: Sequence[Read], documents: Sequence[Row]
) -> VersionVerdict:
    """Compare what was given, and what stood in the API, with what the lake holds.

    Args:
        ledger: The versions that were made.
        given: The details that were given.
        reads: The reads of days that were published.
        documents: The rows of `order_documents`.
    """
    held = {(row["transaction_id"], row["last_update_datetime"]): row for row in documents}
    days = {row["transaction_id"]: row["creation_date"] for row in documents}
    days |= {version.order: version.day for versions in ledger.versions.values() for version in versions}
    moments = _moments(given)
    verdict = VersionVerdict(given=len(moments), held=len(held))
    published = {
        place for place, times in moments.items() if any(_is_within(time, days.get(place[0]), reads) for time in times)
    }
    stood = {
        (version.order, version.updated): version
        for versions in ledger.versions.values()
        for version in versions
        if any(read.day == version.day and version.stood(read.start, read.end) for read in reads)
    }
    must = published | stood.keys()
    verdict.must = len(must)
    for order, updated in sorted(must - held.keys()):
        reason = "its details were given" if (order, updated) in published else "it stood in the API"
        verdict.complaints.append(
            f"order_documents: {order} as of {updated:%H:%M:%S.%f} is missing, although {reason} during a read of its "
            "day that was published."
        )
    verdict.complaints += _invented(held, moments)
    verdict.complaints += _altered(held, ledger)
    for version in ledger.changes():
        place = (version.order, version.updated)
        if place not in must and place not in held:
            verdict.died_with += place in moments
            verdict.never_read += place not in moments
    return verdict


def _moments(given: Iterable[Given]) -> dict[Place, list[datetime]]:
    moments: dict[Place, list[datetime]] = {}
    for one in given:
        updated = datetime.fromisoformat(one.last_update).astimezone(UTC)
        moments.setdefault((one.order_id, updated), []).append(_EPOCH + timedelta(microseconds=one.moment))
    return moments


def _is_within(moment: datetime, day: object, reads: Sequence[Read]) -> bool:
    return any(read.day == day and read.start <= moment <= read.end for read in reads)


def _invented(held: Iterable[Place], moments: Mapping[Place, object]) -> Iterable[str]:
    """Say which versions the lake holds that the sandbox never gave."""
    for order, updated in held:
        if (order, updated) not in moments:
            yield f"order_documents: {order} as of {updated:%H:%M:%S.%f} is there, and was never given."


def _altered(held: Mapping[Place, Row], ledger: Ledger) -> Iterable[str]:
    """Say which documents are not those that were made; two documents may share one time of update only by mistake."""
    for version in (version for versions in ledger.versions.values() for version in versions):
        row = held.get((version.order, version.updated))
        if row is not None and _document(row["document"]) != version.document:
            yield f"order_documents: {version.order} as of {version.updated:%H:%M:%S.%f} has another document."
        if row is not None and row["extra"] is not None and _EARLIER in row["extra"]:
            yield f"order_documents: {version.order} as of {version.updated:%H:%M:%S.%f} has two documents."


def _document(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def lost_removals(ledger: Ledger, documents: Iterable[Row]) -> list[str]:
    """Say which removed orders the lake does not show as gone, and which have lost their versions."""
    rows: dict[str, list[Row]] = {}
    for row in documents:
        rows.setdefault(row["transaction_id"], []).append(row)
    sentences = []
    for order in ledger.removals:
        known = rows.get(order, [])
        if known and not any(row["gone_at"] is not None for row in known):
            sentences.append(f"order_documents: {order} was removed, and is not marked as gone.")
        if any(row["is_current"] for row in known):
            sentences.append(f"order_documents: {order} was removed, and has a version that is current.")
    return sentences
