"""What time it is in the sandbox (the machine's clock, or a frozen one), and timestamps as integers and as text.

Moments are microseconds since 1970 in UTC. Not here: what happens at which time.
"""

import re
import time
from datetime import UTC, date, datetime, timedelta

SECOND = 1_000_000
DAY = 86_400 * SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|[+-]00:00)", re.ASCII)


class Clock:
    """The sandbox's clock.

    Args:
        frozen_at: Stop the clock at this moment; without it, the machine's clock is used.
    """

    def __init__(self, frozen_at: datetime | None = None) -> None:
        self._frozen = None if frozen_at is None else moment_of(frozen_at)

    @property
    def is_frozen(self) -> bool:
        """Whether time stands still until it is set."""
        return self._frozen is not None

    def now(self) -> int:
        """Return the moment it is now."""
        return time.time_ns() // 1000 if self._frozen is None else self._frozen

    def set(self, moment: int) -> None:
        """Freeze the clock at a moment."""
        self._frozen = moment


def moment_of(when: datetime) -> int:
    """Return a timezone-aware datetime as a moment.

    Raises:
        ValueError: If the datetime has no timezone.
    """
    if when.tzinfo is None:
        raise ValueError(f"The sandbox's clock needs a datetime with a timezone, for example {when.isoformat()}+00:00.")
    return (when - _EPOCH) // timedelta(microseconds=1)


def day_of(moment: int) -> int:
    """Return the day, counted from 1970-01-01, that a moment falls on in UTC."""
    return moment // DAY


def day_number(day: date) -> int:
    """Return a calendar day as days since 1970-01-01."""
    return day.toordinal() - _EPOCH_ORDINAL


def date_text(day: int) -> str:
    """Write a day, counted from 1970-01-01, as ``YYYY-MM-DD``."""
    return date.fromordinal(day + _EPOCH_ORDINAL).isoformat()


def timestamp_text(moment: int) -> str:
    """Write a moment as the API does: with no fraction, with three digits of it, or with six, whichever is exact."""
    day, rest = divmod(moment, DAY)
    seconds, fraction = divmod(rest, SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    head = f"{date_text(day)}T{hour:02d}:{minute:02d}:{second:02d}"
    if not fraction:
        return head + "Z"
    return f"{head}.{fraction // 1000:03d}Z" if fraction % 1000 == 0 else f"{head}.{fraction:06d}Z"


def parse_timestamp(text: object) -> int | None:
    """Return the moment that an ISO 8601 timestamp in UTC names, or None for anything else."""
    match = _TIMESTAMP.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    try:
        whole = datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment_of(whole) + int((match[2] or "0").ljust(6, "0")[:6])
