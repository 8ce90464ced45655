"""Rows of a search for orders, and a shelf that serves them by the page.

Not here: shelves whose rows change while they are read, which each test writes for itself.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from partner_assets.api.client import PartnerApi
from partner_assets_tests.api.scripted_server import Reply, Request, rows

APRIL = datetime(2025, 4, 1, tzinfo=UTC)
WEEK = (APRIL, APRIL + timedelta(days=7))


def order(number: int, updated: str = "2025-04-02T00:00:00Z") -> dict[str, Any]:
    """Return a row of a search answer."""
    return {"transaction": {"id": f"PO_{number}"}, "lastUpdateDateTime": updated}


def numbers_of(orders: PartnerApi | Iterable[dict[str, Any]]) -> list[str]:
    """Return the ids of the orders, or of those that a search for the week finds."""
    found = orders.search_orders(created=WEEK) if isinstance(orders, PartnerApi) else orders
    return [row["transaction"]["id"] for row in found]


def shelf(records: list[Any], *, estimated: int | None, cap: int = 1000) -> Callable[[Request], Reply]:
    """Return a script that serves the records by skip and top, at most `cap` a page."""

    def script(request: Request) -> Reply:
        skip, top = request.query["skip"], request.query["top"]
        return rows(*records[skip : skip + min(top, cap)], estimated=estimated)

    return script
