"""The check for codes that no documented list holds, counted by column and code.

They are normal, since the vendor prints its lists only in part, and are kept as they came: a warning says once that
analysts will see no label beside them. Not here: the lists (`tables/codes.py`).
"""

from collections.abc import Callable

from partner_assets.checks.look import SHOWN, Check, Finding, Look, offending, shown
from partner_assets.checks.told_once import Sight, told_once, utc
from partner_assets.lake import sql
from partner_assets.tables.codes import CODE_SETS
from partner_assets.tables.table import Column, Table

NAME = "codes_known"


def known_codes(table: Table) -> list[Check]:
    """Return the check of a table's codes, if it has any."""
    names = [column.name for column in table.columns if column.codes]
    if not names:
        return []
    sentence = f"Every code of {table.name} has a label in code_labels, or was told once: {', '.join(names)}."
    return [Check(NAME, sentence, codes_known)]


def codes_known(look: Look) -> Finding:
    """Check that every code is documented or told; null is none. Only current rows count in a table with history."""
    rows = look.rows()
    queries = " UNION ALL ".join(_unknown(column, rows) for column in look.table.columns if column.codes)
    # The most frequent first.
    found = look.connection.execute(f'SELECT * FROM ({queries}) ORDER BY rows DESC, "column", code').fetchall()
    sights = [Sight(f"{column} {code}", utc(since), count) for column, code, count, since in found]
    told = told_once(look, NAME, sights, _has_label(look.table), "Codes without a label")
    first = [shown(zip(("column", "code", "rows"), one[:3], strict=True)) for one in found[:SHOWN]]
    named = ", ".join(f"{row['column']} {row['code']} ({row['rows']} rows)" for row in first)
    more = f" and {len(found) - len(first)} more" if len(found) > len(first) else ""
    description = f"{len(found)} codes of {look.table.name} have no label: {named}{more}."
    metadata = {**told.metadata, "unknown codes": len(found), **offending(first)}
    return Finding(told.passed, description if found else "All have a label.", metadata)


def _has_label(table: Table) -> Callable[[str], bool]:
    coded = [column for column in table.columns if column.codes]
    labels = {f"{column.name} {label.code}" for column in coded for label in CODE_SETS[column.codes or ""]}
    return labels.__contains__


def _unknown(column: Column, rows: str) -> str:
    """Return the query for the codes of one column that its code set lacks."""
    code = f"CAST({sql.name(column.name)} AS VARCHAR)"
    known = ", ".join(sql.text(label.code) for label in CODE_SETS[column.codes or ""])
    name = sql.text(column.name)
    return (
        f'SELECT {name} AS "column", {code} AS code, count(*) AS rows, min(fetched_at) AS since '
        f"FROM {rows} WHERE {code} NOT IN ({known}) GROUP BY ALL"
    )
