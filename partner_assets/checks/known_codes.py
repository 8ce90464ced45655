"""The check for codes that no documented list holds, counted by column and code.

They are normal, since the vendor prints its lists only in part, and are kept as they came: a warning says that analysts
will see no label beside them. Not here: the lists (`tables/codes.py`).
"""

from partner_assets.checks.look import Check, Finding, Look, offending
from partner_assets.lake import sql
from partner_assets.tables.codes import CODE_SETS
from partner_assets.tables.table import Column, Table


def known_codes(table: Table) -> list[Check]:
    """Return the check of a table's codes, if it has any."""
    names = [column.name for column in table.columns if column.codes]
    if not names:
        return []
    return [
        Check("codes_known", f"Every code of {table.name} has a label in code_labels: {', '.join(names)}.", codes_known)
    ]


def codes_known(look: Look) -> Finding:
    """Check that every code is documented; null is none. Only current rows count in a table with history."""
    rows = look.rows()
    unknown = " UNION ALL ".join(_unknown(column, rows) for column in look.table.columns if column.codes)
    # The most frequent first: rows are shown in the order of their columns.
    query = f"SELECT -rows AS rank, * FROM ({unknown})"
    count, found = look.offenders(query)
    shown = [{name: value for name, value in row.items() if name != "rank"} for row in found]
    named = ", ".join(f"{row['column']} {row['code']} ({row['rows']} rows)" for row in shown)
    more = f" and {count - len(shown)} more" if count > len(shown) else ""
    description = f"{count} codes of {look.table.name} have no label: {named}{more}." if count else "All have a label."
    return Finding(not count, description, {"unknown codes": count, **offending(shown)})


def _unknown(column: Column, rows: str) -> str:
    """Return the query for the codes of one column that its code set lacks."""
    code = f"CAST({sql.name(column.name)} AS VARCHAR)"
    known = ", ".join(sql.text(label.code) for label in CODE_SETS[column.codes or ""])
    name = sql.text(column.name)
    return (
        f'SELECT {name} AS "column", {code} AS code, count(*) AS rows '
        f"FROM {rows} WHERE {code} NOT IN ({known}) GROUP BY ALL"
    )
