"""The decisions of `order_changes`, without Dagster: what gets on the list, what takes it off, what is asked for.

Not here: the sensor itself (`test_order_changes.py`).
"""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partner_assets.automation.change_feed import (
    MOST_RUNS,
    OVERLAP,
    PARK_AFTER,
    PARKED_PAUSE,
    Change,
    DirtyDay,
    Facts,
    FeedState,
    noticed,
    proven,
    requested,
    unseen,
)
from partner_assets.automation.day_ranges import LONGEST_RANGE, contiguous

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
DAY = date(2026, 3, 4)
FIRST = date(2026, 1, 1)
days = st.dates(min_value=date(2026, 1, 1), max_value=date(2026, 6, 30))
moments = st.integers(0, 63 * 86_400).map(lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))


def state(**fields: DirtyDay) -> FeedState:
    """Return a memory in which 4 March is dirty."""
    return FeedState(mark=NOW - timedelta(hours=1), dirty={DAY: fields.get("entry", DirtyDay(NOW, NOW))})


@given(st.dictionaries(days, st.tuples(moments, moments, st.integers(0, 9), st.none() | moments)), moments)
def test_the_memory_survives_its_way_through_the_cursor(
    entries: dict[date, tuple[datetime, datetime, int, datetime | None]], mark: datetime
) -> None:
    """Guards against a restart of the daemon that forgets a changed day."""
    memory = FeedState(mark, dirty={day: DirtyDay(*entry) for day, entry in entries.items()}, recent={"PO_1": mark})
    assert FeedState.from_json(memory.to_json()) == memory


@pytest.mark.parametrize("cursor", ["", "{}", "[]", "1", '{"mark": 1, "window": 1, "dirty": {}, "recent": {}}'])
def test_a_cursor_that_is_none_of_ours_is_one_sentence(cursor: str) -> None:
    """Guards against an operator who edited the cursor and sees a trace, or a sensor that starts over in silence."""
    with pytest.raises(ValueError, match="cursor of order_changes cannot be read"):
        FeedState.from_json(cursor)


changes = st.builds(Change, order=st.sampled_from(["PO_1", "PO_2", "PO_3"]), day=days, updated=moments)


@given(st.lists(changes))
def test_every_changed_day_is_on_the_list_with_its_newest_update(told: list[Change]) -> None:
    """Guards against a change that is read and forgotten."""
    memory = noticed(FeedState(NOW), told, {}, now=NOW)
    assert {day: entry.need for day, entry in memory.dirty.items()} == {
        one.day: max(other.updated for other in told if other.day == one.day) for one in told
    }


def test_a_day_before_the_first_of_all_is_nobodys_business() -> None:
    """Guards against requests for partitions that do not exist, which would fail the tick for ever."""
    assert unseen(FeedState(NOW), [Change("PO_1", date(2025, 12, 31), NOW)], first=FIRST) == []


def test_a_change_that_the_overlap_shows_again_is_not_asked_for_again() -> None:
    """Guards against a day that is run at every tick for as long as its change is within the overlap."""
    told = [Change("PO_1", DAY, NOW)]
    memory = proven(noticed(FeedState(NOW), told, {}, now=NOW), Facts({DAY: NOW + timedelta(minutes=1)}))
    assert memory.dirty == {}
    assert unseen(memory, told, first=FIRST) == []
    later = [Change("PO_1", DAY, NOW + timedelta(seconds=1))]
    assert unseen(memory, later, first=FIRST) == later


def test_an_order_that_the_lake_has_in_this_state_is_not_asked_for() -> None:
    """Guards against a daemon that, at its first tick, asks again for everything that was loaded before it."""
    told = [Change("PO_1", DAY, NOW)]
    assert noticed(FeedState(NOW), told, {"PO_1": NOW}, now=NOW).dirty == {}
    assert list(noticed(FeedState(NOW), told, {"PO_1": NOW - timedelta(seconds=1)}, now=NOW).dirty) == [DAY]


def test_a_newer_order_of_the_day_does_not_prove_an_older_change() -> None:
    """Guards against an update that appears in the feed after a later one of the same day, and is never asked for."""
    late = [Change("PO_A", DAY, NOW - timedelta(minutes=5))]
    assert list(noticed(FeedState(NOW), late, {"PO_B": NOW}, now=NOW).dirty) == [DAY]


@given(st.lists(changes), moments)
def test_the_memory_of_recent_orders_is_no_longer_than_the_overlap(told: list[Change], mark: datetime) -> None:
    """Guards against a cursor that grows with every order that ever changed."""
    memory = noticed(FeedState(mark), told, {}, now=NOW)
    assert all(updated > mark - 2 * OVERLAP for updated in memory.recent.values())


def test_a_newer_change_starts_its_tries_afresh() -> None:
    """Guards against a parked day that is not tried for a day although it changed again."""
    tired = state(entry=DirtyDay(NOW - timedelta(hours=1), NOW, PARK_AFTER, NOW + PARKED_PAUSE))
    assert noticed(tired, [Change("PO_1", DAY, NOW)], {}, now=NOW).dirty[DAY] == DirtyDay(NOW, NOW)


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
    memory = noticed(FeedState(NOW), told, {}, now=NOW)
    assert len(requested(memory, Facts(), now=NOW)[1]) == 2


@given(st.sets(days, min_size=1))
def test_requests_are_told_apart_and_bounded(some: set[date]) -> None:
    """Guards against Dagster dropping a request whose key it has seen, and against a tick that floods the queue."""
    memory = noticed(FeedState(NOW), [Change(str(day), day, NOW) for day in some], {}, now=NOW)
    after, first_keyed = requested(memory, Facts(), now=NOW)
    later = NOW + timedelta(days=2)
    _, second_keyed = requested(after, Facts(), now=later)
    keys = [one.request(key).run_key for one, key in [*first_keyed, *second_keyed]]
    assert len(set(keys)) == len(keys)
    assert len(first_keyed) <= MOST_RUNS
