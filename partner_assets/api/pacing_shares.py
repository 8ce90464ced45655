"""Who goes first when a quota is too small for everybody: nobody starves beside a client with more threads.

Here: when a client stands back for another. Not here: when a request may start at all (`pacing_rules.py`).
"""

from partner_assets.api.pacing_state import QuotaState, Sharer

# A client that waits looks again at least every fifth of a second; one that has not been heard of for longer has left.
_HEARD_SECONDS = 0.5
# What is kept for others is let go bit by bit until the middle of the window, so that nothing of it is lost.
_KEPT_SHARE_OF_WINDOW = 0.5


def must_stand_back(state: QuotaState, me: Sharer, *, free: float, now: float) -> bool:
    """Tell whether a request would be at the expense of a client that had less than its share of this window.

    A share is what the window brought us so far and still has, divided by those who want any of it. Who has had less
    goes first while it waits; and what is left of its share is kept for it, since a client with one thread cannot take
    it at once.

    Args:
        state: What is known.
        me: Who asks.
        free: Requests that are left, those under way deducted.
        now: The time.
    """
    hungry = [one for one in state.sharers if one is not me and _is_hungry(state, one, now)]
    if not hungry:
        return False
    wanting = {one.name for one in state.sharers if one.taken} | {one.name for one in hungry} | {me.name}
    share = (sum(one.taken for one in state.sharers) + free) / len(wanting)
    if me.taken < share:
        return False
    below = [one for one in hungry if one.taken < share]
    if any(one.back_by >= now for one in below):
        return True
    return free <= sum(share - one.taken for one in below) * _kept(state, now)


def _is_hungry(state: QuotaState, one: Sharer, now: float) -> bool:
    """Tell whether a client is there and had to wait in this window or the one before."""
    is_there = one.in_flight > 0 or now - one.seen_at < _HEARD_SECONDS
    return is_there and one.refused_at >= state.window_started - state.window_seconds


def _kept(state: QuotaState, now: float) -> float:
    length = state.window_seconds * _KEPT_SHARE_OF_WINDOW
    return max(0.0, 1 - (now - state.window_started) / length) if length else 0.0
