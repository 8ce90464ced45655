"""Orders decoded as typed objects, and their values as columns. For documents that are just as declared (`order_columns.py`)."""

from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from partner_assets.lake.column_values import array_of
from partner_assets.lake.row_pieces import Positions
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_lines import ORDER_LINES
from partner_assets.tables.order_rows import OrderReader
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.record import column_converter
from partner_assets.tables.table import Column, Table
from partner_assets.tables.typed import TypedRecord, typed_record

LINES, CHARGES = "licenseChargeConditions", "licenseChargeBreakdown"


class Shape:
    """How one version of the API writes an order.

    Args:
        api_version: The version.
    """

    def __init__(self, api_version: str) -> None:
        self.records = _typed_records(api_version, is_exact=False)
        self.decode = msgspec.json.Decoder(self.records[ORDERS].type).decode
        self.decode_exactly = msgspec.json.Decoder(_typed_records(api_version, is_exact=True)[ORDERS].type).decode
        self.converters = {
            column: column_converter(column, api_version) for table in self.records for column in table.columns
        }
        self.reader = OrderReader(api_version)


shape_of = cache(Shape)
"""Return how a version of the API writes an order; made once, since making types takes milliseconds."""


def _typed_records(api_version: str, *, is_exact: bool) -> dict[Table, TypedRecord]:
    charges = typed_record(ORDER_CHARGES, api_version, {}, is_exact=is_exact)
    lines = typed_record(ORDER_LINES, api_version, {CHARGES: charges.type}, is_exact=is_exact)
    orders = typed_record(ORDERS, api_version, {LINES: lines.type}, is_exact=is_exact)
    return {ORDERS: orders, ORDER_LINES: lines, ORDER_CHARGES: charges}


@dataclass
class OrderBatch:
    """Documents that were decoded as declared.

    Attributes:
        shape: How they are written.
        places: Where each stands among all documents.
        texts: Their texts.
        orders: The documents.
        lines: Their lines, and `line_orders` the order of each.
        charges: The charges, and `charge_lines` the line of each.
    """

    shape: Shape
    places: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    orders: list[Any] = field(default_factory=list)
    lines: list[Any] = field(default_factory=list)
    line_orders: list[int] = field(default_factory=list)
    charges: list[Any] = field(default_factory=list)
    charge_lines: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._exactly: dict[int, OrderBatch] = {}

    def add(self, place: int, text: str, order: Any) -> None:
        """Add a document."""
        for line in getattr(order, LINES) or ():
            charges = getattr(line, CHARGES) or ()
            self.charges.extend(charges)
            self.charge_lines.extend([len(self.lines)] * len(charges))
            self.lines.append(line)
            self.line_orders.append(len(self.orders))
        self.places.append(place)
        self.texts.append(text)
        self.orders.append(order)

    def without(self, orders: set[int]) -> "OrderBatch":
        """Return the batch without some orders."""
        kept = OrderBatch(self.shape)
        for position, (place, text, order) in enumerate(zip(self.places, self.texts, self.orders, strict=True)):
            if position not in orders:
                kept.add(place, text, order)
        return kept

    def columns(self, table: Table, orders: Positions) -> tuple[dict[str, pa.Array], set[int]]:
        """Return the columns of a table's records, and the orders that hold what a column cannot.

        Args:
            table: One of the three.
            orders: The order of each of its records.
        """
        record = self.shape.records[table]
        arrays, unfit = {}, set[int]()
        for column, values in record.values(self._records(table)):
            exact = partial(self._exact, record, column, orders)
            arrays[column.name], positions = array_of(column, values, self.shape.converters[column], exact)
            unfit.update(orders[positions].tolist())
        return arrays, unfit

    def _records(self, table: Table) -> list[Any]:
        return {ORDERS: self.orders, ORDER_LINES: self.lines, ORDER_CHARGES: self.charges}[table]

    def _exact(self, record: TypedRecord, column: Column, orders: Positions, position: int) -> Any:
        """Return the decimal of a number, by decoding its document once more."""
        order = int(orders[position])
        if order not in self._exactly:
            alone = OrderBatch(self.shape)
            alone.add(0, self.texts[order], self.shape.decode_exactly(self.texts[order]))
            self._exactly[order] = alone
        siblings = self._exactly[order]._records(record.table)
        return record.value(siblings[position - int(np.searchsorted(orders, order))], column)
