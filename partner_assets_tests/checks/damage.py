"""Rows of a lake changed on purpose, through the store itself, and a check that looks at them as a run would.

Not here: files that the store would not write (`partner_assets_tests/test_checks.py`).
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import duckdb

from partner_assets.checks.by_table import checks_of, found
from partner_assets.checks.look import OFFENDING, Finding, Look
from partner_assets.lake.layout import Slice
from partner_assets.lake.store import Change
from partner_assets.tables.dictionary import TABLES_BY_NAME
from partner_assets.tables.record import Row as Values
from partner_assets_tests.materialization.site import Row, Site

AFTERWARDS = datetime(2026, 3, 5, 18, tzinfo=UTC)
"""When the damage is done: after every read of the tests."""

Reports = Mapping[str | None, Mapping[str, Any]]


def look(
    site: Site,
    check: str,
    table: str,
    *,
    tags: Mapping[str, str] | None = None,
    reports: Reports | None = None,
    recalled: Mapping[str, Any] | None = None,
) -> Finding:
    """Let one check of a table look at the lake as it is now.

    Args:
        site: Whose lake.
        check: The name of the check.
        table: The table.
        tags: The tags of the run that looks; by default it has no partitions.
        reports: What the run has reported of the table; by default nothing.
        recalled: The metadata of the check's last result; by default nobody remembers any.
    """
    [wanted] = [one for one in checks_of(TABLES_BY_NAME[table]) if one.name == check]
    with duckdb.connect() as connection:
        return found(
            wanted,
            Look(
                TABLES_BY_NAME[table],
                site.partner.lake,
                tags or {},
                connection,
                lambda: reports or {},
                recall=lambda _: recalled,
            ),
        )


def shown(finding: Any) -> list[Row]:
    """Return the rows that a finding, or the result of a check in a run, shows."""
    value = finding.metadata[OFFENDING].value
    assert isinstance(value, list)
    return value


def change(site: Site, table: str, changed: Callable[[Row], Row | None]) -> None:
    """Write a table's current rows anew, each as a function returns it; None leaves the row out.

    A table with history closes what is left out or differs, as it would after a read.
    """
    declared = TABLES_BY_NAME[table]
    slices: dict[Slice, list[Values]] = {}
    for row in site.partner.lake.read(declared).to_pylist():
        rows = slices.setdefault(tuple(row[name] for name in declared.slice_by), [])
        if row.get("valid_to") is None and (kept := changed(row)):
            rows.append(tuple(kept[name] for name in declared.column_names))
    rows = [row for each in slices.values() for row in each]
    as_of = dict.fromkeys(slices, AFTERWARDS)
    site.partner.lake.replace([Change(declared, list(slices), rows, as_of=as_of)], lineage={"run_id": "damage"})


def leave_out(site: Site, table: str, **equal: object) -> None:
    """Take the rows that hold some values away."""
    change(site, table, lambda row: None if all(row[name] == value for name, value in equal.items()) else row)


def put(site: Site, table: str, where: Mapping[str, object], **values: object) -> None:
    """Write other values into the rows that hold some values."""
    change(
        site,
        table,
        lambda row: {**row, **values} if all(row[name] == value for name, value in where.items()) else row,
    )
