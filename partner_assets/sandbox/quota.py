"""The rate limit: so many requests per key in windows of fixed length. Not here: what is answered when it is spent."""

import math
import time
from dataclasses import dataclass

UNLIMITED = 1_000_000


@dataclass(frozen=True, slots=True)
class Spent:
    """What is left after one request.

    Attributes:
        limit: Requests allowed per window.
        remaining: Requests left in this window.
        reset: Whole seconds until the next window, at least 1.
        is_over: Whether this request was one too many.
    """

    limit: int
    remaining: int
    reset: int
    is_over: bool


class Quota:
    """A fixed window per key, opened by the first request after the previous one has closed.

    Args:
        rate: Requests per window, None for no limit.
        window: Seconds that a window lasts.
    """

    def __init__(self, rate: int | None, window: float) -> None:
        self._windows: dict[str, tuple[float, int]] = {}
        self.rate = rate
        self.window = window

    def change(self, rate: int | None, window: float) -> None:
        """Set another limit; every key starts afresh."""
        self.rate, self.window = rate, window
        self._windows.clear()

    def spend(self, key: str, requests: int = 1) -> Spent:
        """Count requests of a key. All strangers should share one key, or memory grows with their number."""
        limit = UNLIMITED if self.rate is None else self.rate
        now = time.monotonic()
        opened, count = self._windows.get(key, (now, 0))
        if now - opened >= self.window:
            opened, count = now, 0
        self._windows[key] = (opened, count + requests)
        reset = max(1, math.ceil(opened + self.window - now))
        return Spent(limit, max(0, limit - count - requests), reset, self.rate is not None and count >= limit)
