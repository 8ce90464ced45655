"""When the next request may start, so that the quota is used up and not exceeded.

Here: waiting for leave, on behalf of the threads of one client. Not here: what the quota allows (`pacing_rules.py`), how
processes share what is known of it (`pacing_file.py`), reading the headers (`hints.py`), and what happens to a request
that was rejected all the same (`retry.py`).
"""

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from partner_assets.api.hints import Quota, read_quota, read_retry_after
from partner_assets.api.pacing_file import QuotaFile
from partner_assets.api.pacing_lessons import Told, learn
from partner_assets.api.pacing_rules import POLL_SECONDS, ask
from partner_assets.api.pacing_state import PRESENT_SECONDS, QuotaMemory, QuotaState
from partner_assets.api.waiting import Waiting

_NOTHING_TOLD = Quota(None, None, None)


@dataclass(frozen=True)
class Ticket:
    """Leave to make one request.

    Args:
        started: When it was given, on the clock of the quota.
        waited: Seconds that the request had to wait for it.
        is_probe: Whether the request goes ahead alone.
    """

    started: float
    waited: float
    is_probe: bool = False


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
        quota: Where what is known of the quota is kept; in this client's own memory if None.
    """

    def __init__(
        self,
        *,
        monotonic: Callable[[], float],
        random: Callable[[], float],
        quota: QuotaFile | None = None,
    ) -> None:
        self._monotonic = monotonic
        self._random = random
        self._quota = quota or QuotaMemory(monotonic)
        self._name = secrets.randbits(48)
        self._lock = threading.Lock()
        self._last: Quota | None = None
        self._under_way: list[float] = []
        self._quiet_until = float("-inf")
        self._is_present = self._is_closed = False

    def quota(self) -> Quota | None:
        """Return the rate headers last seen, or None before the first answer that had any."""
        with self._lock:
            return self._last

    def close(self) -> None:
        """Let go of the quota, so that nobody reckons with this client any more."""
        with self._lock:
            if self._is_present:
                self._quota.change(lambda state, _: state.leave(self._name))
                self._quota.close()
            self._is_present, self._is_closed = False, True

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
                delay = self._quiet_until - self._monotonic()
                if delay <= 0:
                    self._is_present = True
                    delay, started, is_probe = self._quota.change(self._ask)
                    now = self._monotonic()
                    if delay <= 0:
                        self._under_way.append(started)
                        return Ticket(started=started, waited=now - since, is_probe=is_probe)
                    # What one thread was told holds for the others for a moment: they need not all ask.
                    self._quiet_until = now + min(delay, POLL_SECONDS)
            waiting.nap(delay)

    def give_back(self, ticket: Ticket, *, status: int | None = None, headers: Mapping[str, str] | None = None) -> None:
        """Count a request as finished, and learn from its answer.

        Args:
            ticket: What `take` gave.
            status: HTTP status, None if no answer came.
            headers: Headers of the answer.
        """
        told = None
        if status is not None and headers is not None:
            told = Told(status, read_quota(headers), read_retry_after(headers))

        def finish(state: QuotaState, now: float) -> None:
            me = state.enter(self._name, now)
            me.in_flight = self._count_under_way(now)
            if ticket.is_probe and state.probe == ticket.started:
                state.probe = None
            if told is not None:
                learn(state, told, started=ticket.started, now=now, random=self._random)

        with self._lock:
            if told is not None and told.quota != _NOTHING_TOLD:
                self._last = told.quota
            self._under_way.remove(ticket.started)
            self._quiet_until = float("-inf")
            if not self._is_closed:
                self._quota.change(finish)

    def _ask(self, state: QuotaState, now: float) -> tuple[float, float, bool]:
        me = state.enter(self._name, now)
        me.in_flight = self._count_under_way(now)
        return ask(state, me, now), now, state.is_alone

    def _count_under_way(self, now: float) -> int:
        return sum(1 for started in self._under_way if now - started < PRESENT_SECONDS)
