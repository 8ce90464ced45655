"""The check for fields that the API sends and no column holds: with first sight and count, and told once.

Nothing of them is lost, since `extra` keeps them. Not here: when something is told (`told_once.py`).
"""

from partner_assets.checks.look import Check, Finding, Look
from partner_assets.checks.told_once import Sight, told_once, utc
from partner_assets.lake import sql
from partner_assets.materialization.order_versions import EARLIER
from partner_assets.tables.flattening import PARENT
from partner_assets.tables.table import Table

NAME = "no_new_fields"


def new_fields(table: Table) -> list[Check]:
    """Return the check of a table whose rows come from the API."""
    if not any(column.paths for column in table.columns):
        return []
    sentence = (
        f"Every field that the API sends for {table.name} has a column; one that has none is in extra, and told once."
    )
    return [Check(NAME, sentence, no_new_fields)]


def no_new_fields(look: Look) -> Finding:
    """Check whether `extra` holds a field that nobody has been told of."""
    table = look.table
    declared = {".".join(path) for column in table.columns for path in column.paths}
    what = f"Fields of {table.name} without a column, kept in extra"
    # Of a field that has a column by now, the last row in `extra` is gone some day.
    return told_once(look, NAME, fields(look), lambda name: name in declared, what)


def fields(look: Look) -> list[Sight]:
    """Return the fields in `extra`, by first sight.

    Counted are current rows; the first sight may be that of a closed one. Where no earlier result tells of the other
    files of the table, all of them are looked at: a field is not new because a new month is.
    """
    is_current = "valid_to IS NULL" if look.table.keeps_history else "true"
    rows = look.everywhere().rows(closed_too=True) if look.recall(NAME) is None else look.rows(closed_too=True)
    query = (
        "SELECT field, min(fetched_at) AS since, count(*) FILTER (is_current) AS rows FROM ("
        f"SELECT fetched_at, {is_current} AS is_current, unnest({_paths(look.table)}) AS field "
        f"FROM {rows} WHERE extra IS NOT NULL) WHERE field <> {sql.text(EARLIER)} "
        "GROUP BY field HAVING rows > 0 ORDER BY since, field"
    )
    return [Sight(name, utc(since), count) for name, since, count in look.connection.execute(query).fetchall()]


def _paths(table: Table) -> str:
    """Return an expression for the paths of the unknown fields in `extra`.

    An object that the table knows is in `extra` only for what is unknown in it: there the path goes on.
    """
    declared = {path[:depth] for column in table.columns for path in column.paths for depth in range(1, len(path))}
    objects = sorted({(), (PARENT,), *declared})
    lists = []
    for place in objects:
        inside = "$" + "".join(f'."{name}"' for name in place)
        before = "".join(f"{name}." for name in place)
        deeper = ", ".join(sql.text(other[-1]) for other in objects if other and other[:-1] == place)
        is_known = f"list_contains([{deeper}]::VARCHAR[], name)"
        names = f"list_filter(json_keys(extra, {sql.text(inside)}), lambda name: NOT {is_known})"
        lists.append(f"coalesce(list_transform({names}, lambda name: {sql.text(before)} || name), [])")
    return f"flatten([{', '.join(lists)}])"
