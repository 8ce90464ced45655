"""What the headers of an answer say about when to come back.

Here: reading the numbers, and refusing the absurd ones. Not here: acting on them (`pacing.py` before a request,
`retry.py` after a failed one).
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import mktime_tz, parsedate_tz

# A quota per day is the longest in use anywhere; GitHub's habit of sending an epoch in Reset must not mean 55 years.
LONGEST_WINDOW_SECONDS = 2 * 86_400.0
_LARGEST_QUOTA = 10**12
_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{0,15})?")
_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [12][0-9]{3} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT")


@dataclass(frozen=True)
class Quota:
    """The rate headers of one answer; None where a header was absent or absurd.

    Args:
        limit: Requests allowed in the current window.
        remaining: Requests left in it.
        reset_seconds: Seconds until it ends.
    """

    limit: int | None
    remaining: int | None
    reset_seconds: float | None


def read_quota(headers: Mapping[str, str]) -> Quota:
    """Return what ``X-RateLimit-Limit``, ``-Remaining`` and ``-Reset`` say.

    Args:
        headers: Headers of an answer, looked up without regard to case.
    """
    limit = _number(headers.get("X-RateLimit-Limit"), largest=_LARGEST_QUOTA)
    remaining = _number(headers.get("X-RateLimit-Remaining"), largest=_LARGEST_QUOTA)
    return Quota(
        limit=int(limit) if limit else None,
        remaining=None if remaining is None else int(remaining),
        reset_seconds=_number(headers.get("X-RateLimit-Reset"), largest=LONGEST_WINDOW_SECONDS),
    )


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that ``Retry-After`` asks for, in either of its two forms (RFC 9110, 10.2.3).

    Args:
        headers: Headers of an answer.
    """
    text = headers.get("Retry-After")
    if text is None:
        return None
    seconds = _number(text, largest=LONGEST_WINDOW_SECONDS)
    if seconds is not None:
        return seconds
    until = _epoch(text)
    if until is None:
        return None
    # Both dates come from the server's clock, so their difference is right even where ours is not.
    since = _epoch(headers.get("Date") or "")
    return min(max(until - (time.time() if since is None else since), 0.0), LONGEST_WINDOW_SECONDS)


def _number(text: str | None, *, largest: float) -> float | None:
    if text is None or not _NUMBER.fullmatch(text.strip()):
        return None
    number = float(text)
    return number if number <= largest else None


def _epoch(text: str) -> float | None:
    parts = parsedate_tz(text) if _HTTP_DATE.fullmatch(text.strip()) else None
    return None if parts is None else float(mktime_tz(parts))
