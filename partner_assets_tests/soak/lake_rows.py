"""The rows of the lake's files, read with pyarrow alone. Not here: what ought to be in them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

Row = dict[str, Any]


def files(lake: Path, table: str) -> list[Path]:
    """Return a table's files."""
    return sorted(lake.glob(f"{table}/**/part-*.parquet"))


def rows(lake: Path, table: str, columns: Sequence[str] | None = None) -> list[Row]:
    """Return the rows of a table, some columns or all."""
    found: list[Row] = []
    for file in files(lake, table):
        with pq.ParquetFile(file) as parquet:
            found += parquet.read(columns=columns).to_pylist()
    return found


def current(lake: Path, table: str) -> list[Row]:
    """Return the rows of a table with history that hold now."""
    return [row for row in rows(lake, table) if row["valid_to"] is None]
