"""Reading the change feed: updates since the mark, window by window, within a budget of time.

The mark moves only past windows that were read whole, and never beyond what the API's own clock has reached or beyond now:
either may be wrong. A window whose orders moved from page to page all the while counts as whole only if it cannot be
smaller. One in which more was updated than can be read in that time, tick after tick, is given up, and every day is read
instead. Not here: what becomes of the days that changed (`change_feed.py`).
"""

import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from partner_assets.api.client import PartnerApi
from partner_assets.api.errors import PartnerApiError, Stopped
from partner_assets.api.windows import Span
from partner_assets.automation.change_feed import OVERLAP, WIDEST_WINDOW, Change, FeedState

CLOCKS_APART = timedelta(hours=2)
"""How far the API's clock and ours may differ. A window that ends closer to now is still open."""

SMALLEST_WINDOW = timedelta(minutes=15)

MOST_STALLS = 5
"""Ticks in a row in which not even the smallest window could be read: by then it is not one slow answer."""


@dataclass
class FeedRead:
    """What a tick read.

    Attributes:
        state: The memory with its mark and window moved on.
        changes: Every order that the feed told.
        unreadable: Entries without an id or a time, which name no day that could be read again.
        windows: Windows read whole.
        drifted: Windows whose orders moved from page to page in every reading, so that some may have been missed.
        error: What ended the reading early, if anything did.
        is_overwhelmed: Whether a window was given up and the mark moved past it: any day may hold something that it would
            have told.
    """

    state: FeedState
    changes: list[Change] = field(default_factory=list)
    unreadable: int = 0
    windows: int = 0
    drifted: int = 0
    error: PartnerApiError | None = None
    is_overwhelmed: bool = False


def read_feed(api: PartnerApi, state: FeedState, *, now: datetime, seconds: float) -> FeedRead:
    """Read the feed from the mark, until now or until the time is up.

    Args:
        api: A client of its own, since it is closed when the time is up.
        state: The memory; what was read is not noted in it, only how far.
        now: The time, by our clock.
        seconds: How long to read.
    """
    result = FeedRead(replace(_not_ahead(state, now), is_caught_up=False))
    alarm = threading.Timer(seconds, api.close)
    alarm.daemon = True
    alarm.start()
    try:
        while not result.state.is_caught_up:
            _read_window(api, result, now)
    except Stopped:
        if not result.windows:
            _stall(result, now)
    except PartnerApiError as error:
        # Not raised: what was read whole before it must not be read again. The caller says it.
        result.error = error
    finally:
        alarm.cancel()
    return result


def _read_window(api: PartnerApi, result: FeedRead, now: datetime) -> None:
    state = result.state
    start, end = _window(state, now)
    drifted = api.counts().drifted_searches
    told = [_change(order) for order in api.search_orders(updated=(start, end))]
    drifted = api.counts().drifted_searches - drifted
    changes = [change for change in told if change is not None]
    result.changes += changes
    result.unreadable += len(told) - len(changes)
    result.drifted += drifted
    closed = _closed(state, now)
    if drifted and closed > state.mark and state.window > SMALLEST_WINDOW:
        # Behind the mark an order is never looked for again, so the mark stays. What was found is asked for anyway.
        _read_less(result)
        return
    # An order may have been given its time by a clock that is ahead of all others: they go on telling what is before it.
    newest = state.mark if drifted else min(now, max((change.updated for change in changes), default=state.mark))
    result.windows += 1
    wider = min(WIDEST_WINDOW, state.window * 2)
    result.state = replace(state, mark=max(closed, newest), window=wider, is_caught_up=end >= now, stalls=0)


def _not_ahead(state: FeedState, now: datetime) -> FeedState:
    """Return the memory with a mark that may be right: one in the future was set while our clock was wrong.

    How long it was nobody knows, so three days are read once more.
    """
    return replace(state, mark=now - WIDEST_WINDOW) if state.mark > now else state


def _window(state: FeedState, now: datetime) -> Span:
    start = state.mark - OVERLAP
    # Wider than the overlap, or the mark would never move; and beyond now, since the API's clock may be ahead of ours.
    return start, max(min(start + max(state.window, 2 * OVERLAP), now + CLOCKS_APART), start + OVERLAP)


def _closed(state: FeedState, now: datetime) -> datetime:
    """Return up to where nothing can be updated any more: whatever is yet to be comes after it."""
    _, end = _window(state, now)
    return max(state.mark, min(end, now - CLOCKS_APART))


def _stall(result: FeedRead, now: datetime) -> None:
    """Note that no window could be read: the next one is smaller, or given up where it cannot be."""
    state = replace(result.state, stalls=result.state.stalls + 1)
    closed = _closed(state, now)
    # An open window is waited for: each time it was given up, all days would be read, and it would be there again.
    if state.stalls < MOST_STALLS or state.window > SMALLEST_WINDOW or closed == state.mark:
        result.state = state
        _read_less(result)
        return
    result.state = replace(state, mark=closed, stalls=0)
    result.is_overwhelmed = True


def _read_less(result: FeedRead) -> None:
    """Let the next window be half as wide."""
    result.state = replace(result.state, window=max(SMALLEST_WINDOW, result.state.window / 2))


def _change(order: dict[str, Any]) -> Change | None:
    """Return what an entry tells; None for one without id or times, which is counted and told to the operator."""
    try:
        created, updated = (_instant(order[name]) for name in ("creationDateTime", "lastUpdateDateTime"))
        return Change(str(order["transaction"]["id"]), created.date(), updated)
    except (KeyError, TypeError, ValueError):
        return None


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
