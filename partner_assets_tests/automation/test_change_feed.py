"""The decisions of `order_changes`, without Dagster: what gets on the list, what takes it off, what is asked for.

Not here: the sensor itself (`test_order_changes.py`).
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partner_assets.automation.change_feed import (
    MOST_RUNS,
    OVERLAP,
    Change,
    DirtyDay,
    Facts,
    FeedState,
    given_up,
    noticed,
    proven,
    requested,
    unasked,
    unseen,
)
from partner_assets.automation.day_ranges import contiguous
from partner_assets.automation.wanted import PARK_AFTER, PARKED_PAUSE
from partner_assets.partitions import LONGEST_RANGE

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
DAY = date(2026, 3, 4)
FIRST = date(2026, 1, 1)
SINCE = datetime(2026, 3, 1, tzinfo=UTC)
days = st.dates(min_value=date(2026, 1, 1), max_value=date(2026, 6, 30))
moments = st.integers(0, 63 * 86_400).map(lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))


def state(**fields: DirtyDay) -> FeedState:
    """Return a memory in which 4 March is dirty."""
    mark = NOW - timedelta(hours=1)
    return FeedState(mark, dirty={DAY: fields.get("entry", DirtyDay(NOW, need=NOW))}, since=SINCE)


entries = st.builds(
    DirtyDay, moments, st.integers(0, 9), st.none() | moments, need=moments, unread_since=st.none() | moments
)


@given(st.dictionaries(days, entries), moments)
def test_the_memory_survives_its_way_through_the_cursor(dirty: dict[date, DirtyDay], mark: datetime) -> None:
    """Guards against a restart of the daemon that forgets a changed day."""
    memory = FeedState(mark, dirty=dirty, recent={"PO_1": mark}, is_caught_up=False, since=NOW, asks=7)
    assert FeedState.from_json(memory.to_json()) == memory


@pytest.mark.parametrize("cursor", ["", "{}", "[]", "1", '{"mark": 1, "window": 1, "dirty": {}, "recent": {}}'])
def test_a_cursor_that_is_none_of_ours_is_one_sentence(cursor: str) -> None:
    """Guards against an operator who edited the cursor and sees a trace, or a sensor that starts over in silence."""
    with pytest.raises(ValueError, match="cursor of order_changes cannot be read"):
        FeedState.from_json(cursor)


def test_a_cursor_of_before_is_understood() -> None:
    """Guards against an update after which the sensor fails at every tick until somebody resets it."""
    at = NOW.isoformat()
    cursor = f'{{"mark": "{at}", "window": 60, "dirty": {{"2026-03-04": ["{at}", "{at}", 2, null]}}, "recent": {{}}}}'
    dirty = {DAY: DirtyDay(NOW, 2, need=NOW)}
    assert FeedState.from_json(cursor) == FeedState(NOW, timedelta(minutes=1), dirty, since=NOW)


changes = st.builds(Change, order=st.sampled_from(["PO_1", "PO_2", "PO_3"]), day=days, updated=moments)


@given(st.lists(changes))
def test_every_changed_day_is_on_the_list_with_its_newest_update(told: list[Change]) -> None:
    """Guards against a change that is read and forgotten."""
    memory = noticed(FeedState(NOW, since=SINCE), told, {}, now=NOW)
    assert {day: entry.need for day, entry in memory.dirty.items()} == {
        one.day: max(other.updated for other in told if other.day == one.day) for one in told
    }


def test_a_day_before_the_first_of_all_is_nobodys_business() -> None:
    """Guards against requests for partitions that do not exist, which would fail the tick for ever."""
    assert unseen(FeedState(NOW, since=SINCE), [Change("PO_1", date(2025, 12, 31), NOW)], first=FIRST) == []


def test_a_change_that_the_overlap_shows_again_is_not_asked_for_again() -> None:
    """Guards against a day that is run at every tick for as long as its change is within the overlap."""
    told = [Change("PO_1", DAY, NOW)]
    memory = proven(noticed(FeedState(NOW, since=SINCE), told, {}, now=NOW), Facts({DAY: NOW + timedelta(minutes=1)}))
    assert memory.dirty == {}
    assert unseen(memory, told, first=FIRST) == []
    later = [Change("PO_1", DAY, NOW + timedelta(seconds=1))]
    assert unseen(memory, later, first=FIRST) == later


def test_an_order_that_the_lake_has_in_this_state_is_not_asked_for() -> None:
    """Guards against a daemon that, at its first tick, asks again for everything that was loaded before it."""
    told = [Change("PO_1", DAY, NOW)]
    assert noticed(FeedState(NOW, since=SINCE), told, {"PO_1": NOW}, now=NOW).dirty == {}
    assert list(noticed(FeedState(NOW, since=SINCE), told, {"PO_1": NOW - timedelta(seconds=1)}, now=NOW).dirty) == [
        DAY
    ]


def test_a_newer_order_of_the_day_does_not_prove_an_older_change() -> None:
    """Guards against an update that appears in the feed after a later one of the same day, and is never asked for."""
    late = [Change("PO_A", DAY, NOW - timedelta(minutes=5))]
    assert list(noticed(FeedState(NOW, since=SINCE), late, {"PO_B": NOW}, now=NOW).dirty) == [DAY]


@given(st.lists(changes), moments)
def test_the_memory_of_recent_orders_is_no_longer_than_the_overlap(told: list[Change], mark: datetime) -> None:
    """Guards against a cursor that grows with every order that ever changed."""
    memory = noticed(FeedState(mark, since=SINCE), told, {}, now=NOW)
    assert all(updated > mark - 2 * OVERLAP for updated in memory.recent.values())


def test_a_newer_change_moves_what_is_needed_and_leaves_the_tries() -> None:
    """Guards against a day that fails every time and is run at every tick, and never shown, since its orders go on changing."""
    tired = state(entry=DirtyDay(NOW, PARK_AFTER, NOW + PARKED_PAUSE, need=NOW))
    later = NOW + timedelta(minutes=9)
    memory = noticed(tired, [Change("PO_1", DAY, later)], {}, now=later)
    assert memory.dirty[DAY] == DirtyDay(later, PARK_AFTER, NOW + PARKED_PAUSE, need=later, unread_since=NOW)
    assert memory.parked == [DAY]


def test_a_day_that_changes_during_each_of_its_runs_is_never_parked() -> None:
    """Guards against the busiest day of all being parked for a day, although every one of its runs succeeds."""
    memory, now, asked, read_at = FeedState(NOW, since=SINCE), NOW, 0, NOW - timedelta(hours=1)
    for number in range(4 * PARK_AFTER):
        memory = noticed(memory, [Change(f"PO_{number}", DAY, now)], {}, now=now)
        # The run of the last tick has ended, and began before this change.
        facts = Facts(read_at={DAY: read_at})
        memory, keyed = requested(proven(memory, facts), facts, now=now)
        asked += len(keyed)
        read_at, now = now + timedelta(seconds=5), now + timedelta(seconds=30)
    assert asked == 4 * PARK_AFTER
    assert memory.dirty[DAY].tries == 1


def test_one_read_forgives_the_tries_before_it_and_not_those_after_it() -> None:
    """Guards against a day that is never parked, because it was read once before it began to fail."""
    facts = Facts(read_at={DAY: NOW - timedelta(seconds=1)})
    memory, now = noticed(FeedState(NOW, since=SINCE), [Change("PO_1", DAY, NOW)], {}, now=NOW), NOW
    for number in range(100):
        now += timedelta(minutes=10)
        memory = noticed(memory, [Change(f"PO_{number}", DAY, now)], {}, now=now)
        if number == 2:
            facts = Facts(read_at={DAY: now - timedelta(minutes=5)})
        memory = FeedState.from_json(memory.to_json())
        memory, _ = requested(proven(memory, facts), facts, now=now)
        if number == 2:
            assert memory.dirty[DAY].tries == 1
    assert memory.parked == [DAY]


def test_days_to_be_asked_for_at_once_are_those_neither_under_way_nor_pausing_nor_parked() -> None:
    """Guards against missing days that wait for changes which nobody is about to ask for."""
    pausing, parked = DAY - timedelta(days=1), DAY - timedelta(days=2)
    memory = state()
    dirty = {
        **memory.dirty,
        pausing: DirtyDay(NOW, 1, NOW + timedelta(minutes=2), need=NOW),
        parked: DirtyDay(NOW, PARK_AFTER, NOW, need=NOW),
    }
    memory = replace(memory, dirty=dirty)
    assert unasked(memory, Facts(), now=NOW) == {DAY}
    assert unasked(memory, Facts(running=[DAY]), now=NOW) == set()
    assert unasked(memory, Facts(), now=NOW + timedelta(minutes=2)) == {DAY, pausing}
    assert unasked(memory, Facts({DAY: NOW + timedelta(seconds=1)}), now=NOW) == set()


@pytest.mark.parametrize(
    ("facts", "is_proven"),
    [
        (Facts(), False),
        (Facts(read_at={DAY: NOW}), False),
        (Facts(read_at={DAY: NOW + timedelta(microseconds=1)}), True),
        (Facts(running=[DAY]), False),
    ],
)
def test_only_proof_takes_a_day_off_the_list(facts: Facts, is_proven: bool) -> None:
    """Guards against a run that merely ended, or began too early, being taken for the change having arrived."""
    assert (DAY not in proven(state(), facts).dirty) == is_proven


def test_a_day_that_is_being_run_is_not_asked_for_twice() -> None:
    """Guards against double work beside a person's own backfill."""
    memory, keyed = requested(state(), Facts(running=[DAY]), now=NOW)
    assert (keyed, memory) == ([], state())


