"""Which missing days to ask for next: newest first, a few at a time, with growing pauses for those that keep failing. Pure."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from partner_assets.automation.day_ranges import DayRange, shortening
from partner_assets.automation.wanted import PARK_AFTER, Wanted, from_groups, to_groups
from partner_assets.partitions import LONGEST_RANGE

MOST_DAYS = 2 * LONGEST_RANGE
"""Days asked for in one tick: two runs, so that one is queued when the other is done."""


@dataclass(frozen=True)
class GapState:
    """The sensor's memory.

    Attributes:
        since: When this memory began; another one after every reset.
        asks: Ticks since then that asked for anything. The two tell every request from earlier ones for the same days,
            and are the same again when a tick that was lost is repeated: Dagster runs each key only once.
        tried: The missing days that have been asked for.
    """

    since: datetime
    asks: int = 0
    tried: Mapping[date, Wanted] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return it as a cursor."""
        tried = to_groups({day.isoformat(): one for day, one in self.tried.items()})
        return json.dumps({"since": self.since.isoformat(), "asks": self.asks, "tried": tried})

    @classmethod
    def from_json(cls, cursor: str, *, now: datetime) -> "GapState":
        """Read a cursor.

        Args:
            cursor: What the last tick left.
            now: When the memory begins if the cursor is one of before, which held the tries of each day alone.

        Raises:
            ValueError: If it is none of ours.
        """
        try:
            fields = json.loads(cursor)
            if "tried" not in fields:
                old = {day: Wanted(now, int(tries), datetime.fromisoformat(at)) for day, (tries, at) in fields.items()}
                fields = {"since": now.isoformat(), "asks": 0, "tried": to_groups(old)}
            tried = {date.fromisoformat(day): one for day, one in from_groups(fields["tried"]).items()}
            return cls(datetime.fromisoformat(fields["since"]), int(fields["asks"]), tried)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"The cursor of order_gaps cannot be read ({error}). Reset it in the UI: missing days are then asked for "
                "as if for the first time."
            ) from None

    @property
    def parked(self) -> list[date]:
        """The days that somebody should look at."""
        return sorted(day for day, one in self.tried.items() if one.is_parked)


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
    tried = {day: one for day, one in state.tried.items() if day in missing}
    ready = [day for day in missing if day not in running and (day not in tried or tried[day].is_due(now))]
    chosen = sorted(ready, reverse=True)[:MOST_DAYS]
    ranges = sorted(
        shortening({day: tried[day].tries if day in tried else 0 for day in chosen}), key=lambda one: one.first
    )
    tried |= {day: tried.get(day, Wanted(now)).asked(now) for day in chosen}
    asks = state.asks + bool(chosen)
    key = f"gap ask {asks} since {state.since.isoformat()}"
    return GapState(state.since, asks, tried), [(one, key) for one in ranges]


def given_up(state: GapState, missing: Collection[date], running: Collection[date]) -> dict[date, Wanted]:
    """Return the parked days that are still a matter of concern: missing, and not at their last try before parking.

    Args:
        state: The memory.
        missing: Days that are still missing.
        running: Days that a run is under way for.
    """
    return {
        day: one
        for day in state.parked
        if day in missing and ((one := state.tried[day]).tries > PARK_AFTER or day not in running)
    }
