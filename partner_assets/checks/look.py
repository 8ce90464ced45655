"""What a check is, what it sees and what it finds: a sentence, the files of its run, and some rows to show.

Not here: any single check (the files beside this one), and how Dagster is told of them (`by_table.py`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from partner_assets.lake import reading, sql
from partner_assets.lake.store import Lake
from partner_assets.lake.views import completed
from partner_assets.tables.table import Grain, Table

SHOWN = 10
"""How many offending rows a check shows."""

OFFENDING = "offending rows"

Shown = list[dict[str, str | None]]
"""Rows as the UI shows them: every value as text."""


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Attributes:
        passed: Whether all is well.
        description: One sentence for a person.
        metadata: Counts, and up to `SHOWN` offending rows.
    """

    passed: bool
    description: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """One check of a table.

    Attributes:
        name: Its name, a short statement that ought to be true.
        description: The same as a sentence.
        find: Looks, and says what it found.
        is_blocking: True if nothing is to be built on a table that fails it; any other check is a warning.
    """

    name: str
    description: str
    find: Callable[["Look"], Finding]
    is_blocking: bool = False


def nothing(_check: str) -> None:
    """Recall nothing."""


@dataclass(frozen=True)
class Look:
    """One run's view of a table and of what belongs to it.

    Attributes:
        table: The table that is checked.
        lake: The lake.
        tags: The run's tags, which name its partition or its range of partitions.
        connection: A DuckDB database in memory.
        read_reports: Reads what the run has reported of the table, see `reports`.
        run_id: The run.
        recall: Returns the metadata of the last result of one of the table's checks, by the check's name; empty if there
            was none, None if there was none and Dagster would not have kept it anyway.
    """

    table: Table
    lake: Lake
    tags: Mapping[str, str]
    connection: duckdb.DuckDBPyConnection
    read_reports: Callable[[], Mapping[str | None, Mapping[str, Any]]] = dict
    run_id: str = ""
    recall: Callable[[str], Mapping[str, Any] | None] = nothing

    @cached_property
    def reports(self) -> Mapping[str | None, Mapping[str, Any]]:
        """The metadata of every partition of the table that this run materialised; empty if it only checks."""
        return self.read_reports()

    @cached_property
    def as_of(self) -> list[datetime]:
        """When this run began to read each of its slices, which is also when it closed the rows that had gone."""
        return [datetime.fromtimestamp(report["as_of"], UTC) for report in self.reports.values()]

    def files(self, table: Table | None = None) -> list[Path]:
        """Return the files of a table, by default the one that is checked, that the run's partitions lie in."""
        return files_of_run(self.lake, table or self.table, self.tags)

    def everywhere(self) -> "Look":
        """Return a look at all files of the table, whichever partitions the run has."""
        return replace(self, tags={})

    def rows(self, table: Table | None = None, *, closed_too: bool = False) -> str:
        """Return, for the FROM of a query, a table's rows in the files of the run; without files there are none.

        Args:
            table: The table; by default the one that is checked.
            closed_too: True for all versions of a table with history, not only the current ones.
        """
        table = table or self.table
        files = ", ".join(sql.as_pattern(sql.text(str(file))) for file in self.files(table))
        if not files:
            columns = ", ".join(f"CAST(NULL AS {one.type.duckdb}) AS {sql.name(one.name)}" for one in table.columns)
            return f"(SELECT {columns} WHERE false)"
        current = " WHERE valid_to IS NULL" if table.keeps_history and not closed_too else ""
        is_mixed = reading.any_lacks(table, self.files(table))
        arguments = f"[{files}], hive_partitioning = false"
        source = completed(table, arguments) if is_mixed else f"read_parquet({arguments})"
        return f"(SELECT * FROM {source}{current})"

    def offenders(self, query: str, parameters: Mapping[str, Any] | None = None) -> tuple[int, Shown]:
        """Return how many rows a query finds, and the first of them in their order.

        Args:
            query: A SELECT of the rows that ought not to be.
            parameters: Values of its parameters.

        Raises:
            duckdb.Error: If a file cannot be read, or has not the columns that its table declares.
        """
        counted = f"SELECT count(*) OVER (), * FROM ({query}) ORDER BY ALL LIMIT {SHOWN}"
        found = self.connection.execute(counted, parameters)
        names = [column[0] for column in found.description[1:]]
        rows = found.fetchall()
        return (rows[0][0] if rows else 0), [shown(zip(names, row[1:], strict=True)) for row in rows]


def shown(values: Iterable[tuple[str, Any]]) -> dict[str, str | None]:
    """Return named values as texts, as the UI shows them; null stays null."""
    return {name: None if value is None else str(value) for name, value in values}


def offending(rows: Shown) -> dict[str, Any]:
    """Return the metadata that shows offending rows."""
    return {OFFENDING: dg.MetadataValue.json(rows)}


def columns(names: Sequence[str], of: str | None = None) -> str:
    """Return column names for a SELECT, with the alias of their table before each if there is one."""
    return ", ".join(f"{of}.{sql.name(name)}" if of else sql.name(name) for name in names)


def files_of_run(lake: Lake, table: Table, tags: Mapping[str, str]) -> list[Path]:
    """Return the files that a run's partitions lie in: for days of orders their months, else all of the table.

    Args:
        lake: The lake.
        table: The table.
        tags: The run's tags, which name its partition or its range of partitions.
    """
    first = tags.get("dagster/asset_partition_range_start", tags.get("dagster/partition"))
    last = tags.get("dagster/asset_partition_range_end", first)
    if table.grain is not Grain.CREATION_MONTH or first is None or last is None:
        return lake.layout.files(table)
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    folders = {lake.layout.file(table, (day,)).parent for day in days}
    # Every file there and not only our own: the views read them all, so one that somebody copied doubles its rows.
    return [file for file in lake.layout.files(table) if file.parent in folders]
