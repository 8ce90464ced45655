"""Records as the API sends them, and the values that a run adds to them; shared by the tests of tables and lake.

The order is the vendor's own example, shortened where nothing is tested.
"""

import copy
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from partner_assets.tables.record import Row
from partner_assets.tables.table import Table

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
DAY = date(2025, 5, 21)
LINEAGE: dict[str, Any] = {"fetched_at": NOW, "run_id": "a-run", "legal_entity": "main"}
ORDER_GIVEN: dict[str, Any] = {"creation_date": DAY, "version_count": 1, **LINEAGE}

_CHARGE: dict[str, Any] = {
    "sequenceNumber": 1,
    "installedBaseNumber": "LN00012345678",
    "subOrderType": "NEW",
    "revenueType": "ALC",
    "portfolio": "CATIA",
    "product": {"trigram": "ABC", "type": "NU", "number": "1AB-ABC", "name": "A Product", "dsOffering": "LIC"},
    "quantity": 2,
    "distributorNetAmount": Decimal("1930.0000000000002"),
    "endDate": "2026-05-31",
    "inflation": {"date": "2025-07-01", "ratio": Decimal("1.04"), "exception": "CAPL"},
}

_LINE: dict[str, Any] = {
    "sequenceNumber": 1,
    "orderType": "STOI",
    "waiver": {"endDate": "2025-09-15"},
    "licenseChargeBreakdown": [_CHARGE],
}

_ORDER: dict[str, Any] = {
    "transaction": {"id": "PO_A123456789", "type": "PO", "status": "PRC"},
    "businessUnit": {"id": "BU001", "name": "Corporate Sales Unit A", "localTimezone": "CET"},
    "billToSite": {"id": "100012345678901", "name": "Example Corporation", "localName": "示例公司", "locationId": 1},
    "soldToSite": {"id": "200012345678901", "name": "Foobar Inc", "locationId": 2},
    "creationDateTime": "2025-05-21T14:30:00Z",
    "lastUpdateDateTime": "2025-05-21T14:40:00Z",
    "currency": "USD",
    "licenseChargeConditions": [_LINE],
}


def an_order(**changes: Any) -> dict[str, Any]:
    """Return the example order with some fields of its head changed."""
    return {**copy.deepcopy(_ORDER), **changes}


def a_line(**changes: Any) -> dict[str, Any]:
    """Return a line of the example order with some fields changed."""
    return {**copy.deepcopy(_LINE), **changes}


def a_charge(**changes: Any) -> dict[str, Any]:
    """Return a charge of the example order with some fields changed."""
    return {**copy.deepcopy(_CHARGE), **changes}


def named(table: Table, row: Row) -> dict[str, Any]:
    """Return a row's values by the names of their columns."""
    return dict(zip(table.column_names, row, strict=True))
