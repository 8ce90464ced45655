"""The check for days of orders that keep failing: what it says of them.

A run whose day fails does not come to its checks, so this one is looked at from outside as well. Not here: which days
those are, and who looks when (`automation/parked_days_report.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from partner_assets.checks.look import SHOWN, Finding, offending, shown

NAME = "no_days_parked"
SENTENCE = "No day of orders has been asked for in vain so often that it is now tried but once a day."


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
    named = ", ".join(str(one.day) for one in latest)
    more = f" and {len(parked) - len(latest)} more" if len(parked) > len(latest) else ""
    description = (
        f"{len(parked)} days keep failing and are tried but once a day: {named}{more}. Mend what the reasons tell, or "
        "materialise a day by hand to see it fail; the first run that succeeds frees it."
    )
    rows = [
        shown(
            {
                "creation_date": one.day,
                "asked_by": one.asked_by,
                "tries": one.tries,
                "next_try": f"{one.next_try:%Y-%m-%d %H:%M}" if one.next_try else None,
                "reason": one.reason,
            }.items()
        )
        for one in latest
    ]
    return Finding(not parked, description if parked else "No day is parked.", offending(rows))
