"""Which versions of orders were given as details, and when: what whoever asked has been told.

Not here: what an order's details are (`orders.py`), and counting requests (`gateway.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Given:
    """One order's details, given once.

    Attributes:
        order_id: Which order.
        last_update: Its `lastUpdateDateTime` as it was sent.
        moment: When, by the sandbox's clock, in microseconds since 1970.
    """

    order_id: str
    last_update: str
    moment: int


@dataclass
class GivenVersions:
    """Remembers details as they are given, if it is told to: the memory grows with every answer.

    Attributes:
        is_kept: Whether to remember anything.
        all: Everything that was given, in order.
    """

    is_kept: bool
    all: list[Given] = field(default_factory=list)

    def note(self, order_id: str, document: Mapping[str, object], moment: int) -> None:
        """Remember that an order's details were given."""
        if self.is_kept:
            self.all.append(Given(order_id, str(document.get("lastUpdateDateTime")), moment))
