"""Orders that the control endpoint added, changed or removed, laid over the made-up ones.

Its memory grows with the changes only. Not here: the made-up orders, and what a change looks like (`changes.py`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from partner_assets.sandbox.clock import day_of, parse_timestamp
from partner_assets.sandbox.days import Times


@dataclass(frozen=True, slots=True)
class LaidOrder:
    """One order that the overlay answers for.

    Attributes:
        document: Its v1 document, whole; it may be broken.
        document_v0: Its v0 document where that is not simply derived from the other.
        times: Where searches by time find it.
    """

    document: Mapping[str, object]
    times: Times
    document_v0: Mapping[str, object] | None = None


def laid_order(
    document: Mapping[str, object], now: int, *, creation: int | None = None, v0: Mapping[str, object] | None = None
) -> LaidOrder:
    """Take an order's document, however broken, and find out when searches by time should find it.

    Args:
        document: The v1 document.
        now: Stands in for a creation moment that the document does not tell.
        creation: The creation moment, if it is not to be read from the document.
        v0: The v0 document, if it is not to be derived.
    """
    transaction = document.get("transaction")
    is_renewal = isinstance(transaction, Mapping) and transaction.get("type") == "RN"
    told = parse_timestamp(document.get("creationDateTime"))
    created = creation if creation is not None else now if told is None else told
    updated = parse_timestamp(document.get("lastUpdateDateTime"))
    booked = parse_timestamp(document.get("bookingDateTime"))
    return LaidOrder(document, Times(is_renewal, created, created if updated is None else updated, booked or 0), v0)


class Overlay:
    """The orders that are no longer, or never were, what the seed makes of them.

    Args:
        fixed: Orders that are there from the start, by id.
    """

    def __init__(self, fixed: Mapping[str, LaidOrder]) -> None:
        self._orders = dict(fixed)
        self._removed: set[str] = set()
        self.version = 0
        self.counts = {"added": 0, "changed": 0, "removed": 0}

    def __len__(self) -> int:
        return len(self._orders) + len(self._removed)

    def put(self, order_id: str, order: LaidOrder, kind: str) -> None:
        """Lay an order down; `kind` is ``"added"`` or ``"changed"``."""
        self._orders[order_id] = order
        self._removed.discard(order_id)
        self._note(kind)

    def remove(self, order_id: str) -> None:
        """Make an order vanish."""
        self._orders.pop(order_id, None)
        self._removed.add(order_id)
        self._note("removed")

    def covers(self, order_id: str) -> bool:
        """Whether the made-up order of this id is not to be shown."""
        return order_id in self._orders or order_id in self._removed

    def get(self, order_id: str) -> LaidOrder | None:
        """Return the order laid down under an id."""
        return self._orders.get(order_id)

    def items(self) -> Iterable[tuple[str, LaidOrder]]:
        """Return all orders laid down, with their ids."""
        return self._orders.items()

    def created_on(self, first_day: int, last_day: int) -> Iterator[tuple[str, LaidOrder]]:
        """Yield the orders laid down that were created within days, both included."""
        for order_id, order in self._orders.items():
            if first_day <= day_of(order.times.creation) <= last_day:
                yield order_id, order

    def _note(self, kind: str) -> None:
        self.counts[kind] += 1
        self.version += 1
