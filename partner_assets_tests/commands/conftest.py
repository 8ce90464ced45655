"""A quiet sandbox to ask, and a lake with a few rows whose every digit is known."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from partner_assets.lake import catalogue
from partner_assets.lake.store import Change, Lake
from partner_assets.sandbox.server import RunningSandbox, SandboxConfig, new_api_key
from partner_assets.tables.product_prices import PRODUCT_PRICES
from partner_assets.tables.record import Row

READ_AT = datetime(2026, 3, 15, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    """A small sandbox. Tests must not change it."""
    with RunningSandbox(SandboxConfig(days=3, orders_per_day=5, api_keys=(new_api_key(),))) as running:
        yield running


@pytest.fixture
def settings(sandbox: RunningSandbox, tmp_path: Path) -> dict[str, str]:
    """Settings with which all is well; the key in a file."""
    key_file = tmp_path / "key"
    key_file.write_text(sandbox.api_key)
    return {
        "PARTNER_API_BASE_URL": sandbox.base_url,
        "PARTNER_API_KEY_FILE": str(key_file),
        "PARTNER_ORDERS_START": "2026-01-01",
        "PARTNER_LAKE": str(tmp_path / "lake"),
    }


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with two prices. Tests must not change it."""
    root = tmp_path_factory.mktemp("somewhere") / "lake"
    rows = [
        _price("6NB-PCS-OC", Decimal("999999999999999.99"), Decimal("33.3333333333"), "é,“ü”"),
        _price("7NB-PCS-OC", None, Decimal("0E-10"), None),
    ]
    change = Change(PRODUCT_PRICES, [("PRTF136", 9)], rows, as_of={("PRTF136", 9): READ_AT})
    Lake(root, "main").replace([change], lineage={"run_id": "test"})
    catalogue.build(root)
    return root


def _price(number: str, price: Decimal | None, discount: Decimal, extra: str | None) -> Row:
    values: dict[str, Any] = {
        "accreditation_type": "R",
        "accreditation_id": "PRTF136",
        "price_list_id": 9,
        "price_list_status": "C",
        "currency": "USD",
        "product_number": number,
        "revenue_type": "ALC",
        "ds_list_price": price,
        "distributor_discount_percentage": discount,
        "valid_from": READ_AT,
        "extra": extra,
        "fetched_at": READ_AT,
        "run_id": "test",
        "legal_entity": "main",
    }
    return tuple(values.get(name) for name in PRODUCT_PRICES.column_names)
