"""Storages of Dagster's that fail at a call of one's choice, as a lock, a full disk or a killed process would have it.

Not here: the daemon that runs into them (`sensor_daemon.py`).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.storage.event_log import InMemoryEventLogStorage
from dagster._core.storage.runs import InMemoryRunStorage

from partner_assets_tests.automation.sensor_daemon import TickStorage, lasting_instance, tick_storage


class Locked(Exception):
    """What a database says when somebody else writes for too long."""


class Killed(KeyboardInterrupt):
    """The process is gone: whatever Dagster still tries on its way out is not written either."""


class Fault:
    """Counts the calls of storages, and lets one of them fail; if that kills the process, all that follow, too."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self._at = 0
        self._error: type[BaseException] = Locked
        self._is_done = False
        self._is_armed = False
        self._is_inside = False

    def arm(self, at: int, error: type[BaseException], *, is_done: bool) -> None:
        """Let a call fail from now on.

        Args:
            at: The number of the call, from 1.
            error: What is raised.
            is_done: Whether what is called for is done before that.
        """
        self.calls = []
        self._at, self._error, self._is_done, self._is_armed = at, error, is_done, True

    def disarm(self) -> bool:
        """Let no call fail any more; return whether one did."""
        self._is_armed = False
        return len(self.calls) >= self._at

    def watched(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that fails when its turn comes. What it calls itself is no call of its own."""

        def call(*args: Any, **options: Any) -> Any:
            if self._is_inside or not self._is_armed:
                return function(*args, **options)
            self.calls.append(name)
            late = len(self.calls) - self._at
            if (late == 0 and not self._is_done) or (late > 0 and self._error is Killed):
                raise self._error(f"before {name}")
            self._is_inside = True
            try:
                result = function(*args, **options)
            finally:
                self._is_inside = False
            if late == 0:
                raise self._error(f"after {name}")
            return result

        return call


class _Breaking:
    """A storage whose every method may fail."""

    fault: Fault | None = None

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        if name.startswith("_") or name == "fault" or not callable(value) or self.fault is None:
            return value
        return self.fault.watched(f"{type(self).__name__}.{name}", value)


class Runs(_Breaking, InMemoryRunStorage):
    """Keeps runs."""


class Events(_Breaking, InMemoryEventLogStorage):
    """Keeps events."""


class Ticks(_Breaking, TickStorage):
    """Keeps ticks and cursors."""


def breaking_instance(folder: Path, fault: Fault) -> dg.DagsterInstance:
    """Return an instance whose storages fail when a fault says so."""
    runs, events, ticks = Runs(), Events(), tick_storage(folder, Ticks)
    instance = lasting_instance(folder, runs=runs, events=events, ticks=ticks)
    assert isinstance(ticks, Ticks)
    breaking: tuple[_Breaking, ...] = (runs, events, ticks)
    for storage in breaking:
        storage.fault = fault
    return instance