def test_a_day_that_keeps_failing_is_asked_for_ever_more_rarely_and_then_parked() -> None:
    """Guards against a broken day that is run all day long, and against one that is given up for good."""
    memory, now, waits = state(), NOW, []
    for _ in range(PARK_AFTER + 2):
        memory, keyed = requested(memory, Facts(), now=now)
        assert len(keyed) == 1
        assert requested(memory, Facts(), now=now)[1] == []
        next_try = memory.dirty[DAY].next_try
        assert next_try is not None
        waits.append(next_try - now)
        now = next_try
    assert waits == sorted(waits)
    assert waits[-3:] == [PARKED_PAUSE] * 3
    assert memory.parked == [DAY]


def test_one_day_that_ends_every_run_without_a_word_is_parked_alone() -> None:
    """Guards against a month of changes that never arrive since one document of it takes all memory."""
    bad, days = DAY - timedelta(days=9), [DAY - timedelta(days=number) for number in range(31)]
    memory, now = FeedState(NOW, dirty={day: DirtyDay(NOW, need=NOW) for day in days}, since=SINCE), NOW
    for _ in range(6 * PARK_AFTER):
        memory, keyed = requested(memory, Facts(), now=now)
        read = {day: now + timedelta(seconds=1) for one, _ in keyed if bad not in one.days for day in one.days}
        memory = proven(memory, Facts(read_at=read))
        now += timedelta(hours=2)
    assert list(memory.dirty) == memory.parked == [bad]


