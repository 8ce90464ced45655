"""When the next request may start, so that the quota is used up and not exceeded.

Here: what one process learns from the rate headers and how its threads share it. Not here: reading the headers
(`hints.py`), and what happens to a request that was rejected all the same (`retry.py`).
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from partner_assets.api.hints import Quota, read_quota, read_retry_after
from partner_assets.api.waiting import Waiting

_TOO_MANY_REQUESTS = 429
# The last part of a quota is spread over the rest of the window: other programs of the partner spend the same one.
_SPREAD_SHARE = 0.05
_POLL_SECONDS = 0.01
_PROBE_PATIENCE_SECONDS = 1.0
_LONGEST_BACKOFF_SECONDS = 60.0
# Reset counts whole seconds. A server that ever says 0 rounds down, and announces the end up to a second early.
_ROUNDING_SECONDS = 1.0


@dataclass(frozen=True)
class Ticket:
    """Leave to make one request.

    Args:
        started: When it was given, on the monotonic clock.
        waited: Seconds that the request had to wait for it.
    """

    started: float
    waited: float


class Pacer:
    """Gives out tickets, at most one per request that the quota still allows.

    The figures of the newest answer hold; of two answers whose requests overlapped, the smaller one, since the order in
    which the server counted them is unknown. From it every request still under way is deducted, counted or not: that
    cannot exceed the quota, and costs nothing because the figure becomes exact as they return. A program beside us that
    spends the same quota shows in `Remaining` and needs no other care.

    Before the first answer, and after a rejection, one request goes ahead alone.

    Args:
        monotonic: Clock in seconds.
        random: Source of numbers in [0, 1).
    """

    def __init__(self, *, monotonic: Callable[[], float], random: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._random = random
        self._lock = threading.Lock()
        self._last: Quota | None = None
        self._limit: int | None = None
        self._remaining: int | None = None
        self._told_at = float("-inf")
        self._window_end: float | None = None
        self._window_started = float("-inf")
        self._window_seconds = 0.0
        self._in_flight = 0
        self._alone = True
        self._window_is_trusted = False
        self._probe: Ticket | None = None
        self._not_before = float("-inf")
        self._next_slot = float("-inf")
        self._rejections = 0
        self._slack = 0.0
        self._jitter = 0.0

    def quota(self) -> Quota | None:
        """Return the rate headers last seen, or None before the first answer that had any."""
        with self._lock:
            return self._last

    def take(self, waiting: Waiting) -> Ticket:
        """Wait until a request may start, and count it as under way.

        Args:
            waiting: How to sleep, and whether the caller has given up.

        Raises:
            Stopped: If the caller gave up meanwhile.
        """
        since = self._monotonic()
        while True:
            waiting.check()
            with self._lock:
                now = self._monotonic()
                delay = self._delay(now)
                if delay <= 0:
                    ticket = Ticket(started=now, waited=now - since)
                    self._in_flight += 1
                    if self._alone:
                        self._probe = ticket
                    return ticket
            waiting.nap(delay)

    def give_back(self, ticket: Ticket, *, status: int | None = None, headers: Mapping[str, str] | None = None) -> None:
        """Count a request as finished, and learn from its answer.

        Args:
            ticket: What `take` gave.
            status: HTTP status, None if no answer came.
            headers: Headers of the answer.
        """
        with self._lock:
            self._in_flight -= 1
            if ticket is self._probe:
                self._probe = None
            if headers is None:
                return
            now = self._monotonic()
            quota = read_quota(headers)
            if quota != Quota(None, None, None):
                self._last = quota
            if quota.reset_seconds == 0:
                self._slack = _ROUNDING_SECONDS
            if status == _TOO_MANY_REQUESTS:
                self._learn_rejection(quota, read_retry_after(headers), now)
            elif ticket.started >= self._window_started:
                self._learn(ticket, quota, now)

    def _delay(self, now: float) -> float:
        """Return the seconds until the next request may be considered; 0 for at once."""
        if now < self._not_before:
            return self._not_before - now
        if self._window_end is not None and now >= self._window_end + self._slack + self._jitter:
            self._open_window(now)
        if self._alone:
            probe_is_out = self._probe is not None and now - self._probe.started < _PROBE_PATIENCE_SECONDS
            return _POLL_SECONDS if probe_is_out else 0.0
        if self._remaining is None:
            return 0.0
        free = self._remaining - self._in_flight
        if free <= 0:
            return self._wait_for_more(now)
        if self._limit is None or self._window_end is None or free > self._limit * _SPREAD_SHARE:
            return 0.0
        if now < self._next_slot:
            return self._next_slot - now
        self._next_slot = now + max(self._window_end - now, 0.0) / (free + 1)
        return 0.0

    def _wait_for_more(self, now: float) -> float:
        if self._in_flight > 0:
            return _POLL_SECONDS
        if self._window_end is not None:
            return self._window_end + self._slack + self._jitter - now
        # Nothing remains and no word about when: ask again after a while, alone.
        self._alone = True
        self._not_before = now + self._backoff()
        return self._not_before - now

    def _open_window(self, now: float) -> None:
        self._window_started = now
        self._window_end = None
        self._remaining = self._limit
        self._next_slot = now
        self._told_at = now
        # Until a first window has opened as announced, one request goes ahead to see whether it has.
        self._alone = self._alone or not self._window_is_trusted

    def _learn(self, ticket: Ticket, quota: Quota, now: float) -> None:
        self._rejections = 0
        self._alone = False
        self._window_is_trusted = self._window_started > float("-inf")
        if quota.limit is not None:
            self._limit = quota.limit
        if quota.remaining is None:
            return
        # The server read its clock somewhere between our question and its answer.
        end = None if quota.reset_seconds is None else (ticket.started + now) / 2 + quota.reset_seconds
        if self._remaining is None or ticket.started >= self._told_at:
            has_more = self._remaining is None or quota.remaining > self._remaining
            self._remaining = quota.remaining
            self._told_at = now
        else:
            has_more = False
            self._remaining = min(self._remaining, quota.remaining)
        if end is None:
            return
        if self._window_end is None:
            self._window_seconds = max(self._window_seconds, quota.reset_seconds or 0.0)
            # Several processes wait for the same moment; a long window can spare a quarter of a second.
            self._jitter = self._random() * min(0.25, 0.01 * self._window_seconds)
            self._window_end = end
        else:
            # Of ends that were rounded up, the earliest is the nearest.
            self._window_end = end if has_more else min(self._window_end, end)

    def _learn_rejection(self, quota: Quota, retry_after: float | None, now: float) -> None:
        self._window_is_trusted = False
        self._alone = True
        if now < self._not_before:
            return
        told = max((seconds for seconds in (retry_after, quota.reset_seconds) if seconds), default=None)
        self._rejections += 1
        pause = self._backoff() if told is None else told + self._slack
        self._not_before = now + pause + 0.25 * self._random()
        self._window_end = None
        self._remaining = None

    def _backoff(self) -> float:
        return float(min(_LONGEST_BACKOFF_SECONDS, 2.0 ** min(self._rejections, 10) * 0.5))
