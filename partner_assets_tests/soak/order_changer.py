"""Changes orders at random, the same ones for the same seed, and writes each of them down.

Not here: when (`plan.py`), and the catalogue (`catalogue_changer.py`).
"""

import random
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from partner_assets.sandbox.world import World
from partner_assets_tests.materialization.expected_rows import expected_orders, plain
from partner_assets_tests.soak.ledger import ADDED, ADDED_LATE, CHANGED, FOUND, Ledger, Version

Tell = Callable[..., Mapping[str, Any]]
"""Posts to the sandbox's control endpoint: a path, and the fields of its body."""

_BUSY_DAYS = 3
_ONE_AGAIN = 0.3


class OrderChanger:
    """Adds, changes and removes orders.

    Args:
        world: Where the orders are.
        tell: How they are changed.
        ledger: Where it is written down.
        seed: What is chosen depends on it.
        first: The first day of orders.
    """

    def __init__(self, world: World, tell: Tell, ledger: Ledger, *, seed: int, first: date) -> None:
        self._world = world
        self._tell = tell
        self._ledger = ledger
        self._random = random.Random(seed)  # noqa: S311 - nothing secret hangs on it
        self._today = datetime.now(UTC).date()
        self._days = [first + timedelta(days=number) for number in range((self._today - first).days + 1)]
        # Changes crowd on a few days at a time, as they do in life; which ones changes from burst to burst.
        self._busy = self._random.sample(self._days, _BUSY_DAYS)
        self._orders = {day: self._sound_orders(day) for day in self._days}
        self._last: str | None = None

    def burst(self) -> None:
        """Make one to three changes."""
        if self._random.random() < 0.2:
            self._busy[self._random.randrange(_BUSY_DAYS)] = self._random.choice(self._days)
        for _ in range(self._random.randint(1, 3)):
            draw = self._random.random()
            if draw < 0.15:
                self._add(None)
            elif draw < 0.35:
                self._add(self._moment())
            elif draw < 0.45:
                self._remove()
            else:
                self._change()

    def _sound_orders(self, day: date) -> list[str]:
        """Return the orders of a day that can become rows: those alone are seen to arrive."""
        documents = list(self._world.order_documents(day, day))
        rows = expected_orders(documents).rows["orders"]
        return [str(row["transaction_id"]) for row in rows]

    def _moment(self) -> str:
        """Return a moment on a busy day that is over; midnight now and then, which belongs to two windows."""
        day = self._random.choice([day for day in self._busy if day < self._today] or self._days[:1])
        second = 0 if self._random.random() < 0.2 else self._random.randrange(86_400)
        return (datetime.combine(day, datetime.min.time()) + timedelta(seconds=second)).isoformat() + "Z"

    def _order(self) -> tuple[str, date] | None:
        day = self._random.choice(self._busy)
        orders = self._orders[day]
        return (self._random.choice(orders), day) if orders else None

    def _add(self, moment: str | None) -> None:
        """Add an order, created now unless a moment is given."""
        body = {} if moment is None else {"creationDateTime": moment}
        (order,) = self._tell("orders/add", **body)["ids"]
        version = self._note(str(order), ADDED if moment is None else ADDED_LATE)
        self._orders.setdefault(version.day, []).append(version.order)

    def _change(self) -> None:
        chosen = self._order()
        if chosen is None:
            return
        order = chosen[0]
        if self._last is not None and self._random.random() < _ONE_AGAIN:
            order = self._last
        if not self._ledger.knows(order):
            self._note(order, FOUND)
        fields: dict[str, object] = {}
        if self._random.random() < 0.5:
            number = self._random.randrange(10**6)
            fields = {"transaction": {"description": f"Soaked {number}"}, "isMultiYear": bool(number % 2)}
        self._tell("orders/change", id=order, fields=fields)
        self._note(order, CHANGED)
        self._last = order

    def _remove(self) -> None:
        chosen = self._order()
        if chosen is None:
            return
        order, day = chosen
        if not self._ledger.knows(order):
            self._note(order, FOUND)
        self._tell("orders/remove", id=order)
        self._ledger.note_removal(order)
        self._orders[day].remove(order)
        self._last = None if self._last == order else self._last

    def _note(self, order: str, kind: str) -> Version:
        """Write down the version that an order has now."""
        document = plain(self._world.order(order))
        created, updated = (
            datetime.fromisoformat(document[name]).astimezone(UTC)
            for name in ("creationDateTime", "lastUpdateDateTime")
        )
        version = Version(order, created.date(), updated, document, kind)
        self._ledger.note(version)
        return version
