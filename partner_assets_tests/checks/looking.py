"""A check that looks at a lake which a test has filled row by row, without a run and without Dagster.

Not here: lakes that a run has filled (`damage.py`).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import duckdb

from partner_assets.checks.by_table import checks_of, found
from partner_assets.checks.look import Finding, Look
from partner_assets.checks.told_once import KNOWN
from partner_assets.lake.store import Lake
from partner_assets.tables.dictionary import TABLES_BY_NAME
from partner_assets_tests.lake.rows import NOW

HOUR = timedelta(hours=1)
DAY_LONG = timedelta(days=1)


def finding_of(
    lake: Lake, check: str, table: str, *, recalled: Finding | None = None, forgets: bool = True, **options: Any
) -> Finding:
    """Let a check look.

    Args:
        lake: Where.
        check: The check.
        table: Its table.
        recalled: Its last result.
        forgets: What an instance without a last result is like: one that keeps nothing, or one that could.
        options: `run_id` and `tags` of the run.
    """
    [wanted] = [one for one in checks_of(TABLES_BY_NAME[table]) if one.name == check]
    memory: Mapping[str, Any] | None = None if forgets else {}
    if recalled is not None:
        memory = {KNOWN: recalled.metadata[KNOWN].value}
    with duckdb.connect() as connection:
        tags: Mapping[str, str] = options.pop("tags", {})
        look = Look(TABLES_BY_NAME[table], lake, tags, connection, recall=lambda _: memory, **options)
        return found(wanted, look)


def listed(result: Any) -> dict[str, int]:
    """Return what a result lists, with the rows of each."""
    return {entry["field"]: entry["rows"] for entry in result.metadata[KNOWN].value}


def at(hours: int) -> dict[str, Any]:
    """Return the lineage of a row fetched that many hours after `NOW`."""
    return {"fetched_at": NOW + hours * HOUR}
