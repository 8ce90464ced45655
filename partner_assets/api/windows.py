"""Spans of time as the search for orders accepts them.

Here: pure functions that cut a span into windows, and the text of a timestamp. Not here: what is asked about a window
(`client.py`), and days as partitions (`partner_assets/partitions.py`).
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

# "Calculated time to time", says the reference: 7 times 24 hours, not seven calendar days.
CREATION_WINDOW = timedelta(days=7)
BOOKING_WINDOW = timedelta(days=7)
UPDATE_WINDOW = timedelta(days=3)

SHORTEST_WINDOW = timedelta(seconds=5)
_OVERLAP = timedelta(seconds=1)

Span = tuple[datetime, datetime]


def split(span: Span, longest: timedelta) -> Iterator[Span]:
    """Cut a span into windows, oldest first.

    Neighbours share their boundary. The reference does not say whether the ends are inclusive: an order on the boundary
    then comes twice or once, and never not at all. Oldest first, because an order that changes meanwhile moves towards
    now, into a window that is still to be read.

    Args:
        span: Start and end, both timezone-aware, the end later than the start.
        longest: Length that no window exceeds.

    Raises:
        ValueError: If a timestamp is naive, the end is not later than the start, or `longest` is not positive.
    """
    check(span)
    if longest <= timedelta(0):
        raise ValueError(f"A window must have a positive length, not {longest}.")
    start, end = (moment.astimezone(UTC) for moment in span)
    return _windows(start, end, longest)


def _windows(start: datetime, end: datetime, longest: timedelta) -> Iterator[Span]:
    while end - start > longest:
        yield start, start + longest
        start += longest
    yield start, end


def halves(window: Mapping[str, str]) -> tuple[dict[str, str], ...]:
    """Cut a window of a request in two; none for one that is too short to be cut.

    The halves overlap: were both ends of a window not part of it, an order in the very middle would be in neither.

    Args:
        window: Its `from` and `to`, as the API writes them.
    """
    start, end = (datetime.fromisoformat(window[name]) for name in ("from", "to"))
    if end - start <= SHORTEST_WINDOW:
        return ()
    middle = start + (end - start) / 2
    return (
        {"from": timestamp(start), "to": timestamp(middle + _OVERLAP)},
        {"from": timestamp(middle - _OVERLAP), "to": timestamp(end)},
    )


def check(span: Span) -> None:
    """Refuse a span that cannot be asked about.

    Args:
        span: Start and end.

    Raises:
        ValueError: If a timestamp is naive, or the end is not later than the start.
    """
    start, end = span
    for moment in span:
        if moment.utcoffset() is None:
            raise ValueError(f"{moment.isoformat()} has no timezone; give it one, for example tzinfo=UTC.")
    if end <= start:
        raise ValueError(f"The span ends at {end.isoformat()}, which is not later than its start {start.isoformat()}.")


def timestamp(moment: datetime) -> str:
    """Return the moment as the API writes it: ``2024-05-21T14:30:00Z``, with a fraction only if there is one.

    Args:
        moment: Timezone-aware.

    Raises:
        ValueError: If the moment is naive.
    """
    if moment.utcoffset() is None:
        raise ValueError(f"{moment.isoformat()} has no timezone; give it one, for example tzinfo=UTC.")
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return f"{text.rstrip('0') if '.' in text else text}Z"
