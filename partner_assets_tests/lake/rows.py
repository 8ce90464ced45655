"""Rows for the lake's tests: any table's, with something plausible in every required column that is not named.

Not here: records and documents; the lake never sees them.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from partner_assets.lake import parquet
from partner_assets.lake.store import Change, Lake, Written
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.order_lines import ORDER_LINES
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.record import Row
from partner_assets.tables.table import ColumnType, Table

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
DAY = date(2026, 3, 1)
RUN = {"run_id": "a-run"}

_PLAUSIBLE: dict[ColumnType, Any] = {
    ColumnType.TEXT: "some",
    ColumnType.INT: 1,
    ColumnType.BOOL: True,
    ColumnType.DATE: DAY,
    ColumnType.TS: NOW,
    ColumnType.JSON: "{}",
}


def row(table: Table, **values: Any) -> Row:
    """Return a row with these values; other required columns hold something, others null."""
    assert not values.keys() - set(table.column_names), f"{table.name} has no {values}"
    filled = {column.name: _PLAUSIBLE[column.type] for column in table.columns if column.required}
    filled |= {"legal_entity": "main", **values}
    return tuple(filled.get(name) for name in table.column_names)


def write_file(table: Table, data: pa.Table, file: Path, *, instead_of: Path | None = None) -> None:
    """Write a file as the store does, of rows that stand in its order."""
    parquet.write(table, [data], file, RUN, row_count=data.num_rows, instead_of=instead_of)


def order(number: int, day: date = DAY, **values: Any) -> Row:
    """Return an order."""
    return row(ORDERS, transaction_id=f"PO_{number}", creation_date=day, **values)


def line(number: int, line_number: int = 1, day: date = DAY, **values: Any) -> Row:
    """Return a line of an order."""
    return row(ORDER_LINES, transaction_id=f"PO_{number}", line_number=line_number, creation_date=day, **values)


def charge(number: int, line_number: int = 1, charge_number: int = 1, day: date = DAY, **values: Any) -> Row:
    """Return a charge of a line."""
    keys = {"transaction_id": f"PO_{number}", "line_number": line_number, "charge_number": charge_number}
    return row(ORDER_CHARGES, creation_date=day, **{**keys, **values})


def document(number: int, *amounts: str, hours: int = 0, status: str = "PRC", **values: Any) -> Row:
    """Return a version of an order, updated that many hours after `NOW`: one line, a charge per net amount (JSON text)."""
    charges = ",".join(f'{{"distributorNetAmount": {amount}}}' for amount in amounts)
    lines = f'[{{"licenseChargeBreakdown": [{charges}]}}]'
    head = f'"transaction": {{"id": "PO_{number}", "status": "{status}"}}, "currency": "EUR"'
    filled: dict[str, Any] = {
        "transaction_id": f"PO_{number}",
        "creation_datetime": NOW,
        "last_update_datetime": NOW + timedelta(hours=hours),
        "fetched_at": NOW + timedelta(hours=hours, minutes=5),
        "api_version": "v1",
        "document": f'{{{head}, "licenseChargeConditions": {lines}}}',
    }
    return row(ORDER_DOCUMENTS, **{**filled, **values})


def days(count: int, first: date = DAY) -> list[date]:
    """Return that many days in a row."""
    return [first + timedelta(days=number) for number in range(count)]


def put(lake: Lake, table: Table, rows: list[Row], **options: Any) -> list[Written]:
    """Replace the slices that the rows are in."""
    names = [table.column_names.index(name) for name in table.slice_by]
    slices = list(dict.fromkeys(tuple(one[index] for index in names) for one in rows))
    if table.keeps_history:
        options.setdefault("as_of", dict.fromkeys(slices, NOW))
    return lake.replace([Change(table, slices, rows, **options)], lineage=RUN)


def stored(lake: Lake, table: Table, *names: str) -> list[tuple[Any, ...]]:
    """Return what the lake holds, only these columns if any are named."""
    return [tuple(one[name] for name in names or table.column_names) for one in lake.read(table).to_pylist()]
