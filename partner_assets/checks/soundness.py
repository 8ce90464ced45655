"""Checks of every table: columns as declared, key unique, nothing rejected.

The first two are blocking and look at what is on disk; the store refuses such rows before they are published, so a failure
means that something else wrote the file. Not here: what makes a record a rejected one (`tables/record.py`).
"""

import dagster as dg

from partner_assets.checks.look import SHOWN, Check, Finding, Look, columns, offending
from partner_assets.lake import parquet
from partner_assets.lake.errors import ForeignFile
from partner_assets.tables.rejected import REJECTED
from partner_assets.tables.table import Table


def soundness(table: Table) -> list[Check]:
    """Return the checks that every table has."""
    return [
        Check(
            "columns_as_declared",
            f"Every file of {table.name} has exactly the declared columns and types.",
            columns_as_declared,
            is_blocking=True,
        ),
        Check(
            "key_is_unique",
            f"No two rows of {table.name} have the same {', '.join(table.row_key)}.",
            key_is_unique,
            is_blocking=True,
        ),
        Check(
            "nothing_rejected",
            f"Every record that the API sent for {table.name} became a row; others are in rejected.",
            nothing_rejected,
        ),
    ]


def columns_as_declared(look: Look) -> Finding:
    """Check the footers of files against the table's declaration."""
    files = look.files()
    problems = []
    rows = 0
    for file in files:
        try:
            rows += parquet.check(look.table, file)
        except ForeignFile as error:
            problems.append(str(error))
    description = " ".join(problems[:SHOWN]) or f"{len(files)} files, {rows} rows."
    return Finding(not problems, description, {"files": len(files), "rows": rows})


def key_is_unique(look: Look) -> Finding:
    """Check that no two rows of files have the same key."""
    keys = columns(look.table.row_key)
    rows = look.rows(closed_too=True)
    query = f"SELECT {keys}, count(*) AS rows FROM {rows} GROUP BY ALL HAVING rows > 1"
    count, twice = look.offenders(query)
    description = f"{count} keys of {look.table.name} stand more than once." if count else "None stands twice."
    return Finding(not count, description, offending(twice))


def nothing_rejected(look: Look) -> Finding:
    """Check that no record meant for the table lies in `rejected`; a warning, since the rest is good."""
    name = look.table.name
    rows = [row for row in look.lake.read(REJECTED).to_pylist() if row["table_name"] == name]
    shown = [{column: str(row[column]) for column in ("slice", "reason", "record")} for row in rows[:SHOWN]]
    description = f"{len(rows)} records could not become rows of {name}." if rows else "None."
    return Finding(not rows, description, {"rejected": len(rows), "offending records": dg.MetadataValue.json(shown)})
