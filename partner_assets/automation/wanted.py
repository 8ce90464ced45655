"""Something that is not proven fresh: since when, how often it was asked for, and when it may be asked for again. Pure.

The one rule of patience for days of orders and partitions of the catalogue alike. Not here: what is wanted, and what
proves that it came (`change_feed.py`, `gaps.py`, `catalogue_state.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (2, 5, 15, 60))
"""How long after a first, second, … request in vain the next one comes."""

PARKED_PAUSE = timedelta(days=1)
"""How long something parked waits: it is asked for once a day."""

PARK_AFTER = len(PAUSES) + 1
"""Requests in vain after which something is parked."""


@dataclass(frozen=True)
class Wanted:
    """What is known of something that is not proven fresh.

    Attributes:
        seen: When this was noticed; only a read that began later can have seen it.
        tries: Runs asked for since then.
        next_try: Not before this time; None for at once.
    """

    seen: datetime
    tries: int = 0
    next_try: datetime | None = None

    @property
    def is_parked(self) -> bool:
        """True if it has been asked for in vain so often that somebody should look."""
        return self.tries >= PARK_AFTER

    def is_due(self, now: datetime) -> bool:
        """Tell whether it may be asked for now."""
        return self.next_try is None or self.next_try <= now

    def asked(self, now: datetime) -> Self:
        """Return it after one more request."""
        pause = PAUSES[self.tries] if self.tries < len(PAUSES) else PARKED_PAUSE
        return replace(self, tries=self.tries + 1, next_try=now + pause)


def to_groups(wanted: Mapping[str, Wanted]) -> list[Any]:
    """Return names and what is known of them for a cursor: names that share all of it stand together.

    Thousands of partitions become wanted at once, and a cursor is written at every tick.
    """
    groups: dict[Wanted, list[str]] = {}
    for name, one in wanted.items():
        groups.setdefault(one, []).append(name)
    return [
        [one.seen.isoformat(), one.tries, one.next_try.isoformat() if one.next_try else None, names]
        for one, names in groups.items()
    ]


def from_groups(groups: Iterable[Any]) -> dict[str, Wanted]:
    """Return what `to_groups` was given.

    Raises:
        TypeError, ValueError: If it never was.
    """
    wanted: dict[str, Wanted] = {}
    for seen, tries, next_try, names in groups:
        one = Wanted(datetime.fromisoformat(seen), int(tries), datetime.fromisoformat(next_try) if next_try else None)
        wanted |= dict.fromkeys(map(str, names), one)
    return wanted
