"""Asset checks, generated from the tables: columns as declared, key unique and whole, nothing rejected.

The first two are blocking and look at what is on disk; the store refuses such rows before they are published, so a failure
means that something else wrote the file. Not here: what makes a record a rejected one (`tables/record.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import duckdb
from dagster import AssetCheckExecutionContext

from partner_assets.lake import parquet, sql
from partner_assets.lake.errors import ForeignFile
from partner_assets.lake.store import Lake
from partner_assets.resources import Partner
from partner_assets.tables.dictionary import TABLES
from partner_assets.tables.rejected import REJECTED
from partner_assets.tables.table import Grain, Table

SHOWN = 10
"""How many offending rows a check shows."""


def table_checks() -> list[dg.AssetChecksDefinition]:
    """Return the checks of every table that is an asset."""
    return [_checks_of(table) for table in TABLES if table is not REJECTED]


def _checks_of(table: Table) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(
        name=f"{table.name}_checks",
        specs=[
            dg.AssetCheckSpec(
                "columns_as_declared",
                asset=table.name,
                blocking=True,
                description=f"Every file of {table.name} has exactly the declared columns and types.",
            ),
            dg.AssetCheckSpec(
                "key_is_unique",
                asset=table.name,
                blocking=True,
                description=f"No two rows of {table.name} have the same {', '.join(table.row_key)}.",
            ),
            dg.AssetCheckSpec(
                "nothing_rejected",
                asset=table.name,
                description=f"Every record that the API sent for {table.name} became a row; others are in rejected.",
            ),
        ],
    )
    def checks(
        context: AssetCheckExecutionContext, partner: dg.ResourceParam[Partner]
    ) -> Iterator[dg.AssetCheckResult]:
        files = files_of_run(partner.lake, table, context.run.tags)
        yield columns_as_declared(table, files)
        yield key_is_unique(table, files)
        yield nothing_rejected(table, partner.lake)

    return checks


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


def columns_as_declared(table: Table, files: Sequence[Path]) -> dg.AssetCheckResult:
    """Check the footers of files against the table's declaration."""
    problems = []
    rows = 0
    for file in files:
        try:
            rows += parquet.check(table, file)
        except ForeignFile as error:
            problems.append(str(error))
    return dg.AssetCheckResult(
        passed=not problems,
        asset_key=table.name,
        check_name="columns_as_declared",
        description=" ".join(problems[:SHOWN]) or f"{len(files)} files, {rows} rows.",
        metadata={"files": len(files), "rows": rows},
    )


def key_is_unique(table: Table, files: Sequence[Path]) -> dg.AssetCheckResult:
    """Check that no two rows of files have the same key."""
    twice: list[dict[str, str]] = []
    if files:
        keys = ", ".join(sql.name(name) for name in table.row_key)
        counted = f"SELECT {keys}, count(*) AS rows FROM read_parquet($files)"  # noqa: S608 - names of our own tables
        with duckdb.connect() as connection:
            found = connection.execute(
                f"{counted} GROUP BY ALL HAVING rows > 1 LIMIT {SHOWN}", {"files": [str(file) for file in files]}
            )
            twice = [dict(zip((*table.row_key, "rows"), map(str, row), strict=True)) for row in found.fetchall()]
    return dg.AssetCheckResult(
        passed=not twice,
        asset_key=table.name,
        check_name="key_is_unique",
        description=f"Some keys of {table.name} stand more than once." if twice else f"Looked at {len(files)} files.",
        metadata={"offending rows": dg.MetadataValue.json(twice)},
    )


def nothing_rejected(table: Table, lake: Lake) -> dg.AssetCheckResult:
    """Check that no record meant for the table lies in `rejected`; a warning, since the rest is good."""
    rows = [row for row in lake.read(REJECTED).to_pylist() if row["table_name"] == table.name]
    shown = [{name: str(row[name]) for name in ("slice", "reason", "record")} for row in rows[:SHOWN]]
    return dg.AssetCheckResult(
        passed=not rows,
        severity=dg.AssetCheckSeverity.WARN,
        asset_key=table.name,
        check_name="nothing_rejected",
        description=f"{len(rows)} records could not become rows of {table.name}." if rows else "None.",
        metadata={"rejected": len(rows), "offending records": dg.MetadataValue.json(shown)},
    )
