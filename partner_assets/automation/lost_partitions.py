"""Partitions that Dagster remembers with rows and the lake has none of: a file was deleted, renamed, set aside or damaged.

What is recorded is never trusted over what is there: a day whose file went would look filled for ever, and so would one
that a person reported as materialised. Not here: what the lake has (`lake/presence.py`), and asking for what is lost
(`order_gaps.py`).
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

import dagster as dg

from partner_assets.automation.newest_records import newest_records
from partner_assets.lake.layout import Slice
from partner_assets.lake.presence import without_file, without_rows
from partner_assets.lake.store import Lake
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.order_lines import ORDER_LINES
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.table import Table

ROW_COUNT = "dagster/row_count"

_MADE_OF_DOCUMENTS = (ORDERS, ORDER_LINES, ORDER_CHARGES)


def lost_days(instance: dg.DagsterInstance, lake: Lake, days: Iterable[date]) -> set[date]:
    """Return the days of orders whose rows were written once, or may have been, and are not there.

    Of documents a single day can be lost: the run that meets a damaged month fills only its own days anew. The tables that
    are made of them are made a month at a time wherever their file is missing, so for them the file tells.

    Args:
        instance: What Dagster remembers.
        lake: What there is.
        days: The days to look at.
    """
    slices: dict[str, Slice] = {day.isoformat(): (day,) for day in days}
    lost = lost_partitions(instance, lake, ORDER_DOCUMENTS, slices)
    for table in _MADE_OF_DOCUMENTS:
        gone = without_file(lake, table, list(slices.values()))
        lost |= _written(instance, table, [key for key, values in slices.items() if values in gone])
    return {date.fromisoformat(key) for key in lost}


def lost_partitions(instance: dg.DagsterInstance, lake: Lake, table: Table, slices: Mapping[str, Slice]) -> set[str]:
    """Return the partitions of a table whose rows were written once, or may have been, and are not there.

    Args:
        instance: What Dagster remembers.
        lake: What there is; the columns that name a slice are read.
        table: The table, and the asset of its name.
        slices: The slice of each partition to look at.
    """
    empty = without_rows(lake, table, list(slices.values()))
    return _written(instance, table, [key for key, values in slices.items() if values in empty])


def _written(instance: dg.DagsterInstance, table: Table, keys: Collection[str]) -> set[str]:
    """Return those of some partitions of which the newest materialisation left rows, or does not tell whether it did."""
    newest = newest_records(instance, dg.AssetKey(table.name), keys)
    return {key for key, record in newest.items() if _may_have_left_rows(record)}


def _may_have_left_rows(record: dg.EventLogRecord) -> bool:
    """Tell whether a materialisation left rows, for all that it says.

    One that a person reported in the UI gives no number. It hides what was recorded before it, so rows may have been
    there, or never been asked for; the read that this leads to gives one, so that it happens once.
    """
    materialization = record.asset_materialization
    count = materialization.metadata.get(ROW_COUNT) if materialization else None
    return count is None or count.value is None or bool(count.value)