def test_a_day_is_given_up_when_its_last_run_before_parking_has_failed_and_not_when_it_begins() -> None:
    """Guards against a warning for a day whose last try is under way or has succeeded, and for one that is proven."""
    parked = state(entry=DirtyDay(NOW, PARK_AFTER, NOW, need=NOW))
    assert list(given_up(parked, Facts())) == [DAY]
    assert given_up(parked, Facts(running=[DAY])) == {}
    assert given_up(parked, Facts(read_at={DAY: NOW + timedelta(minutes=1)})) == {}
    assert given_up(state(), Facts()) == {}
    longer = state(entry=DirtyDay(NOW, PARK_AFTER + 1, NOW, need=NOW))
    assert list(given_up(longer, Facts(running=[DAY]))) == [DAY]


def test_a_change_told_late_is_asked_for_by_a_key_of_its_own() -> None:
    """Guards against a request that Dagster drops for ever, since the day was asked for with a newer update before."""
    memory = noticed(FeedState(NOW, since=SINCE), [Change("PO_1", DAY, NOW)], {}, now=NOW)
    memory, [(_, first)] = requested(memory, Facts(), now=NOW)
    memory = noticed(memory, [Change("PO_2", DAY, NOW - timedelta(seconds=1))], {}, now=NOW)
    memory, [(_, second)] = requested(memory, Facts(), now=NOW + timedelta(hours=1))
    memory = proven(memory, Facts({DAY: NOW + timedelta(minutes=1)}))
    memory = noticed(memory, [Change("PO_3", DAY, NOW)], {}, now=NOW)
    _, [(_, third)] = requested(memory, Facts(), now=NOW)
    assert len({first, second, third}) == 3


@given(st.sets(days))
def test_days_become_as_few_ranges_as_their_length_allows(some: set[date]) -> None:
    """Guards against a day that falls between two runs, and against a run of a whole year."""
    ranges = contiguous(some)
    assert [day for one in ranges for day in one.days] == sorted(some)
    assert all(len(one.days) <= LONGEST_RANGE for one in ranges)
    for one, other in pairwise(ranges):
        assert other.first - one.last > timedelta(days=1) or len(one.days) == LONGEST_RANGE


def test_days_three_four_and_eleven_are_two_runs() -> None:
    """Guards against a run per day."""
    told = [Change(f"PO_{number}", date(2026, 3, number), NOW) for number in (3, 4, 11)]
    memory = noticed(FeedState(NOW, since=SINCE), told, {}, now=NOW)
    assert len(requested(memory, Facts(), now=NOW)[1]) == 2


@given(st.sets(days, min_size=1))
def test_requests_are_told_apart_and_bounded(some: set[date]) -> None:
    """Guards against Dagster dropping a request whose key it has seen, and against a tick that floods the queue."""
    memory = noticed(FeedState(NOW, since=SINCE), [Change(str(day), day, NOW) for day in some], {}, now=NOW)
    after, first_keyed = requested(memory, Facts(), now=NOW)
    later = NOW + timedelta(days=2)
    _, second_keyed = requested(after, Facts(), now=later)
    keys = [one.request(key).run_key for one, key in [*first_keyed, *second_keyed]]
    assert len(set(keys)) == len(keys)
    assert len(first_keyed) <= MOST_RUNS
