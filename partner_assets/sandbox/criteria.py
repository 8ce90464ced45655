"""What a search for orders asks for, once it is known to be valid, and whether an order answers it.

Not here: reading a request body (`search_body.py`), and finding candidates without looking at every order (`world.py`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from partner_assets.sandbox.clock import day_of
from partner_assets.sandbox.days import SETTLES_WITHIN_DAYS, Times
from partner_assets.sandbox.identity import (
    OrderKey,
    orders_of_installed_base,
    orders_of_po_reference,
    orders_of_seat,
)


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time, the end excluded: an inclusive end of the API is one microsecond later here."""

    start: int
    end: int

    def holds(self, moment: int) -> bool:
        """Whether a moment lies in the window."""
        return self.start <= moment < self.end


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a search for orders asks for; everything given must hold, and None asks for nothing."""

    creation: Window | None = None
    booking: Window | None = None
    last_update: Window | None = None
    installed_base_number: str | None = None
    seat: str | None = None
    po_references: tuple[str, ...] | None = None
    transaction_type: str | None = None

    def named_orders(self) -> set[OrderKey] | None:
        """Return the made-up orders that the numbers asked for can belong to, None if no number is asked for."""
        choices: list[set[OrderKey]] = []
        if self.installed_base_number is not None:
            choices.append(set(orders_of_installed_base(self.installed_base_number)))
        if self.seat is not None:
            choices.append(set(orders_of_seat(self.seat)))
        if self.po_references is not None:
            choices.append({key for each in self.po_references for key in orders_of_po_reference(each)})
        return set.intersection(*choices) if choices else None

    def creation_days(self) -> tuple[int, int]:
        """Return the first and the last day on which an order must have been created to be in all windows."""
        first, last = 0, 10**6
        for window, lag in (
            (self.creation, 0),
            (self.booking, SETTLES_WITHIN_DAYS),
            (self.last_update, SETTLES_WITHIN_DAYS),
        ):
            if window is not None:
                first = max(first, day_of(window.start) - lag)
                last = min(last, day_of(window.end))
        return first, last

    def hold_times(self, times: Times, now: int) -> bool:
        """Whether an order's kind and moments, as they stand now, answer the search."""
        if self.transaction_type is not None and times.is_renewal != (self.transaction_type == "RN"):
            return False
        if self.creation is not None and not self.creation.holds(times.creation):
            return False
        if self.booking is not None and not self.booking.holds(times.booked(now)):
            return False
        return self.last_update is None or self.last_update.holds(times.last_update(now))

    def hold_document(self, document: Mapping[str, object]) -> bool:
        """Whether the numbers asked for stand in an order's document."""
        if self.po_references is not None and document.get("billToPoReference") not in self.po_references:
            return False
        if self.seat is not None and all(line.get("onlineInstanceSeatId") != self.seat for line in _lines(document)):
            return False
        wanted = self.installed_base_number
        return wanted is None or any(
            charge.get("installedBaseNumber") == wanted
            for line in _lines(document)
            for charge in _objects(line.get("licenseChargeBreakdown"))
        )


def _lines(document: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    return _objects(document.get("licenseChargeConditions"))


def _objects(value: object) -> Iterator[Mapping[str, object]]:
    return (each for each in value if isinstance(each, Mapping)) if isinstance(value, list) else iter(())
