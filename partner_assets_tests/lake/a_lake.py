"""A small lake with something in every table that a view joins, and one odd thing per join.

Order 1 is whole, with two versions of its document. Order 2's charge lost its line, order 3's its order. The legal
entity `other` holds the same keys.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

from partner_assets.lake.store import Lake
from partner_assets.tables.accreditations import ACCREDITATIONS
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.order_lines import ORDER_LINES
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.price_lists import PRICE_LISTS
from partner_assets.tables.product_prices import PRODUCT_PRICES
from partner_assets.tables.products import PRODUCTS
from partner_assets_tests.lake.rows import DAY, charge, document, line, order, put, row


def fill(root: Path, legal_entity: str = "main", name: str = "Main") -> Lake:
    """Fill the lake of one legal entity; all names of things begin with `name`."""
    lake = Lake(root, legal_entity)
    mine: dict[str, Any] = {"legal_entity": legal_entity}
    orders = [order(1, sold_to_site_name=f"{name} Customer", status="PRC", currency="EUR", **mine)]
    orders.append(order(2, sold_to_site_name=f"{name} Other", status="XYZ", currency="USD", **mine))
    charges = [
        charge(1, 1, 1, revenue_type="ALC", distributor_net_amount=Decimal("10.01"), quantity=2, **mine),
        charge(1, 1, 2, revenue_type="nobody knows", distributor_net_amount=Decimal("0.02"), **mine),
        charge(2, 7, 1, product_name=f"{name} Product", **mine),
        charge(3, 1, 1, product_name=f"{name} Orphan", **mine),
    ]
    put(
        lake,
        ORDER_DOCUMENTS,
        [document(1, status="Draft", is_current=False, **mine), document(1, hours=1, status="PRC", **mine)],
    )
    put(lake, ORDERS, orders)
    put(lake, ORDER_LINES, [line(1, 1, order_type="STOI", usage_scope=name, **mine), line(3, 1, **mine)])
    put(lake, ORDER_CHARGES, charges)
    put(lake, ACCREDITATIONS, [row(ACCREDITATIONS, accreditation_id="PRTF1", name=f"{name} Portfolio", **mine)])
    _fill_prices(lake, name, mine)
    return lake


def _fill_prices(lake: Lake, name: str, mine: dict[str, Any]) -> None:
    product = {"accreditation_id": "PRTF1", "product_number": "6NB", "availability_status": 1, **mine}
    releases = [("R2024x", "Old"), ("R2025x", "New"), (None, "Without Release")]
    products = [
        row(PRODUCTS, **product, release=release, name=f"{name} {title}", portfolio=title)
        for release, title in releases
    ]
    put(lake, PRODUCTS, products)
    listed = {"price_list_id": 9, "name": f"{name} List", "currency": "USD", "effective_date": DAY, **mine}
    put(lake, PRICE_LISTS, [row(PRICE_LISTS, country_code=code, **listed) for code in ("USA", "CAN")])
    price = {"accreditation_id": "PRTF1", "product_number": "6NB", "price_list_id": 9, "revenue_type": "ALC", **mine}
    amounts = {"C": Decimal("100.00"), "F": Decimal("110.00")}
    prices = [
        row(PRODUCT_PRICES, **price, price_list_status=status, distributor_price=amount, currency="USD")
        for status, amount in amounts.items()
    ]
    unknown = {**price, "product_number": "unknown", "accreditation_id": "PRTF2", "price_list_id": 10}
    put(lake, PRODUCT_PRICES, [*prices, row(PRODUCT_PRICES, **unknown, price_list_status="C")])
