"""Documents of orders to the columns of orders, lines and charges: many at once, exactly as `OrderReader` reads each.

Most documents are just as declared: they are decoded as typed objects, whose values become columns without a Python row
ever being made. Any other document, whatever is odd about it, goes through `OrderReader`, value by value. Not here: which
documents there are (`materialization/order_tables.py`), and how typed objects become columns (`order_batch.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from partner_assets.lake import parquet
from partner_assets.lake.order_batch import CHARGES, LINES, OrderBatch, Shape, shape_of
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_lines import ORDER_LINES
from partner_assets.tables.order_rows import OrderRows
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.record import LINEAGE_NAMES, Rejected
from partner_assets.tables.table import Table

_LARGEST_SEQUENCE_NUMBER = 2**63 - 1
_COUNTED = list(range(1, 101))

Given = Mapping[str, Any]


@dataclass(frozen=True)
class OrderColumns:
    """What some documents give: a table of rows for each of the three, and what could not become a row."""

    tables: Mapping[Table, pa.Table]
    rejected: list[Rejected] = field(default_factory=list)


def order_columns(api_version: str, documents: Sequence[str], given: Sequence[Given]) -> OrderColumns:
    """Make the rows of some documents.

    Args:
        api_version: The version of the API that sent them.
        documents: JSON texts.
        given: For each, `creation_date`, `version_count` and the lineage columns of its row.

    Returns:
        Rows in no particular order.
    """
    shape = shape_of(api_version)
    odd: set[int] = set()
    batch = _decoded(shape, documents, odd)
    tables, unfit = _tables(batch, given)
    if unfit:
        odd |= {batch.places[order] for order in unfit}
        tables, _ = _tables(batch.without(unfit), given)
    rows = OrderRows()
    for place in sorted(odd):
        shape.reader.read_text(documents[place], given[place], rows)
    for table, more in ((ORDERS, rows.orders), (ORDER_LINES, rows.lines), (ORDER_CHARGES, rows.charges)):
        if more:
            tables[table] = pa.concat_tables([tables[table], parquet.to_arrow(table, more)])
    return OrderColumns(tables, rows.rejected)


def _decoded(shape: Shape, documents: Sequence[str], odd: set[int]) -> OrderBatch:
    """Decode the documents that are as declared; note the others."""
    batch = OrderBatch(shape)
    for place, text in enumerate(documents):
        try:
            order = shape.decode(text)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
            # Not lost: `OrderReader` takes it, and says what is wrong with it if anything is.
            odd.add(place)
            continue
        lines = getattr(order, LINES) or ()
        if _are_numbered(lines, "line_number") and all(
            _are_numbered(getattr(line, CHARGES) or (), "charge_number") for line in lines
        ):
            batch.add(place, text, order)
        else:
            odd.add(place)
    return batch


def _are_numbered(records: Sequence[Any], name: str) -> bool:
    """Tell whether siblings can go by the numbers that the API gave them."""
    given = [getattr(record, name) for record in records]
    if given == _COUNTED[: len(given)]:
        return True  # as the API does it; the rest is for what it might do
    numbers = set(given)
    return len(numbers) == len(records) and not any(
        number is None or not 0 <= number <= _LARGEST_SEQUENCE_NUMBER for number in numbers
    )


def _tables(batch: OrderBatch, given: Sequence[Given]) -> tuple[dict[Table, pa.Table], set[int]]:
    """Return the rows of a batch, and the orders in it that hold what a column cannot."""
    line_orders = np.array(batch.line_orders, dtype=np.int64)
    charge_lines = np.array(batch.charge_lines, dtype=np.int64)
    charge_orders = line_orders[charge_lines]
    orders, unfit = batch.columns(ORDERS, np.arange(len(batch.orders)))
    lines, unfit_lines = batch.columns(ORDER_LINES, line_orders)
    charges, unfit_charges = batch.columns(ORDER_CHARGES, charge_orders)
    own = {
        name: pa.array([given[place][name] for place in batch.places], parquet.arrow_type(ORDERS.column(name).type))
        for name in ("creation_date", "version_count", *LINEAGE_NAMES)
    }
    counts = {
        "line_count": pa.array(np.bincount(line_orders, minlength=len(batch.orders))),
        "charge_count": pa.array(np.bincount(charge_orders, minlength=len(batch.orders))),
    }
    handed_down = {name: column for name, column in own.items() if name != "version_count"}
    handed_down["transaction_id"] = orders["transaction_id"]
    lines |= {name: column.take(pa.array(line_orders)) for name, column in handed_down.items()}
    charges |= {name: column.take(pa.array(charge_orders)) for name, column in handed_down.items()}
    charges["line_number"] = lines["line_number"].take(pa.array(charge_lines))
    made = {ORDERS: {**orders, **own, **counts}, ORDER_LINES: lines, ORDER_CHARGES: charges}
    return {table: _table(table, columns) for table, columns in made.items()}, unfit | unfit_lines | unfit_charges


def _table(table: Table, columns: Mapping[str, pa.Array]) -> pa.Table:
    """Put columns into the order of the table; what is as declared has nothing for `extra`."""
    schema = parquet.schema(table)
    count = len(next(iter(columns.values())))
    arrays = [columns.get(field.name, pa.nulls(count, field.type)) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)
