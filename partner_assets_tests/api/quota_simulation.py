"""Clients that spend one quota in simulated time: every event in its order, no waiting, the same figures on every machine.

Here: the gateway, the clients' threads and the network between them. Not here: real processes (`quota/contest.py`).
"""

import heapq
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from partner_assets.api.hints import Quota
from partner_assets.api.pacing_lessons import TOO_MANY_REQUESTS, Told, learn
from partner_assets.api.pacing_rules import ask
from partner_assets.api.pacing_state import QuotaState
from partner_assets.api.waiting import NAP_SECONDS

START = 1000.0
WAKE_SECONDS, WORK_SECONDS, STALL_SECONDS = 0.001, 0.0005, 0.05


@dataclass
class Gateway:
    """A quota per fixed window, opened by the first request after the last has closed.

    Args:
        limit: Requests per window.
        seconds: Seconds of a window.
    """

    limit: int
    seconds: float
    opened: float = -math.inf
    count: int = 0
    windows: list[tuple[float, int]] = field(default_factory=list)

    def hit(self, now: float) -> Told:
        """Count a request, and say what its answer says."""
        if now - self.opened >= self.seconds:
            if self.count:
                self.windows.append((self.opened, min(self.count, self.limit)))
            self.opened, self.count = now, 0
        status = TOO_MANY_REQUESTS if self.count >= self.limit else 200
        self.count += 1
        reset = max(1, math.ceil(self.opened + self.seconds - now))
        return Told(status, Quota(self.limit, max(0, self.limit - self.count), float(reset)), None)

    @property
    def used(self) -> float:
        """Share of the quota that was spent, from the first window to the last but one."""
        *whole, last = self.windows
        spent = sum(requests for _, requests in whole)
        return spent / (self.limit * (last[0] - whole[0][0]) / self.seconds)


@dataclass(frozen=True)
class Client:
    """A process of ours.

    Args:
        threads: How many threads it has, each of which always wants something.
        begins: Seconds after the start.
        dies: Seconds after the start; what it had under way never comes back.
    """

    threads: int = 8
    begins: float = 0.0
    dies: float = math.inf


@dataclass(frozen=True)
class Ways:
    """How long a request takes to where it is counted, and from there back, in seconds.

    Args:
        there: The least.
        back: The least.
        varies: Most that comes on top of either.
        stalls: Chance of either that `STALL_SECONDS` come on top, as on a busy machine.
    """

    there: float = 0.002
    back: float = 0.002
    varies: float = 0.003
    stalls: float = 0.0


class Simulation:
    """Runs clients against a gateway, all on one state.

    Args:
        gateway: The quota.
        clients: Who spends it.
        ways: The network.
        neighbour: Requests that somebody else makes, heeding nothing, at the start of every window's length of time.
        neighbour_ends: Seconds after which it makes no more.
        unseen: Chance that a request finds a tenth of the quota just spent by somebody else.
        seed: Of what is left to chance.

    Attributes:
        admitted: For each client, when its requests were answered.
        rejected: For each client, how many were answered 429.
        waited: For each client, the longest that one of its requests had to wait.
    """

    def __init__(
        self,
        gateway: Gateway,
        clients: Sequence[Client],
        *,
        ways: Ways | None = None,
        neighbour: int = 0,
        neighbour_ends: float = math.inf,
        unseen: float = 0.0,
        seed: int = 1,
    ) -> None:
        self.gateway = gateway
        self.admitted: list[list[float]] = [[] for _ in clients]
        self.rejected = [0] * len(clients)
        self.waited = [0.0] * len(clients)
        self._clients = clients
        self._ways = ways or Ways()
        self._neighbour = neighbour
        self._neighbour_ends = START + neighbour_ends
        self._unseen = unseen
        self._random = random.Random(seed)  # noqa: S311 - nothing is kept secret by it
        self._state = QuotaState()
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._numbers = count()

    def run(self, seconds: float) -> "Simulation":
        """Let so much time pass."""
        for name, client in enumerate(self._clients):
            for _ in range(client.threads):
                since = START + client.begins + 0.01 * self._random.random()
                self._at(since, partial(self._ask, name, since))
        if self._neighbour:
            self._at(START, self._spend_unasked)
        while self._events and self._events[0][0] < START + seconds:
            now, _, act = heapq.heappop(self._events)
            act(now)
        return self

    @property
    def rejected_share(self) -> float:
        """Share of our answers that were 429."""
        return sum(self.rejected) / (sum(self.rejected) + sum(map(len, self.admitted)))

    @property
    def fairness(self) -> float:
        """What the slowest client got, divided by the mean."""
        counts = [len(moments) for moments in self.admitted]
        return min(counts) * len(counts) / sum(counts)

    def _at(self, moment: float, act: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._numbers), act))

    def _ask(self, name: int, since: float, now: float) -> None:
        if now >= START + self._clients[name].dies:
            return
        delay = ask(self._state, self._state.enter(name, now), now)
        if delay > 0:
            later = now + min(delay, NAP_SECONDS) + WAKE_SECONDS * self._random.random()
            self._at(later, partial(self._ask, name, since))
            return
        self.waited[name] = max(self.waited[name], now - since)
        was_probe = self._state.is_alone
        self._at(now + self._way(self._ways.there), partial(self._count, name, now, was_probe))

    def _count(self, name: int, started: float, was_probe: bool, now: float) -> None:
        if self._random.random() < self._unseen:
            self._spend(self.gateway.limit // 10, now)
        told = self.gateway.hit(now)
        self._at(now + self._way(self._ways.back), partial(self._answer, name, told, started, was_probe))

    def _answer(self, name: int, told: Told, started: float, was_probe: bool, now: float) -> None:
        if now >= START + self._clients[name].dies:
            return
        me = self._state.enter(name, now)
        me.in_flight = max(0, me.in_flight - 1)
        if was_probe and self._state.probe == started:
            self._state.probe = None
        learn(self._state, told, started=started, now=now, random=self._random.random)
        again = now + WORK_SECONDS
        if told.status == TOO_MANY_REQUESTS:
            # As `retry.py` does with a request that was rejected.
            self.rejected[name] += 1
            again = now + (told.quota.reset_seconds or 0.0) + 0.25 * self._random.random()
        else:
            self.admitted[name].append(now - START)
        self._at(again, partial(self._ask, name, again))

    def _spend_unasked(self, now: float) -> None:
        self._spend(self._neighbour, now)
        if now < self._neighbour_ends:
            self._at(now + 1.001 * self.gateway.seconds, self._spend_unasked)

    def _way(self, least: float) -> float:
        stall = STALL_SECONDS if self._random.random() < self._ways.stalls else 0.0
        return least + self._ways.varies * self._random.random() + stall

    def _spend(self, requests: int, now: float) -> None:
        for _ in range(requests):
            self.gateway.hit(now)
