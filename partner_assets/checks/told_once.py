"""Drift that the operator is told of once: by the first result after it was seen. Later results pass, and list it.

A warning that stands there for ever is read by nobody. What has been told is in the check's own last result, which Dagster
keeps: a run that was lost, or did not come to its checks, has told nothing, and the next one does. An instance that keeps
nothing (the shell without `DAGSTER_HOME`) is told what is younger than a day. Not here: what drift is (`new_fields.py`,
`vanished_columns.py`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from partner_assets.checks.look import SHOWN, Finding, Look

YOUNG = timedelta(days=1)

LISTED = 100
"""How many a result lists, and so remembers, at most."""

KNOWN = "known"
"""The name of that list in a result's metadata."""


@dataclass(frozen=True)
class Sight:
    """Something that rows show.

    Attributes:
        name: The field, or the column.
        since: When the first row was fetched that shows it, UTC.
        rows: How many show it, of those that were looked at.
    """

    name: str
    since: datetime
    rows: int

    def __str__(self) -> str:
        return f"{self.name} (since {self.since:%Y-%m-%d %H:%M}, {self.rows} rows)"


def told_once(look: Look, check: str, sights: Iterable[Sight], is_over: Callable[[str], bool], what: str) -> Finding:
    """Return what a check says: a warning if something is news, and the list of all that is known.

    Args:
        look: The look.
        check: The check's name.
        sights: What its rows show.
        is_over: Tells whether something that was known, and is not among the sights, is no more; else it stays listed,
            since a run sees only its own files.
        what: What all of them are, to be followed by their names.
    """
    last = look.recall(check)
    told = _listed(last or {})
    known = {name: one for name, one in told.items() if not is_over(name)}
    news = []
    for one in sights:
        if one.name in told:
            known[one.name] = replace(one, since=min(one.since, told[one.name].since))
            continue
        known[one.name] = one
        if last is not None or one.since > _newest(look) - YOUNG:
            news.append(one)
    listed = sorted(known.values(), key=lambda one: (one.since, one.name))[-LISTED:]
    metadata = {"new": len(news), KNOWN: dg.MetadataValue.json([_shown(look, one) for one in listed])}
    if news:
        return Finding(False, f"{what}: {_named(news)}. This is said once.", metadata)
    return Finding(True, f"Nothing new. {what}: {_named(listed)}." if listed else "None.", metadata)


def _named(sights: list[Sight]) -> str:
    more = f" and {len(sights) - SHOWN} more" if len(sights) > SHOWN else ""
    return ", ".join(map(str, sights[:SHOWN])) + more


def _shown(look: Look, one: Sight) -> dict[str, Any]:
    return {"where": look.table.name, "field": one.name, "first seen": one.since.isoformat(), "rows": one.rows}


def _listed(result: Mapping[str, Any]) -> dict[str, Sight]:
    """Return what an earlier result listed, by name."""
    return {
        one["field"]: Sight(one["field"], datetime.fromisoformat(one["first seen"]), one["rows"])
        for one in result.get(KNOWN, ())
    }


def _newest(look: Look) -> datetime:
    """Return when the newest row was fetched; only asked for where there is one."""
    newest = f"SELECT max(fetched_at) FROM {look.rows(closed_too=True)}"
    [(moment,)] = look.connection.execute(newest).fetchall()
    return utc(moment)


def utc(moment: datetime) -> datetime:
    """Return a time as DuckDB gives it, in the time zone of its session, in UTC."""
    return moment.astimezone(UTC)
