"""Cutting spans of time: no gap, nothing too long."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partner_assets.api.windows import CREATION_WINDOW, split, timestamp

MOMENTS = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=7000)).map(
    lambda age: datetime(2015, 1, 1, tzinfo=UTC) + age
)
LENGTHS = st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=800))
LIMITS = st.sampled_from([timedelta(days=3), timedelta(days=7)])


@given(start=MOMENTS, length=LENGTHS, longest=LIMITS)
def test_windows_cover_the_span_without_a_gap(start: datetime, length: timedelta, longest: timedelta) -> None:
    """Guards against an order that falls between two windows."""
    windows = list(split((start, start + length), longest))
    assert windows[0][0] == start
    assert windows[-1][1] == start + length
    assert all(before[1] == after[0] for before, after in pairwise(windows))


@given(start=MOMENTS, length=LENGTHS, longest=LIMITS)
def test_no_window_is_longer_than_allowed_or_empty(start: datetime, length: timedelta, longest: timedelta) -> None:
    """Guards against a 400 for a window of seven days and a microsecond, or of nothing."""
    assert all(timedelta(0) < end - begin <= longest for begin, end in split((start, start + length), longest))


def test_exactly_seven_days_are_one_window() -> None:
    """Guards against an off-by-one that doubles the requests of every week."""
    start = datetime(2025, 4, 1, 1, 30, tzinfo=UTC)
    assert len(list(split((start, start + timedelta(days=7)), CREATION_WINDOW))) == 1


def test_a_local_day_of_summer_time_is_asked_for_in_utc() -> None:
    """Guards against local time sent with a Z behind it."""
    start = datetime(2025, 4, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    ((begin, _),) = split((start, start + timedelta(days=1)), CREATION_WINDOW)
    assert timestamp(begin) == "2025-04-01T00:00:00Z"


def test_a_naive_moment_is_refused() -> None:
    """Guards against a span that means another day on another computer."""
    naive = datetime(2025, 4, 1)  # noqa: DTZ001 - the point of the test
    with pytest.raises(ValueError, match="has no timezone"):
        split((naive, datetime(2025, 4, 2, tzinfo=UTC)), CREATION_WINDOW)
    with pytest.raises(ValueError, match="has no timezone"):
        timestamp(naive)


def test_a_span_that_does_not_end_after_its_start_is_refused() -> None:
    """Guards against a search of nothing that looks like an empty result."""
    moment = datetime(2025, 4, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="not later than its start"):
        split((moment, moment), CREATION_WINDOW)


def test_a_timestamp_has_a_fraction_only_if_there_is_one() -> None:
    """Guards against a form of timestamp that the API does not show."""
    assert timestamp(datetime(2024, 5, 21, 14, 30, tzinfo=UTC)) == "2024-05-21T14:30:00Z"
    assert timestamp(datetime(2024, 5, 21, 14, 30, 0, 250000, tzinfo=UTC)) == "2024-05-21T14:30:00.25Z"
    assert timestamp(datetime(2024, 5, 21, 14, 30, 10, tzinfo=UTC)) == "2024-05-21T14:30:10Z"
