"""Reading the change feed: updates since the mark, window by window, within a budget of time.

The mark moves only past windows that were read whole, and never beyond what the API's own clock has reached: ours may be
wrong. Not here: what becomes of the days that changed (`change_feed.py`).
"""

import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from partner_assets.api.client import PartnerApi
from partner_assets.api.errors import PartnerApiError, Stopped
from partner_assets.automation.change_feed import OVERLAP, WIDEST_WINDOW, Change, FeedState

CLOCKS_APART = timedelta(hours=2)
"""How far the API's clock and ours may differ. A window that ends closer to now is still open."""

SMALLEST_WINDOW = timedelta(minutes=15)


@dataclass
class FeedRead:
    """What a tick read.

    Attributes:
        state: The memory with its mark and window moved on.
        changes: Every order that the feed told.
        unreadable: Entries without an id or a time, which name no day that could be read again.
        windows: Windows read whole.
        is_caught_up: True if the feed was read up to now.
        error: What ended the reading early, if anything did.
    """

    state: FeedState
    changes: list[Change] = field(default_factory=list)
    unreadable: int = 0
    windows: int = 0
    is_caught_up: bool = False
    error: PartnerApiError | None = None


def read_feed(api: PartnerApi, state: FeedState, *, now: datetime, seconds: float) -> FeedRead:
    """Read the feed from the mark, until now or until the time is up.

    Args:
        api: A client of its own, since it is closed when the time is up.
        state: The memory; nothing of it but mark and window is changed.
        now: The time, by our clock.
        seconds: How long to read.
    """
    result = FeedRead(state)
    alarm = threading.Timer(seconds, api.close)
    alarm.daemon = True
    alarm.start()
    try:
        while not result.is_caught_up:
            _read_window(api, result, now)
    except Stopped:
        if not result.windows:
            # No progress at all: less at a time.
            smaller = max(SMALLEST_WINDOW, result.state.window / 2)
            result.state = replace(result.state, window=smaller)
    except PartnerApiError as error:
        # Not raised: what was read whole must not be read again, and what is on the list must still be asked for. The
        # caller says it in the tick's message.
        result.error = error
    finally:
        alarm.cancel()
    return result


def _read_window(api: PartnerApi, result: FeedRead, now: datetime) -> None:
    state = result.state
    start = state.mark - OVERLAP
    # Wider than the overlap, or the mark would never move; and beyond now, since the API's clock may be ahead of ours.
    end = max(min(start + max(state.window, 2 * OVERLAP), now + CLOCKS_APART), start + OVERLAP)
    told = [_change(order) for order in api.search_orders(updated=(start, end))]
    changes = [change for change in told if change is not None]
    result.changes += changes
    result.unreadable += len(told) - len(changes)
    result.windows += 1
    result.is_caught_up = end >= now
    newest = max((change.updated for change in changes), default=state.mark)
    mark = end if end <= now - CLOCKS_APART else newest
    result.state = replace(state, mark=max(state.mark, mark), window=min(WIDEST_WINDOW, state.window * 2))


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
