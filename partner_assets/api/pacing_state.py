"""What is known of a quota, and who is spending it: a few numbers that several processes can share.

Here: the numbers, and who counts as present. Not here: what follows from them (`pacing_rules.py`), and where they are kept
(`pacing_file.py` for all processes of a machine, here for one client alone).
"""

from collections.abc import Callable
from typing import TypeVar

import msgspec

PRESENT_SECONDS = 5.0
"""A request that has been under way for so long was counted by the server or never will be, and a client that has not been
seen for so long is gone, whether it ended or was killed: neither is reckoned with any more."""

MOST_SHARERS = 64
_LONGEST_BACKOFF_SECONDS = 60.0

Result = TypeVar("Result")


class Sharer(msgspec.Struct):
    """One client that spends the quota: a process of ours, or one of several clients in it.

    Attributes:
        name: A random number.
        in_flight: Requests under way.
        taken: Requests begun in this window.
        refused_at: When it last had to wait.
        back_by: Until when it will have asked again, since it was told to wait.
        seen_at: When it last did anything.
    """

    name: int
    in_flight: int = 0
    taken: int = 0
    refused_at: float = 0.0
    back_by: float = 0.0
    seen_at: float = 0.0


class QuotaState(msgspec.Struct):
    """Times are seconds on the clock of wherever the state is kept.

    Attributes:
        limit: Requests that a window allows.
        remaining: Requests left, by the answers so far; those under way are yet to be deducted.
        told_at: When `remaining` was told.
        window_started: When this window was taken to have opened.
        window_end: When it closes, None until an answer of this window has told.
        window_seconds: Longest time to the end that was ever told: about the length of a window.
        is_alone: Whether one request, the probe, goes ahead before all others.
        probe: When the probe began, None if none is under way.
        has_opened: Whether any window has opened as announced.
        is_trusted: Whether the last one has.
        missed: Probes in a row that came a little before a window that was trusted.
        counted_after: Part of a request's way after which the server is taken to count it. Nobody tells. Early, most often,
            since what takes long is the answer; but whoever takes it for earlier than it was opens the next window too soon.
            So the guess moves down by and by, and back to the end of the way after a probe that was rejected.
        others: Requests that others spend for each of ours, by the windows so far.
        not_before: Nobody asks earlier.
        next_slot: When the next of the last few requests may start.
        rejections: Rejections in a row that did not say when to come back.
        slack: Seconds by which the server may round down the end of a window.
        jitter: Seconds to wait beyond the end of this window.
        touched_at: When the state was last changed.
        sharers: Who is present.
    """

    limit: int | None = None
    remaining: int | None = None
    told_at: float = 0.0
    window_started: float = 0.0
    window_end: float | None = None
    window_seconds: float = 0.0
    is_alone: bool = True
    probe: float | None = None
    has_opened: bool = False
    is_trusted: bool = False
    missed: int = 0
    counted_after: float = 0.5
    others: float = 0.0
    not_before: float = 0.0
    next_slot: float = 0.0
    rejections: int = 0
    slack: float = 0.0
    jitter: float = 0.0
    touched_at: float = 0.0
    sharers: list[Sharer] = msgspec.field(default_factory=list)

    @property
    def in_flight(self) -> int:
        """Requests of everybody that are under way."""
        return sum(sharer.in_flight for sharer in self.sharers)

    @property
    def opens_at(self) -> float | None:
        """When the next window can be taken to be open, None if nobody knows."""
        return None if self.window_end is None else self.window_end + self.slack + self.jitter

    @property
    def backoff_seconds(self) -> float:
        """How long to wait where nobody says how long, the longer the more often."""
        return float(min(_LONGEST_BACKOFF_SECONDS, 2.0 ** min(self.rejections, 10) * 0.5))

    def enter(self, name: int, now: float) -> Sharer:
        """Return the sharer of this name, from now on present, and forget who is not.

        Args:
            name: Of the client that asks.
            now: The time.
        """
        present = [one for one in self.sharers if one.name == name or now - one.seen_at < PRESENT_SECONDS]
        me = next((one for one in present if one.name == name), None)
        if me is None:
            if not present:
                # What the last client left behind may be of another key or another quota: asking costs one request.
                self._forget()
            me = Sharer(name)
            present = [*present[1 - MOST_SHARERS :], me]
        me.seen_at = self.touched_at = now
        self.sharers = present
        return me

    def leave(self, name: int) -> None:
        """Forget a client."""
        self.sharers = [one for one in self.sharers if one.name != name]

    def _forget(self) -> None:
        for field, value in msgspec.structs.asdict(QuotaState()).items():
            setattr(self, field, value)


class QuotaMemory:
    """A state that one client keeps for itself.

    Args:
        clock: Clock in seconds; it may start anywhere, and never goes back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._state = QuotaState()

    def change(self, act: Callable[[QuotaState, float], Result]) -> Result:
        """Return what `act` makes of the state and the time; the caller sees to it that nobody else does so meanwhile."""
        return act(self._state, self._clock())

    def close(self) -> None:
        """Do nothing: the memory goes with its client."""
