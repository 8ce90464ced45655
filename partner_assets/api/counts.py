"""What the client has done so far, in numbers.

Here: counting, safely from many threads, and the snapshot of it. Not here: what is done with the numbers.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Counts:
    """A snapshot; every number counts since the client was made.

    Args:
        requests: Requests sent, by endpoint name; a retry is a request.
        statuses: Answers, by HTTP status; a request without an answer counts under 0.
        retries: Requests that repeated an earlier one.
        quota_seconds: Seconds during which at least one thread waited for the quota.
        drifted_searches: Searches for orders by other criteria than creation, one per window, whose rows shifted in every
            reading; their orders are all that any reading found, and one that is alive may be missing.
    """

    requests: Mapping[str, int]
    statuses: Mapping[int, int]
    retries: int
    quota_seconds: float
    drifted_searches: int

    @property
    def total(self) -> int:
        """Requests sent to all endpoints together."""
        return sum(self.requests.values())


class Tally:
    """Counts as it goes; `snapshot` reads it.

    Args:
        monotonic: Clock in seconds.
    """

    def __init__(self, *, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._requests: Counter[str] = Counter()
        self._statuses: Counter[int] = Counter()
        self._retries = 0
        self._drifted = 0
        self._waiters = 0
        self._waiting_since = 0.0
        self._quota_seconds = 0.0

    def request(self, endpoint: str) -> None:
        """Count a request that is about to be sent."""
        with self._lock:
            self._requests[endpoint] += 1

    def answer(self, status: int) -> None:
        """Count an answer, or with 0 its absence."""
        with self._lock:
            self._statuses[status] += 1

    def retry(self, times: int) -> None:
        """Count repetitions."""
        with self._lock:
            self._retries += times

    def drift(self) -> None:
        """Count a search that never held still."""
        with self._lock:
            self._drifted += 1

    @contextmanager
    def quota_wait(self) -> Iterator[None]:
        """Count the time spent inside; threads that wait at the same time count once."""
        with self._lock:
            if self._waiters == 0:
                self._waiting_since = self._monotonic()
            self._waiters += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiters -= 1
                if self._waiters == 0:
                    self._quota_seconds += self._monotonic() - self._waiting_since

    def snapshot(self) -> Counts:
        """Return the numbers of this moment."""
        with self._lock:
            running = self._monotonic() - self._waiting_since if self._waiters else 0.0
            return Counts(
                requests=dict(self._requests),
                statuses=dict(self._statuses),
                retries=self._retries,
                quota_seconds=self._quota_seconds + running,
                drifted_searches=self._drifted,
            )
