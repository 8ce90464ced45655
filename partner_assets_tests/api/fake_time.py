"""Time that passes only when somebody sleeps.

Here: a clock and its sleep, and a client that uses them. Not here: any real waiting.
"""

import threading
from typing import Any

from partner_assets.api.client import PartnerApi

KEY = "5839bcfabb9e0d20f889f366dbfbbe2973c152cfbe91fae728a9f7e662ce1a2d"


class FakeTime:
    """A monotonic clock that `sleep` moves forward."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept = 0.0
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        """Return the seconds so far."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Move the clock forward."""
        with self._lock:
            self.now += seconds
            self.slept += seconds


def client(base_url: str, time: FakeTime | None = None, **options: Any) -> PartnerApi:
    """Return a client whose waits take no time and whose jitter is always the middle."""
    time = time or FakeTime()
    return PartnerApi(
        base_url, KEY, **{"sleep": time.sleep, "monotonic": time.monotonic, "random": lambda: 0.5, **options}
    )
