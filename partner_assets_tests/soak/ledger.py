"""What was changed in the sandbox while the daemon worked: every version of every order, and when it stood in the API.

Not here: making the changes (`order_changer.py`, `catalogue_changer.py`), and judging what became of them.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

FOUND, ADDED, ADDED_LATE, CHANGED, REMOVED = "found", "added", "added to a past day", "changed", "removed"


@dataclass
class Version:
    """One version of an order.

    Attributes:
        order: Which order.
        day: UTC day of its creation.
        updated: Its `lastUpdateDateTime`.
        document: Its document, numbers exact.
        kind: How it came about.
        until: When it was replaced or removed; None while it stands.
        landed: When the lake was first seen to hold it, or a later one.
    """

    order: str
    day: date
    updated: datetime
    document: Any
    kind: str
    until: datetime | None = None
    landed: datetime | None = None

    @property
    def is_change(self) -> bool:
        """Whether it came about during the soak."""
        return self.kind != FOUND

    def stood(self, start: datetime, end: datetime) -> bool:
        """Whether it stood in the API during the whole of a span of time."""
        return self.updated <= start and (self.until is None or self.until > end)


@dataclass
class Ledger:
    """Everything that was changed.

    Attributes:
        versions: Of the orders that were changed, in the order of their updates; the first is the one that was found.
        removals: When which order was removed.
        catalogue: How often each kind of change was made to the catalogue.
    """

    versions: dict[str, list[Version]] = field(default_factory=dict)
    removals: dict[str, datetime] = field(default_factory=dict)
    catalogue: Counter[str] = field(default_factory=Counter)

    def note(self, version: Version) -> None:
        """Note that an order has a new version, which replaces the one before it."""
        known = self.versions.setdefault(version.order, [])
        if known:
            known[-1].until = version.updated
        known.append(version)

    def note_removal(self, order: str) -> None:
        """Note that an order is no longer there."""
        now = datetime.now(UTC)
        self.removals[order] = now
        for version in self.versions.get(order, [])[-1:]:
            version.until = now

    def knows(self, order: str) -> bool:
        """Whether an order was changed before."""
        return order in self.versions

    def changes(self) -> list[Version]:
        """Return the versions that came about during the soak."""
        return [version for versions in list(self.versions.values()) for version in versions if version.is_change]

    def waiting(self) -> Iterator[Version]:
        """Yield the versions that have not been seen in the lake, of orders that still exist."""
        return (one for one in self.changes() if one.landed is None and one.order not in self.removals)

    def counts(self) -> Counter[str]:
        """Return how many changes were made to orders, by kind."""
        return Counter(version.kind for version in self.changes()) + Counter({REMOVED: len(self.removals)})
