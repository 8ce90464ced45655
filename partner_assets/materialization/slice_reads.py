"""A slice on its way: what reading it gave, and what is left of it once it is published. What Dagster is told: `reports.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from partner_assets.lake.layout import Slice
from partner_assets.tables.record import Rows
from partner_assets.tables.table import Table

WHOLE_NAME = "all"
"""What the only slice of an asset without partitions is called."""


@dataclass(frozen=True)
class SliceRead:
    """What one slice gave, and what reading it took."""

    key: str | None
    values: Slice
    tables: Mapping[Table, Rows]
    as_of: datetime
    requests: int
    seconds: float

    @property
    def row_count(self) -> int:
        """How many rows were read, over all tables."""
        return sum(len(rows.rows) for rows in self.tables.values())

    @property
    def name(self) -> str:
        """The slice as people and the table `rejected` call it."""
        return self.key or WHOLE_NAME


@dataclass(frozen=True)
class Published:
    """A slice that is in place, and what Dagster is to be told of it.

    Attributes:
        key: Its partition.
        values: The slice.
        metadata: For each of its tables.
    """

    key: str | None
    values: Slice
    metadata: Mapping[Table, Mapping[str, Any]]
