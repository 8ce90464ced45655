"""Which orders a day has, and when each was created, booked and last changed: all that a search by time must know.

Not here: what is in an order (`orders.py`), and which days exist at all (`world.py`).
"""

from array import array
from dataclasses import dataclass

from partner_assets.sandbox.clock import DAY, SECOND
from partner_assets.sandbox.identity import OrderKey
from partner_assets.sandbox.numbers import Draws, mix

# An order settles (is booked, and changed for the last time by nature) within this many days of its creation.
SETTLES_WITHIN_DAYS = 30
_HOUR = 3600 * SECOND
_COUNT, _TIMES = 11, 12


@dataclass(frozen=True, slots=True)
class Times:
    """The moments of one order.

    Attributes:
        is_renewal: Whether it is a renewal notification rather than a purchase order.
        creation: When it was created.
        settling: When nature changes it for the last time; its creation for an order that never changes.
        booking: When it was booked; 0 for an order that is not.
    """

    is_renewal: bool
    creation: int
    settling: int
    booking: int

    def is_settled(self, now: int) -> bool:
        """Whether the last natural change has happened: before it, an order is unbooked and as it was created."""
        return self.settling <= now

    def last_update(self, now: int) -> int:
        """Return `lastUpdateDateTime` as it stands now."""
        return self.settling if self.settling <= now else self.creation

    def booked(self, now: int) -> int:
        """Return the booking moment as it stands now, 0 for none."""
        return self.booking if self.settling <= now else 0


@dataclass(frozen=True, slots=True)
class DayIndex:
    """The moments of all orders of a day, one array each, indexed by position (see `Times`)."""

    day: int
    renewals: bytes
    creations: "array[int]"
    settlings: "array[int]"
    bookings: "array[int]"


def order_count(seed: int, orders_per_day: int, day: int) -> int:
    """Return how many orders a day has in the end: about `orders_per_day`, and none on one day in forty."""
    draw = mix(seed, _COUNT, day)
    if orders_per_day == 0 or draw % 40 == 0:
        return 0
    return max(1, orders_per_day * (80 + (draw >> 20) % 41) // 100)


def times_of(seed: int, key: OrderKey) -> Times:
    """Return the moments of one order, whether or not it exists yet."""
    draws = Draws(seed, _TIMES, key.day, key.position)
    is_renewal = draws.below(5) == 0
    creation = key.day * DAY + draws.below(86_400) * SECOND
    precision = draws.below(8)
    if precision == 0:
        creation += draws.below(1_000_000)
    elif precision < 3:
        creation += draws.below(1000) * 1000
    if key.position == 0 and mix(seed, _TIMES, key.day) % 5 == 0:
        creation = key.day * DAY
    return _settled(draws, is_renewal, creation)


def _settled(draws: Draws, is_renewal: bool, creation: int) -> Times:
    pace = draws.below(16)
    if pace < 3:
        return Times(is_renewal, creation, creation, 0)
    hours = draws.below(8) if pace < 9 else draws.below(24 * 6) if pace < 14 else draws.below(24 * SETTLES_WITHIN_DAYS)
    settling = creation + hours * _HOUR + (1 + draws.below(3598)) * SECOND
    if draws.below(3) == 0:
        settling += draws.below(1000) * 1000
    is_booked = draws.below(5) < 3
    booking = creation + (settling - creation) // 2 // SECOND * SECOND if is_booked else 0
    return Times(is_renewal, creation, settling, booking)


def index_day(seed: int, orders_per_day: int, day: int) -> DayIndex:
    """Work out the moments of all orders of a day."""
    every = [times_of(seed, OrderKey(day, at)) for at in range(order_count(seed, orders_per_day, day))]
    return DayIndex(
        day,
        bytes(times.is_renewal for times in every),
        array("q", [times.creation for times in every]),
        array("q", [times.settling for times in every]),
        array("q", [times.booking for times in every]),
    )
