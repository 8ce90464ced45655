"""Which missing days to ask for next: newest first, a few at a time, with growing pauses for those that keep failing. Pure."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from partner_assets.automation.change_feed import PARKED_PAUSE, PAUSES
from partner_assets.automation.day_ranges import LONGEST_RANGE, DayRange, contiguous

MOST_DAYS = LONGEST_RANGE
"""Days asked for in one tick."""


@dataclass(frozen=True)
class GapState:
    """The sensor's memory: how often a missing day has been asked for, and not before when again."""

    tried: Mapping[date, tuple[int, datetime]] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return it as a cursor."""
        return json.dumps({day.isoformat(): [tries, at.isoformat()] for day, (tries, at) in self.tried.items()})

    @classmethod
    def from_json(cls, cursor: str) -> "GapState":
        """Read a cursor.

        Raises:
            ValueError: If it is none of ours.
        """
        try:
            entries = json.loads(cursor).items()
            return cls({date.fromisoformat(d): (int(tries), datetime.fromisoformat(at)) for d, (tries, at) in entries})
        except (AttributeError, TypeError, ValueError) as error:
            raise ValueError(f"The cursor of order_gaps cannot be read ({error}). Reset it in the UI.") from None


def fill(
    state: GapState, missing: Collection[date], running: Collection[date], *, now: datetime
) -> tuple[GapState, list[tuple[DayRange, str]]]:
    """Choose the missing days to ask for now.

    Args:
        state: The memory.
        missing: Days that were never materialised, or whose last run failed.
        running: Days that a run is under way for.
        now: The time.

    Returns:
        The memory after asking, without the days that are missing no more; and the ranges with what tells each
        request from earlier ones.
    """
    known = {day: tried for day, tried in state.tried.items() if day in missing}
    ready = [day for day in missing if day not in running and (day not in known or known[day][1] <= now)]
    chosen = sorted(ready, reverse=True)[:MOST_DAYS]
    keyed = []
    for one in contiguous(chosen):
        for day in one.days:
            tries = known[day][0] if day in known else 0
            pause = PAUSES[tries] if tries < len(PAUSES) else PARKED_PAUSE
            known[day] = (tries + 1, now + pause)
        keyed.append((one, f"gap try {max(known[day][0] for day in one.days)} at {now.isoformat()}"))
    return GapState(known), keyed
