"""The checks for days of orders and partitions of the catalogue that keep failing: what they say of them.

A run that fails does not come to its checks, so these are looked at from outside as well. Not here: which days and
partitions those are, and who looks when (`automation/`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from partner_assets.checks.look import SHOWN, Finding, offending, shown

NAME = "no_days_parked"
SENTENCE = "No day of orders has been asked for in vain so often that it is now tried but once a day."


PARTITIONS_NAME = "no_partitions_parked"
PARTITIONS_SENTENCE = "No partition has been asked for in vain so often that it is now tried but once a day."


@dataclass(frozen=True)
class ParkedDay:
    """A day that has been asked for in vain again and again.

    Attributes:
        day: The day of creation.
        asked_by: The sensor that asks for it.
        tries: Runs in vain.
        next_try: Not before this time.
        reason: What its last failed run said; None if there is no such run any more.
    """

    day: date
    asked_by: str
    tries: int
    next_try: datetime | None
    reason: str | None = None


def no_days_parked(parked: Sequence[ParkedDay]) -> Finding:
    """Return what the check says.

    Args:
        parked: The days; the newest are shown.
    """
    latest = sorted(parked, key=lambda one: one.day, reverse=True)[:SHOWN]
    named = _named([str(one.day) for one in latest], len(parked))
    number = "1 day keeps failing and is" if len(parked) == 1 else f"{len(parked)} days keep failing and are"
    description = (
        f"{number} tried but once a day: {named}. Mend what the reasons tell, or "
        "materialise a day by hand to see it fail; the first run that succeeds frees it."
    )
    rows = [
        shown(
            {
                "creation_date": one.day,
                "asked_by": one.asked_by,
                "tries": one.tries,
                "next_try": _minute(one.next_try),
                "reason": one.reason,
            }.items()
        )
        for one in latest
    ]
    return Finding(not parked, description if parked else "No day is parked.", offending(rows))


@dataclass(frozen=True)
class ParkedPartition:
    """A partition of the catalogue that has been asked for in vain again and again; also a whole asset that has none.

    Attributes:
        name: The partition, or the job of an asset without partitions.
        tries: Runs in vain.
        next_try: Not before this time.
        reason: What its last failed run said; None if there is no such run any more.
    """

    name: str
    tries: int
    next_try: datetime | None
    reason: str | None = None


def no_partitions_parked(parked: Sequence[ParkedPartition]) -> Finding:
    """Return what the check says.

    Args:
        parked: The partitions; the first are shown.
    """
    first = sorted(parked, key=lambda one: one.name)[:SHOWN]
    named = _named([one.name for one in first], len(parked))
    number = (
        "1 partition keeps failing and is" if len(parked) == 1 else f"{len(parked)} partitions keep failing and are"
    )
    description = (
        f"{number} tried but once a day: {named}. Mend what the reasons tell, or materialise one by hand to see it fail; "
        "the first run that succeeds frees it."
    )
    rows = [
        shown(
            {
                "partition": one.name,
                "tries": one.tries,
                "next_try": _minute(one.next_try),
                "reason": one.reason,
            }.items()
        )
        for one in first
    ]
    return Finding(not parked, description if parked else "No partition is parked.", offending(rows))


def _named(names: Sequence[str], count: int) -> str:
    more = f" and {count - len(names)} more" if count > len(names) else ""
    return f"{', '.join(names)}{more}"


def _minute(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else None
