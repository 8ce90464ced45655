"""Processes that write a lake and are killed: `partner-assets run` itself, or a loop that replaces and builds.

Each is forked from a server that has loaded everything, so that it starts at once and is a process of its own. Not here:
when it is killed (`instants.py`), and what it writes (`worlds.py`).
"""

import contextlib
import math
import multiprocessing
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

from partner_assets_tests.crashes.instants import Instant, Lengths
from partner_assets_tests.crashes.phases import BUILD, ELSEWHERE, follow, told

JOBS = ("catalogue_roots", "prices_by_price_list", "orders_by_day", "views")
"""What a run materialises: parents, prices, orders, the catalogue. Products and packages are written just like prices."""

STUCK_SECONDS = 300

_server = multiprocessing.get_context("forkserver")


@dataclass
class Death:
    """How a process ended.

    Attributes:
        phase: What it was doing.
        was_killed: False if it had finished by then.
        exit_code: Its exit code.
        seconds: How long it lived.
        begun: How often each phase began.
        lasted: How long the last of each phase lasted.
    """

    phase: str = ELSEWHERE
    was_killed: bool = False
    exit_code: int | None = None
    seconds: float = 0.0
    begun: Counter[str] = field(default_factory=Counter)
    lasted: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Work:
    """What a process is to do.

    Attributes:
        do: Called in the process, with its arguments.
        lake: The lake's folder.
        log: Where its words go.
        variables: Its environment.
        seconds: How long it waits on purpose; it is stuck that much later.
    """

    do: Callable[[], int]
    lake: Path
    log: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True)
class Run:
    """`partner-assets run` over some jobs, through Dagster."""

    first: date
    last: date

    def __call__(self) -> int:
        """Run; return the exit code."""
        from partner_assets.commands.shell_runs import run_from_shell

        return run_from_shell(JOBS, self.first, self.last)


def preload(*modules: str) -> None:
    """Name what processes need, to be loaded once."""
    _server.set_forkserver_preload(["partner_assets_tests.crashes.victims", *modules])


class Victim:
    """A process at work.

    Args:
        work: What it does.
        instant: When it is to be killed; None to let it finish.
    """

    def __init__(self, work: Work, instant: Instant | None = None) -> None:
        self._instant = instant
        self._longest = STUCK_SECONDS + work.seconds
        self._pipe, theirs = _server.Pipe(duplex=False)
        end_at, end_after = (instant.phase, instant.nth) if instant and instant.after is None else (None, 1)
        self._process = _server.Process(target=_work, args=(work, theirs, end_at, end_after))
        self._process.start()
        theirs.close()

    def end(self) -> Death:
        """Wait for its end, and bring it about when it is time.

        Raises:
            TimeoutError: If it hangs.
        """
        death, started = Death(), time.monotonic()
        since, kill_at = started, self._kill_at(started, None, 0)
        with contextlib.suppress(EOFError):
            while True:
                now = time.monotonic()
                if now >= min(kill_at, started + self._longest):
                    self._process.kill()
                    kill_at = math.inf
                phase = told(self._pipe, max(0.0, min(kill_at, started + self._longest) - time.monotonic()))
                if phase is not None:
                    now = time.monotonic()
                    death.lasted[death.phase] = now - since
                    since, death.phase = now, phase
                    death.begun[phase] += 1
                    kill_at = min(kill_at, self._kill_at(now, phase, death.begun[phase]))
        self._process.join()
        self._pipe.close()
        death.exit_code, death.seconds = self._process.exitcode, time.monotonic() - started
        death.was_killed = death.exit_code == -signal.SIGKILL
        if death.seconds >= self._longest:
            raise TimeoutError(f"A process hung while it was {death.phase}.")
        return death

    def _kill_at(self, now: float, phase: str | None, nth: int) -> float:
        """Return when to kill if a phase begins now for the nth time."""
        instant = self._instant
        if instant is None or instant.after is None or (instant.phase, instant.nth if phase else nth) != (phase, nth):
            return math.inf
        return now + instant.after


def lengths_of(death: Death) -> Lengths:
    """Return how long the phases of a process were that was left alone."""
    return Lengths(death.seconds, {BUILD: death.lasted.get(BUILD, 0.0), **death.lasted}, dict(death.begun))


def _work(work: Work, pipe: Connection, end_at: str | None, end_after: int) -> None:
    os.environ.update(work.variables)
    with work.log.open("w") as log:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(log.fileno(), stream.fileno())
    follow(work.lake, pipe, end_at=end_at, end_after=end_after)
    code = work.do()
    sys.stdout.flush()
    sys.exit(code)
