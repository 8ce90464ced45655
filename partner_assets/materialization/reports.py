"""What Dagster is told of a slice, and of those that failed: metadata, a small preview, one sentence per reason."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import dagster as dg

from partner_assets.lake.store import Written
from partner_assets.materialization.slice_reads import SliceRead
from partner_assets.tables.record import Rows
from partner_assets.tables.table import Table

SHOWN = 10
"""How many partitions, and how many reasons, a failure names."""

_PREVIEW_ROWS = 3
_PREVIEW_COLUMNS = 6


def failure_text(failures: Mapping[str, str], total: int) -> str:
    """Return one sentence per reason, with the partitions that it kept from being replaced."""
    reasons: dict[str, list[str]] = {}
    for name, reason in failures.items():
        reasons.setdefault(reason, []).append(name)
    told = [f"{_listed(names)}: {reason}" for reason, names in reasons.items()]
    more = [f"{len(told) - SHOWN} more reasons are in the log."] if len(told) > SHOWN else []
    return " ".join([f"{len(failures)} of {total} partitions keep their old rows.", *told[:SHOWN], *more])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def slice_metadata(read: SliceRead, table: Table, written: Written, published_at: datetime) -> dict[str, Any]:
    """Return what the UI shows of one slice of a table.

    Args:
        read: What was read.
        table: One of its tables.
        written: What became of the table's file.
        published_at: When it was in place: what is read later is made of these rows, or of newer ones.
    """
    rows = read.tables[table]
    return {
        "dagster/row_count": written.row_counts.get(read.values, 0),
        "rejected": len(rows.rejected),
        "requests": read.requests,
        **rows.facts,
        "seconds": round(read.seconds, 3),
        "as_of": dg.MetadataValue.timestamp(read.as_of),
        "published_at": dg.MetadataValue.timestamp(published_at),
        "path": dg.MetadataValue.path(str(written.file)),
        "file_bytes": written.byte_count,
        "file_changed": written.is_changed,
        "preview": dg.MetadataValue.md(_preview(table, rows)),
    }


def _preview(table: Table, rows: Rows) -> str:
    """Return the first rows as a Markdown table."""
    names = table.column_names[:_PREVIEW_COLUMNS]
    lines = [" | ".join(names), " | ".join("---" for _ in names)]
    for row in rows.rows[:_PREVIEW_ROWS]:
        cells = ["" if value is None else str(value) for value in row[:_PREVIEW_COLUMNS]]
        lines.append(" | ".join(cell.replace("|", "\\|").replace("\n", " ")[:60] for cell in cells))
    return "\n".join(lines)
