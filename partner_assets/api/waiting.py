"""Waiting that ends early when the caller gives up.

Here: sleeping in small portions, and the flag that ends it. Not here: how long to wait (`pacing.py`, `retry.py`).
"""

import threading
from collections.abc import Callable

from partner_assets.api.errors import Stopped

NAP_SECONDS = 0.2
"""A person who pressed Ctrl-C, and a process that is asked to end, wait at most this long for a thread that sleeps."""


class Waiting:
    """How the threads of one piece of work sleep, and when they stop.

    Args:
        sleep: Sleeps for a number of seconds.
        stops: Any of these, once set, ends the waiting.
    """

    def __init__(self, sleep: Callable[[float], None], *stops: threading.Event) -> None:
        self._sleep = sleep
        self._stops = stops

    def until(self, stop: threading.Event) -> "Waiting":
        """Return a waiting that also ends when `stop` is set."""
        return Waiting(self._sleep, *self._stops, stop)

    def check(self) -> None:
        """Do nothing, unless the caller gave up.

        Raises:
            Stopped: If the caller gave up.
        """
        if any(stop.is_set() for stop in self._stops):
            raise Stopped("The request was given up because its caller closed the client or left the loop.")

    def nap(self, seconds: float) -> None:
        """Sleep for so many seconds, but only a small portion of them: the caller looks again and comes back.

        Args:
            seconds: Upper bound.
        """
        self._sleep(min(seconds, NAP_SECONDS))

    def rest(self, seconds: float) -> None:
        """Sleep for all of so many seconds.

        Args:
            seconds: How long.

        Raises:
            Stopped: If the caller gave up meanwhile.
        """
        while seconds > 0:
            self.check()
            self.nap(seconds)
            seconds -= NAP_SECONDS
        self.check()
