"""The rules of pacing: whether a request may start, by what is known of the quota.

Pure functions of a state and a time. Not here: what an answer changes in the state (`pacing_lessons.py`), who goes first
(`pacing_shares.py`), waiting (`pacing.py`), and where the state is kept.
"""

from partner_assets.api.pacing_shares import must_stand_back
from partner_assets.api.pacing_state import QuotaState, Sharer
from partner_assets.api.waiting import NAP_SECONDS

POLL_SECONDS = 0.01
# The last part of a quota is spread over the rest of the window: other programs of the partner spend the same one.
_SPREAD_SHARE = 0.05
# How long everybody waits for a probe; at the opening of a window that was announced, only for a part of it.
_PROBE_PATIENCE_SECONDS, _PROBE_PATIENCE_SHARE = 1.0, 0.1
# The guess of when a request is counted moves down to this by such steps, window by window (`QuotaState.counted_after`).
_EARLIEST_COUNT, _COUNT_STEP = 0.3, 0.93
# What others spend comes in bursts: so many times the average of it is expected while a request is under way. Measured with
# half of the quota spent unseen by tenths: 24 % of the answers were 429 without, 4 % with it, and as much was used. Bounded, so
# that little is lost when the others stop.
_BURSTS, _MOST_OTHERS = 3.0, 3.0
# Whoever is told to wait looks again after a nap, and not always on the spot.
_LATE_SECONDS = 0.05


def ask(state: QuotaState, me: Sharer, now: float) -> float:
    """Return the seconds after which to ask again; 0 if a request may start now, which is then counted as begun.

    Args:
        state: What is known.
        me: Who asks.
        now: The time.
    """
    delay = _delay(state, me, now)
    if delay > 0:
        me.refused_at = now
        me.back_by = now + min(delay, NAP_SECONDS) + _LATE_SECONDS
        return delay
    me.in_flight += 1
    me.taken += 1
    if state.is_alone:
        state.probe = now
    return 0.0


def _delay(state: QuotaState, me: Sharer, now: float) -> float:
    if now < state.not_before:
        return state.not_before - now
    opens_at = state.opens_at
    if opens_at is not None and now >= opens_at:
        _open_window(state, now)
    if state.is_alone:
        return POLL_SECONDS if _probe_is_out(state, now) else 0.0
    if state.remaining is None:
        return 0.0
    free = _free(state, state.remaining)
    if free <= 0:
        return _wait_for_more(state, now)
    is_spread = state.window_end is not None and _is_nearly_spent(state)
    if is_spread and now < state.next_slot:
        return state.next_slot - now
    if must_stand_back(state, me, free=free, now=now):
        return POLL_SECONDS
    if is_spread and state.window_end is not None:
        state.next_slot = now + max(state.window_end - now, 0.0) / (free + 1)
    return 0.0


def _probe_is_out(state: QuotaState, now: float) -> bool:
    patience = _PROBE_PATIENCE_SECONDS
    if state.is_trusted:
        patience = min(patience, _PROBE_PATIENCE_SHARE * state.window_seconds)
    return state.probe is not None and now - state.probe < patience


def _free(state: QuotaState, remaining: int) -> float:
    """Return what is left when all that are under way have been counted, and what others spend meanwhile."""
    return remaining - state.in_flight * (1 + _BURSTS * state.others)


def _is_nearly_spent(state: QuotaState) -> bool:
    """Tell whether what is left is the last part, which is spread."""
    if state.limit is None or state.remaining is None:
        return False
    return state.remaining - state.in_flight <= state.limit * _SPREAD_SHARE


def _wait_for_more(state: QuotaState, now: float) -> float:
    if state.in_flight > 0:
        return POLL_SECONDS
    opens_at = state.opens_at
    if opens_at is not None:
        return opens_at - now
    # Nothing remains and no word about when: ask again after a while, alone.
    state.is_alone = True
    state.not_before = now + state.backoff_seconds
    return state.not_before - now


def _open_window(state: QuotaState, now: float) -> None:
    if state.is_trusted:
        state.counted_after = max(state.counted_after * _COUNT_STEP, _EARLIEST_COUNT)
    if state.limit is not None and state.remaining is not None:
        ours = sum(sharer.taken for sharer in state.sharers)
        theirs = max(0, state.limit - state.remaining - ours)
        state.others = min((state.others + theirs / max(1, ours)) / 2, _MOST_OTHERS)
    # Where many are waiting for the window, one request goes ahead to see that it is open and what others have left in it;
    # and so it does until a first window has opened as announced.
    state.is_alone = state.is_alone or not state.is_trusted or _is_nearly_spent(state)
    state.has_opened = True
    state.window_started = state.told_at = state.next_slot = now
    state.window_end = state.probe = None
    state.remaining = state.limit
    for sharer in state.sharers:
        sharer.taken = 0
