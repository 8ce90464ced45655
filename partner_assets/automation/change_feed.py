"""What the change feed has told and what is not yet proven fresh: the sensor's whole memory, and its decisions. Pure.

Level-triggered: nothing is done once because of an event. A day is on the list until the lake proves that it holds the
newest change, and is asked for again until then. Not here: reading the feed (`feed_reading.py`) and Dagster
(`order_changes.py`).
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from partner_assets.automation.day_ranges import DayRange, shortening
from partner_assets.automation.wanted import PARK_AFTER, Wanted

OVERLAP = timedelta(minutes=10)
"""How far before the mark a read begins: an update that was given its time before it could be searched is not missed."""

WIDEST_WINDOW = timedelta(days=3)
"""The longest span of `lastUpdateDateTime` that one search may have, by the API's contract."""

MOST_RUNS = 10
"""Runs that one tick may ask for."""


@dataclass(frozen=True)
class Change:
    """What the feed tells of an order: the day of its creation, and when it was updated, by the API's clock."""

    order: str
    day: date
    updated: datetime


@dataclass(frozen=True)
class DirtyDay(Wanted):
    """A day that is not proven fresh.

    Attributes:
        need: The newest update that the lake must hold, by the API's clock.
        unread_since: Since when no read of it has succeeded, by our clock; None for `seen`. It stays behind when more
            changes, and moves on with a read that came too early for the newest change.
    """

    need: datetime = field(kw_only=True)
    unread_since: datetime | None = field(default=None, kw_only=True)

    def changed(self, need: datetime, now: datetime) -> "DirtyDay":
        """Return it after one more change.

        Only a read that begins from now on can have seen it. But the tries stay: if a day fails every time, more changes
        are no reason for more runs, and somebody should look at it although, or because, people work on it.
        """
        return replace(self, seen=now, need=max(self.need, need), unread_since=self.unread_since or self.seen)

    def read(self, at: datetime) -> "DirtyDay":
        """Return it after a read that succeeded and began too early to prove anything: what was tried is not in vain."""
        if at <= (self.unread_since or self.seen):
            return self
        return replace(self, tries=0, next_try=None, unread_since=at)


@dataclass(frozen=True)
class FeedState:
    """The sensor's memory.

    Attributes:
        mark: Every update before it has been read, by the API's clock.
        window: How much of the feed one search asks for; it shrinks when a tick could not read that much.
        dirty: The days that are not proven fresh.
        recent: Orders that the feed told not long ago, with their update: the overlap shows them again.
        is_caught_up: Whether the last tick read the feed up to now.
        stalls: Ticks in a row that could not read a single window in their time.
        since: When this memory began, by our clock; another one after every reset.
        asks: Ticks since then that asked for anything. The two tell every request from earlier ones for the same days,
            and are the same again when a tick that was lost is repeated: Dagster runs each key only once.
    """

    mark: datetime
    window: timedelta = WIDEST_WINDOW
    dirty: Mapping[date, DirtyDay] = field(default_factory=dict)
    recent: Mapping[str, datetime] = field(default_factory=dict)
    is_caught_up: bool = True
    since: datetime = field(kw_only=True)
    asks: int = field(default=0, kw_only=True)
    stalls: int = field(default=0, kw_only=True)

    def to_json(self) -> str:
        """Return it as a cursor."""
        dirty = {day.isoformat(): _fields(entry) for day, entry in self.dirty.items()}
        recent = {order: updated.isoformat() for order, updated in self.recent.items()}
        fields = {
            "mark": self.mark.isoformat(),
            "window": self.window.total_seconds(),
            "dirty": dirty,
            "recent": recent,
            "caught_up": self.is_caught_up,
            "since": self.since.isoformat(),
            "asks": self.asks,
            "stalls": self.stalls,
        }
        return json.dumps(fields)

    @classmethod
    def from_json(cls, cursor: str) -> "FeedState":
        """Read a cursor.

        Raises:
            ValueError: If it is none of ours.
        """
        try:
            fields = json.loads(cursor)
            dirty = {date.fromisoformat(day): _dirty_day(*entry) for day, entry in fields["dirty"].items()}
            recent = {order: datetime.fromisoformat(updated) for order, updated in fields["recent"].items()}
            mark = fields["mark"]
            return cls(
                datetime.fromisoformat(mark),
                timedelta(seconds=fields["window"]),
                dirty,
                recent,
                # The rest is not in cursors of before.
                bool(fields.get("caught_up", True)),
                since=datetime.fromisoformat(fields.get("since", mark)),
                asks=int(fields.get("asks", 0)),
                stalls=int(fields.get("stalls", 0)),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"The cursor of order_changes cannot be read ({error}). Reset it in the UI: the feed is then read "
                "again from the first day of orders."
            ) from None

    @property
    def parked(self) -> list[date]:
        """The days that somebody should look at."""
        return sorted(day for day, entry in self.dirty.items() if entry.is_parked)


def _fields(entry: DirtyDay) -> list[Any]:
    next_try = entry.next_try.isoformat() if entry.next_try else None
    unread_since = entry.unread_since.isoformat() if entry.unread_since else None
    return [entry.need.isoformat(), entry.seen.isoformat(), entry.tries, next_try, unread_since]


