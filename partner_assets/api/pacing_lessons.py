"""What an answer teaches of the quota: how much is left, until when, and whether a window opened when it was expected.

Pure functions of a state and a time. Not here: reading the headers (`hints.py`), and what follows for the next request
(`pacing_rules.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass

from partner_assets.api.hints import Quota
from partner_assets.api.pacing_state import QuotaState

TOO_MANY_REQUESTS = 429
# Reset counts whole seconds. A server that ever says 0 rounds down, and announces the end up to a second early.
_ROUNDING_SECONDS = 1.0
# Who comes too early for a window that was announced misses it by little: after this part of it one request tries again,
# and once more.
_MISS_SHARE, _MOST_MISSES = 0.02, 2


@dataclass(frozen=True)
class Told:
    """What an answer says that matters for pacing.

    Args:
        status: HTTP status.
        quota: Its rate headers.
        retry_after: Seconds, None if it does not say.
    """

    status: int
    quota: Quota
    retry_after: float | None


def learn(state: QuotaState, told: Told, *, started: float, now: float, random: Callable[[], float]) -> None:
    """Learn from an answer.

    Args:
        state: What is known.
        told: What the answer says.
        started: When its request began.
        now: The time.
        random: Source of numbers in [0, 1).
    """
    if told.quota.reset_seconds == 0:
        state.slack = _ROUNDING_SECONDS
    if told.status == TOO_MANY_REQUESTS:
        _learn_rejection(state, told, started=started, now=now, random=random)
    elif started >= state.window_started:
        _learn_quota(state, told.quota, started=min(started, now), now=now, random=random)


def _learn_quota(state: QuotaState, quota: Quota, *, started: float, now: float, random: Callable[[], float]) -> None:
    state.rejections = state.missed = 0
    state.is_alone = False
    state.is_trusted = state.has_opened
    if quota.limit is not None:
        state.limit = quota.limit
    if quota.remaining is None:
        return
    has_more = False
    if state.remaining is None or started >= state.told_at:
        # Answers overtake each other: only a rise beyond all that are under way means another window.
        has_more = state.remaining is None or quota.remaining > state.remaining + state.in_flight
        state.remaining = quota.remaining
        state.told_at = now
    else:
        state.remaining = min(state.remaining, quota.remaining)
    if quota.reset_seconds is None:
        return
    # The first request of all has a connection to make on its way.
    counted_after = state.counted_after if state.has_opened else 1.0
    end = started + counted_after * (now - started) + quota.reset_seconds
    if state.window_end is None:
        state.window_seconds = max(state.window_seconds, quota.reset_seconds)
        # Other machines may wait for the same moment; a long window can spare a quarter of a second.
        state.jitter = random() * min(0.25, 0.01 * state.window_seconds)
        state.window_end = end
    else:
        # Of ends that were rounded up, the earliest is the nearest.
        state.window_end = end if has_more else min(state.window_end, end)


def _learn_rejection(state: QuotaState, told: Told, *, started: float, now: float, random: Callable[[], float]) -> None:
    if state.window_end is not None and now < state.window_end and told.retry_after is None:
        # Somebody else took the last of a window whose end is known better than the whole seconds of a rejection tell; or
        # of the window before, if the request is from then.
        if started >= state.window_started:
            state.remaining, state.told_at = 0, now
        return
    state.is_alone = True
    if now < state.not_before:
        return
    state.window_end = state.remaining = None
    if state.is_trusted and state.missed < _MOST_MISSES and told.retry_after is None:
        state.missed += 1
        state.counted_after = 1.0
        state.not_before = now + state.missed * _MISS_SHARE * state.window_seconds
        return
    state.is_trusted = False
    waits = [seconds for seconds in (told.retry_after, told.quota.reset_seconds) if seconds]
    state.rejections += 1
    pause = max(waits) + state.slack if waits else state.backoff_seconds
    state.not_before = now + pause + 0.25 * random()
