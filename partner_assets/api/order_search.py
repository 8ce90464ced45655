"""The questions that a search for orders is made of.

Here: criteria checked and turned into request bodies, one for each combination of windows; which of two rows of the same
order is the newer; which ids can be asked for. Not here: sending them (`client.py`), cutting time (`windows.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Any

from partner_assets.api.pages import Record
from partner_assets.api.windows import BOOKING_WINDOW, CREATION_WINDOW, UPDATE_WINDOW, Span, split, timestamp


@dataclass(frozen=True, kw_only=True)
class OrderCriteria:
    """What the orders have in common; the criteria combine with AND, and at least one besides the type is needed.

    Args:
        created: From and to of `creationDateTime`, of any length.
        booked: From and to of `bookingDateTime`, of any length.
        updated: From and to of `lastUpdateDateTime`, of any length.
        installed_base_number: Number of an installed base.
        online_instance_seat_id: Id of a platform instance or a seat.
        bill_to_po_references: Partner's references of orders.
        transaction_type: ``"PO"`` or ``"RN"``; both if absent.
    """

    created: Span | None = None
    booked: Span | None = None
    updated: Span | None = None
    installed_base_number: str | None = None
    online_instance_seat_id: str | None = None
    bill_to_po_references: Sequence[str] | None = None
    transaction_type: str | None = None

    def bodies(self) -> Iterator[dict[str, Any]]:
        """Return the request bodies that together ask for everything, the oldest windows first.

        Raises:
            ValueError: If there is no criterion, or one cannot be asked for.
        """
        if isinstance(self.bill_to_po_references, str):
            raise ValueError("bill_to_po_references must be a list of references, not one string.")
        fixed = _present(
            installedBaseNumber=self.installed_base_number,
            onlineInstanceSeatId=self.online_instance_seat_id,
            billToPoReferences=None if self.bill_to_po_references is None else list(self.bill_to_po_references),
        )
        if fixed.get("billToPoReferences") == []:
            raise ValueError("bill_to_po_references must not be empty; leave it out to search without it.")
        windows = [
            [{name: {"from": timestamp(start), "to": timestamp(end)}} for start, end in split(span, longest)]
            for name, span, longest in self._spans()
        ]
        if not fixed and not windows:
            raise ValueError(
                "A search for orders needs at least one of created, booked, updated, installed_base_number, "
                "online_instance_seat_id and bill_to_po_references."
            )
        fixed |= _present(transactionType=self.transaction_type)
        return ({**{k: v for part in parts for k, v in part.items()}, **fixed} for parts in product(*windows))

    def _spans(self) -> Iterator[tuple[str, Span, timedelta]]:
        for name, span, longest in (
            ("creationDateTime", self.created, CREATION_WINDOW),
            ("bookingDateTime", self.booked, BOOKING_WINDOW),
            ("lastUpdateDateTime", self.updated, UPDATE_WINDOW),
        ):
            if span is not None:
                yield name, span, longest


def _present(**criteria: object) -> dict[str, Any]:
    return {name: value for name, value in criteria.items() if value is not None}


def transaction_id(record: Record) -> str | None:
    """Return the id of an order in a search answer, None if it has none."""
    transaction = record.get("transaction")
    number = transaction.get("id") if isinstance(transaction, Mapping) else None
    return number if isinstance(number, str) else None


def can_be_asked_for(number: str) -> bool:
    """Tell whether there can be details of an order: its id has to stand in a path.

    A path that ends in a dot segment would be shortened on its way and ask for something else.
    """
    return number not in ("", ".", "..")


def is_newer(record: Record, other: Record) -> bool:
    """Tell whether `record` was updated later than `other`.

    The timestamps are UTC with a `Z`, with or without a fraction; without `Z` and cut to seconds they sort as text, and
    the fraction decides between equal seconds.
    """
    return _updated(record) > _updated(other)


def _updated(record: Record) -> str:
    value = record.get("lastUpdateDateTime")
    return value.rstrip("Zz") if isinstance(value, str) else ""
