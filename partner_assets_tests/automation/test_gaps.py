"""The decisions of `order_gaps`, without Dagster: which missing days are asked for, which are parked, what is remembered.

Not here: the sensor itself (`test_order_gaps.py`).
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partner_assets.automation.gaps import MOST_DAYS, GapState, fill, given_up
from partner_assets.automation.wanted import PARK_AFTER, PARKED_PAUSE, Wanted

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
DAY = date(2026, 3, 4)
days = st.dates(min_value=date(2026, 1, 1), max_value=date(2026, 6, 30))
moments = st.integers(0, 10_000).map(lambda minutes: NOW + timedelta(minutes=minutes))
tried = st.dictionaries(days, st.builds(Wanted, moments, st.integers(0, 9), st.none() | moments))


@given(tried, st.integers(0, 99))
def test_the_memory_survives_its_way_through_the_cursor(entries: dict[date, Wanted], asks: int) -> None:
    """Guards against a restart of the daemon after which a hopeless day is tried all day long again."""
    memory = GapState(NOW, asks, entries)
    assert GapState.from_json(memory.to_json(), now=NOW) == memory


def test_a_cursor_of_before_is_understood() -> None:
    """Guards against an update after which the sensor fails at every tick until somebody resets it."""
    again = NOW + timedelta(hours=1)
    memory = GapState.from_json(f'{{"2026-03-04": [4, "{again.isoformat()}"]}}', now=NOW)
    assert memory == GapState(NOW, 0, {DAY: Wanted(NOW, 4, again)})
    assert GapState.from_json("{}", now=NOW) == GapState(NOW)


@pytest.mark.parametrize("cursor", ["", "1", "[]", '{"tried": 1}', '{"2026-03-04": 1}', '{"since": "x", "tried": []}'])
def test_a_cursor_that_is_none_of_ours_is_one_sentence(cursor: str) -> None:
    """Guards against an operator who edited the cursor and sees a trace, or a sensor that starts over in silence."""
    with pytest.raises(ValueError, match="cursor of order_gaps cannot be read"):
        GapState.from_json(cursor, now=NOW)


@given(tried, st.sets(days), st.sets(days))
def test_only_missing_days_that_are_due_and_not_under_way_are_asked_for_the_newest_first(
    entries: dict[date, Wanted], missing: set[date], running: set[date]
) -> None:
    """Guards against a day that is run twice at once, one that is asked for too soon, and years before yesterday."""
    after, keyed = fill(GapState(NOW, tried=entries), missing, running, now=NOW)
    asked = {day for one, _ in keyed for day in one.days}
    due = {day for day in missing - running if day not in entries or entries[day].is_due(NOW)}
    assert asked == set(sorted(due)[-MOST_DAYS:])
    assert set(after.tried) == (set(entries) & missing) | asked
    assert all(after.tried[day].tries == entries.get(day, Wanted(NOW)).tries + 1 for day in asked)


def test_a_day_that_keeps_failing_is_asked_for_ever_more_rarely_and_then_parked() -> None:
    """Guards against a broken day that is run all day long, and against one that is given up for good."""
    memory, now, keys = GapState(NOW), NOW, set[str]()
    for number in range(1, PARK_AFTER + 3):
        memory, [(one, key)] = fill(memory, {DAY}, (), now=now)
        keys.add(one.request(key).run_key or "")
        assert fill(memory, {DAY}, (), now=now)[1] == []
        assert bool(memory.parked) == (number >= PARK_AFTER)
        again = memory.tried[DAY].next_try
        assert again is not None
        if number > PARK_AFTER:
            assert again - now == PARKED_PAUSE
        now = again
    assert len(keys) == PARK_AFTER + 2
    assert fill(memory, set(), (), now=now)[0].parked == []


def test_one_day_that_ends_every_run_without_a_word_is_parked_alone() -> None:
    """Guards against a month that is never read since one document of it takes all memory."""
    bad, missing = DAY - timedelta(days=9), {DAY - timedelta(days=number) for number in range(31)}
    memory, now, runs = GapState(NOW), NOW, 0
    for _ in range(PARK_AFTER):
        memory, keyed = fill(memory, missing, (), now=now)
        runs += len(keyed)
        missing -= {day for one, _ in keyed if bad not in one.days for day in one.days}
        now += PARKED_PAUSE
    assert missing == {bad}
    assert fill(memory, missing, (), now=NOW)[0].parked == [bad]
    assert runs == 1 + 1 + 5 + 7 + 1


def test_a_day_is_given_up_when_its_last_run_before_parking_has_failed_and_not_when_it_begins() -> None:
    """Guards against a warning for a day whose last try is under way, and one that goes out while it is tried again."""
    last, later = (GapState(NOW, tried={DAY: Wanted(NOW, tries, NOW)}) for tries in (PARK_AFTER, PARK_AFTER + 1))
    assert list(given_up(last, {DAY}, ())) == [DAY]
    assert given_up(last, {DAY}, {DAY}) == {}
    assert list(given_up(later, {DAY}, {DAY})) == [DAY]
    assert given_up(later, (), ()) == {}


def test_a_tick_that_was_lost_asks_by_the_same_key_and_the_next_memory_by_another() -> None:
    """Guards against doubled runs after a crash, and against requests dropped for ever after a reset of the cursor."""
    memory = GapState(NOW, 3)
    (_, [(_, lost)]), (_, [(_, again)]) = (fill(memory, {DAY}, (), now=NOW + timedelta(minutes=n)) for n in (1, 2))
    assert lost == again
    _, [(_, other)] = fill(GapState(NOW + timedelta(days=1), 3), {DAY}, (), now=NOW)
    assert other != lost