def _dirty_day(need: str, seen: str, tries: int, next_try: str | None, unread_since: str | None = None) -> DirtyDay:
    again, since = (datetime.fromisoformat(text) if text else None for text in (next_try, unread_since))
    need_at, seen_at = datetime.fromisoformat(need), datetime.fromisoformat(seen)
    return DirtyDay(seen_at, int(tries), again, need=need_at, unread_since=since)


@dataclass(frozen=True)
class Facts:
    """What is true of the dirty days now.

    Attributes:
        read_at: When the newest read of a day began that reached the lake's orders, by our clock.
        running: Days that a run is under way for, or queued.
    """

    read_at: Mapping[date, datetime] = field(default_factory=dict)
    running: Collection[date] = ()


def unseen(state: FeedState, changes: Iterable[Change], *, first: date) -> list[Change]:
    """Return the changes that the feed tells for the first time.

    Args:
        state: The memory.
        changes: What was read.
        first: The first day of orders; older ones are nobody's business.
    """
    return [one for one in changes if one.day >= first and state.recent.get(one.order) != one.updated]


def noticed(state: FeedState, changes: Iterable[Change], held: Mapping[str, datetime], *, now: datetime) -> FeedState:
    """Put the days of changed orders on the list.

    Args:
        state: The memory.
        changes: What the feed tells for the first time.
        held: The time of update of each order that the lake has. Compared order by order: that another order of the day
            is newer proves nothing, since an update may appear in the feed after a later one.
        now: The time, by our clock.
    """
    dirty, recent = dict(state.dirty), dict(state.recent)
    for one in changes:
        recent[one.order] = one.updated
        if one.order in held and held[one.order] >= one.updated:
            continue
        known = dirty.get(one.day)
        dirty[one.day] = known.changed(one.updated, now) if known else DirtyDay(now, need=one.updated)
    kept = {order: updated for order, updated in recent.items() if updated > state.mark - 2 * OVERLAP}
    return replace(state, dirty=dirty, recent=kept)


def all_listed(state: FeedState, days: Iterable[date], *, now: datetime) -> FeedState:
    """Put days on the list of which any may have changed: the feed had more to tell than could be read.

    Args:
        state: The memory.
        days: The days.
        now: The time, by our clock.
    """
    listed = {
        day: known.changed(state.mark, now) if (known := state.dirty.get(day)) else DirtyDay(now, need=state.mark)
        for day in days
    }
    return replace(state, dirty={**state.dirty, **listed})


def proven(state: FeedState, facts: Facts) -> FeedState:
    """Take the days off the list whose freshness the facts prove.

    The proof is a read that began after the change was noticed, by one and the same clock, and that has reached the last
    of the orders tables. Whatever it found is then the truth: the order may be gone by now, or rejected.
    """
    dirty = {
        day: entry if read_at is None else entry.read(read_at)
        for day, entry in state.dirty.items()
        if (read_at := facts.read_at.get(day)) is None or read_at <= entry.seen
    }
    return replace(state, dirty=dirty)


def unasked(state: FeedState, facts: Facts, *, now: datetime) -> set[date]:
    """Return the days that are to be asked for as soon as may be: unproven, due, not on their way, and not given up.

    Args:
        state: The memory.
        facts: What is true of the days that are due.
        now: The time, by our clock.
    """
    unproven = proven(state, facts).dirty
    return {
        day for day, entry in unproven.items() if entry.is_due(now) and not entry.is_parked and day not in facts.running
    }


def requested(state: FeedState, facts: Facts, *, now: datetime) -> tuple[FeedState, list[tuple[DayRange, str]]]:
    """Choose the days to ask for now.

    Args:
        state: The memory.
        facts: Which days are on their way already.
        now: The time, by our clock.

    Returns:
        The memory after asking, and the ranges with what tells each request from earlier ones.
    """
    ready = {day: entry.tries for day, entry in state.dirty.items() if day not in facts.running and entry.is_due(now)}
    ranges = shortening(ready)
    # The newest first: what changed lately is what people look at.
    chosen = sorted(ranges, key=lambda one: one.last, reverse=True)[:MOST_RUNS]
    dirty = {**state.dirty, **{day: state.dirty[day].asked(now) for one in chosen for day in one.days}}
    asks = state.asks + bool(chosen)
    keyed = []
    for one in chosen:
        need = max(dirty[day].need for day in one.days)
        tries = "+".join(str(number) for number in sorted({dirty[day].tries for day in one.days}))
        keyed.append((one, f"need {need.isoformat()} try {tries} ask {asks} since {state.since.isoformat()}"))
    return replace(state, dirty=dirty, asks=asks), keyed


def given_up(state: FeedState, facts: Facts) -> dict[date, DirtyDay]:
    """Return the parked days that are still a matter of concern: not proven since, nor at their last try before parking.

    Args:
        state: The memory.
        facts: What is true of the parked days.
    """
    unproven = proven(state, facts)
    return {
        day: entry
        for day in unproven.parked
        if (entry := unproven.dirty[day]).tries > PARK_AFTER or day not in facts.running
    }
