"""Several processes that spend one quota for a while, and how well they did: used, rejected, fairly shared.

Here: starting and ending them, and the figures. Not here: what a process does (`spender.py`, `neighbour.py`), and which
contests there are (`campaign.py`).
"""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from partner_assets.sandbox.server import RunningSandbox, SandboxConfig
from partner_assets_tests.api.fake_time import KEY

LONGEST_END_SECONDS = 60


@dataclass(frozen=True)
class Contest:
    """What is played.

    Attributes:
        name: What the table of results calls it.
        rate: Requests per window.
        window: Seconds of a window.
        threads: Threads of each process.
        seconds: How long they play.
        latency_ms: How long every answer is held back.
        is_shared: Whether they share what they know, or each reckons for itself.
        neighbour: Requests that a program beside them makes at once in every second, heeding nothing.
        unseen: Chance that a request costs a tenth of the quota besides, spent by somebody whom nobody sees.
        kill_every: Seconds after which one process is killed and another takes its place; 0 for never.
    """

    name: str
    rate: int = 50
    window: float = 1.0
    threads: Sequence[int] = (8, 8, 8, 8)
    seconds: float = 60.0
    latency_ms: float = 0.0
    is_shared: bool = True
    neighbour: int = 0
    unseen: float = 0.0
    kill_every: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    Attributes:
        contest: What was played.
        admitted: When each request was answered, process by process; those killed come last.
        others: When each request of the neighbour was answered.
        spent_unseen: Requests that nobody made and the quota was charged with.
        rejected: Requests of ours that were answered 429.
    """

    contest: Contest
    admitted: Sequence[Sequence[float]]
    others: Sequence[float]
    spent_unseen: int
    rejected: int

    @property
    def ours(self) -> int:
        """Requests of ours that were admitted."""
        return sum(map(len, self.admitted))

    @property
    def used(self) -> float:
        """Share of the quota that was used, by us or others, in whole windows from the first request to the last.

        The first request after n full quotas can come no earlier than n windows after the first of all; the share is how
        long that ought to have taken, divided by how long it took.
        """
        moments = sorted([*(moment for each in self.admitted for moment in each), *self.others])
        spent = len(moments) + self.spent_unseen
        windows = (spent - 1) // self.contest.rate
        last = moments[int(windows * self.contest.rate * len(moments) / spent)]
        return windows * self.contest.window / (last - moments[0])

    @property
    def rejected_share(self) -> float:
        """Share of our answers that were 429."""
        return self.rejected / (self.ours + self.rejected)

    @property
    def fairness(self) -> float:
        """What the slowest process got, divided by the mean of those that were there from beginning to end."""
        counts = [len(each) for each in self.admitted[: len(self.contest.threads)]]
        return min(counts) / (sum(counts) / len(counts))


class Child:
    """A process of the contest, told to begin by a line and to end by the end of its input."""

    def __init__(self, module: str, *arguments: object, log: Path) -> None:
        command = [sys.executable, "-m", f"partner_assets_tests.quota.{module}", *map(str, arguments)]
        self.log = log
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def begin(self) -> None:
        """Let it begin, once it is ready."""
        assert self._process.stdin is not None and self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """Kill it, in the middle of whatever it does."""
        self._process.kill()

    def end(self) -> None:
        """Let it end, unless it has."""
        if self._process.stdin is not None and self._process.poll() is None:
            self._process.stdin.close()

    def wait(self) -> None:
        """Wait until it has ended."""
        self.end()
        self._process.wait(timeout=LONGEST_END_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def lines(self) -> list[str]:
        """Return what it logged; a last line that was cut off by a kill is none."""
        return [line for line in self.log.read_text().splitlines(keepends=True) if line.endswith("\n")]


def play(contest: Contest, folder: Path) -> Outcome:
    """Let the processes play, and return what came of it.

    Args:
        contest: What to play.
        folder: Where they log, and share what they know.
    """
    config = SandboxConfig(
        days=1,
        orders_per_day=0,
        api_keys=(KEY,),
        rate=contest.rate,
        rate_window=contest.window,
        latency_ms=contest.latency_ms,
        faults={"neighbour": contest.unseen} if contest.unseen else {},
    )
    with RunningSandbox(config) as sandbox, contextlib.ExitStack() as stack:
        ids = sandbox.control("orders/add")["ids"]
        assert isinstance(ids, list)
        order = ids[0]
        numbers = count()

        def spender(threads: int) -> Child:
            log = folder / f"{next(numbers)}.log"
            shared = [folder / "quota"] if contest.is_shared else []
            return entered(Child("spender", sandbox.base_url, order, threads, log, *shared, log=log))

        def entered(child: Child) -> Child:
            stack.callback(child.wait)
            return child

        spenders = [spender(threads) for threads in contest.threads]
        others = []
        if contest.neighbour:
            log = folder / "neighbour.log"
            others = [entered(Child("neighbour", sandbox.base_url, order, contest.neighbour, 1.0, log, log=log))]
        for child in [*others, *spenders]:
            child.begin()
        victims = list(_play_on(contest, spender))
        ended = time.time()
        for child in [*spenders, *others]:
            child.end()
        stack.close()
        return _outcome(contest, [*spenders, *victims], others, stats=sandbox.stats(), ended=ended)


def _play_on(contest: Contest, spender: Callable[[int], Child]) -> Iterator[Child]:
    """Wait until the time is up; meanwhile start processes and kill them, where the contest says so."""
    deadline = time.monotonic() + contest.seconds
    while contest.kill_every and time.monotonic() < deadline:
        victim = spender(contest.threads[0])
        victim.begin()
        time.sleep(contest.kill_every)
        victim.kill()
        yield victim
    time.sleep(max(0.0, deadline - time.monotonic()))


def _outcome(
    contest: Contest, spenders: Sequence[Child], others: Sequence[Child], *, stats: Mapping[str, Any], ended: float
) -> Outcome:
    theirs = [line for child in others for line in child.lines()]
    refused = sum(line.startswith("rejected") for line in theirs)
    return Outcome(
        contest,
        # The last to end would have the quota for itself for a moment.
        admitted=[[moment for moment in map(float, child.lines()) if moment < ended] for child in spenders],
        others=[float(line) for line in theirs if not line.startswith("rejected")],
        spent_unseen=stats["faults"].get("neighbour", 0) * contest.rate // 10,
        rejected=stats["statuses"].get("429", 0) - refused,
    )
