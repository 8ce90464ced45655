"""The names of orders and of what hangs on them, and the way back: from a name to the order, without any index.

An order is a day (counted from 1970) and a position within that day. Not here: which orders exist.
"""

import re
from typing import NamedTuple

from partner_assets.sandbox.clock import date_text

_POSITIONS = 100_000
_SERIALS = 10**10
# Multiplying modulo 10^10 by a number prime to it shuffles serials one to one: ids tell nothing about creation order.
_SHUFFLE = 7_236_067_977
_UNSHUFFLE = pow(_SHUFFLE, -1, _SERIALS)
# A renewal renews the order that stands at its own position this many days before it.
RENEWAL_LAGS = (10, 364)

_ORDER_ID = re.compile(r"(PO|RN)_(\d{10})", re.ASCII)
_INSTALLED_BASE = re.compile(r"LN(\d{10})\d{4}", re.ASCII)
_SEAT = re.compile(r"R(\d{10})\d{3}", re.ASCII)
_PO_REFERENCE = re.compile(r".*-(\d{5})-(\d{5})", re.DOTALL | re.ASCII)
_PO_PREFIXES = ("PO", "CMD", "BEST-NR", "注文", "आदेश", "طلب", "Order/EMEA", "🛒", "ZAKÁZKA", "P.O.")


class OrderKey(NamedTuple):
    """Which order of which day.

    Attributes:
        day: Days since 1970-01-01.
        position: Place within the day, from 0; not in order of time.
    """

    day: int
    position: int


def digits_of(key: OrderKey) -> str:
    """Return the ten digits that stand for an order in every name derived from it."""
    return f"{(key.day * _POSITIONS + key.position) * _SHUFFLE % _SERIALS:010d}"


def key_of_digits(digits: str) -> OrderKey:
    """Return the order that ten digits stand for."""
    return OrderKey(*divmod(int(digits) * _UNSHUFFLE % _SERIALS, _POSITIONS))


def order_id(key: OrderKey, *, is_renewal: bool) -> str:
    """Return an order's `transaction.id`, 13 characters."""
    return ("RN_" if is_renewal else "PO_") + digits_of(key)


def key_of_order_id(text: str) -> tuple[OrderKey, bool] | None:
    """Return the order that an id names and whether the id says renewal, or None if no order can have this id."""
    match = _ORDER_ID.fullmatch(text)
    return None if match is None else (key_of_digits(match[2]), match[1] == "RN")


def installed_base_number(digits: str, line: int, charge: int) -> str:
    """Return the number of what one charge of an order installed."""
    return f"LN{digits}{line:02d}{charge:02d}"


def orders_of_installed_base(number: str) -> tuple[OrderKey, ...]:
    """Return the orders that may carry an installed base number: the one that made it and those that may renew it."""
    match = _INSTALLED_BASE.fullmatch(number)
    if match is None:
        return ()
    origin = key_of_digits(match[1])
    return (origin, *(OrderKey(origin.day + lag, origin.position) for lag in RENEWAL_LAGS))


def seat_id(digits: str, line: int) -> str:
    """Return the online instance or seat that one line of an order belongs to."""
    return f"R{digits}{line:03d}"


def orders_of_seat(seat: str) -> tuple[OrderKey, ...]:
    """Return the order that may carry a seat."""
    match = _SEAT.fullmatch(seat)
    return () if match is None else (key_of_digits(match[1]),)


def po_reference(owner: OrderKey, flavour: int) -> str:
    """Return the partner's own reference for an order; two neighbours may share one."""
    prefix = _PO_PREFIXES[flavour % len(_PO_PREFIXES)]
    return f"{prefix}-{date_text(owner.day)[:4]}-{owner.day:05d}-{owner.position:05d}"


def orders_of_po_reference(reference: str) -> tuple[OrderKey, ...]:
    """Return the orders that may carry a partner's reference."""
    match = _PO_REFERENCE.fullmatch(reference)
    if match is None:
        return ()
    day, position = int(match[1]), int(match[2])
    return (OrderKey(day, position), OrderKey(day, position + 1))
