"""What happens when in a soak: outages, slow spells, deaths of the daemon, the operator's turns. Pure.

Not here: doing it (`conduct.py`), and which orders change (`order_changer.py`).
"""

from dataclasses import dataclass
from typing import Literal

Happening = Literal["catalogue", "down", "up", "slow", "quick", "kill"]

SHORTEST_MINUTES = 2.5
"""In less, what the second death of the daemon interrupted could not be made good before the end."""

LONGEST_OUTAGE_SECONDS = 120.0
SLOW_ANSWER_MS = 1500.0
BURST_SECONDS = 6.0
"""Orders change in bursts, this far apart."""

_CATALOGUE_MINUTES, _LAST_TURN_SECONDS = 3.0, 200.0
"""The catalogue changes every few minutes, and not shortly before the end: its sensor ticks once a minute."""


@dataclass(frozen=True, order=True)
class Event:
    """Something that happens, so many seconds after the start."""

    second: float
    what: Happening


@dataclass(frozen=True)
class Plan:
    """A soak before it begins.

    Attributes:
        minutes: How long changes are made.
        seed: What the made-up data and all changes depend on.
        days: Days of orders that there are at the start, today included.
        orders_per_day: About how many orders each of them has.
    """

    minutes: float = 20.0
    seed: int = 1
    days: int = 14
    orders_per_day: int = 15

    def __post_init__(self) -> None:
        if self.minutes < SHORTEST_MINUTES:
            raise ValueError(f"A soak takes at least {SHORTEST_MINUTES} minutes, not {self.minutes:g}.")

    @property
    def seconds(self) -> float:
        """How long changes are made."""
        return 60 * self.minutes

    @property
    def outage_seconds(self) -> float:
        """How long the API is down, and how long it is slow."""
        return min(LONGEST_OUTAGE_SECONDS, round(0.14 * self.seconds))

    def events(self) -> list[Event]:
        """Return what happens, in order: an outage, a death, and a second one while the API is slow."""
        whole, outage = self.seconds, self.outage_seconds
        turns = max(2, round(self.minutes / _CATALOGUE_MINUTES))
        last_turn = whole - min(_LAST_TURN_SECONDS, 0.5 * whole)
        return sorted(
            [
                *(Event(last_turn * turn / (turns - 1), "catalogue") for turn in range(turns)),
                Event(0.08 * whole, "down"),
                Event(0.08 * whole + outage, "up"),
                Event(0.28 * whole, "kill"),
                Event(0.36 * whole, "slow"),
                Event(0.36 * whole + outage, "quick"),
                Event(0.43 * whole, "kill"),
            ]
        )
