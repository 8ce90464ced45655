"""Checks of every table: columns as declared, key unique, nothing rejected.

The first two are blocking and look at what is on disk; the store refuses such rows before they are published, so a failure
means that something else wrote the file. Not here: what makes a record a rejected one (`tables/record.py`).
"""

import dagster as dg

from partner_assets.checks.look import SHOWN, Check, Finding, Look, columns, offending
from partner_assets.lake import reading
from partner_assets.lake.errors import ForeignFile
from partner_assets.materialization.order_tables import ORDER_TABLES
from partner_assets.tables.rejected import REJECTED
from partner_assets.tables.table import Table


def soundness(table: Table) -> list[Check]:
    """Return the checks that every table has."""
    return [
        Check(
            "columns_as_declared",
            f"Every file of {table.name} has exactly the declared columns and types, unless it is older than a column.",
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
    """Check the footers of files against the table's declaration; a column that a file is too old to have is null there."""
    files = look.files()
    problems = []
    rows = 0
    missing: dict[str, int] = {}
    for file in files:
        try:
            rows += reading.check(look.table, file)
            for name in reading.lacking(look.table, file):
                missing[name] = missing.get(name, 0) + 1
        except ForeignFile as error:
            problems.append(str(error))
    told = [f"{len(files)} files, {rows} rows."]
    told += [f"{name} is younger than {count} of them and null there." for name, count in missing.items()]
    if missing:
        by = f"partner-assets rebuild {look.table.name}" if look.table in ORDER_TABLES else "the next materialisation"
        told.append(f"To be filled by {by}.")
    description = " ".join(problems[:SHOWN] or told)
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
