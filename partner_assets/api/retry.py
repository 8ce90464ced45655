"""How often, and after how long, a request that failed is made again.

Here: the two bounds (attempts and time) and the wait between attempts. Not here: which failure is transient (its type
says so, `errors.py`), and keeping within the quota (`pacing.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential

from partner_assets.api.errors import PartnerApiError, TransientError
from partner_assets.api.waiting import Waiting

_LONGEST_BACKOFF_SECONDS = 60.0
# After a wait that the server dictated, not all threads and processes should come back in the same millisecond.
_JITTER_SECONDS = 0.25

Result = TypeVar("Result")


@dataclass
class Effort:
    """What one request has cost so far.

    Args:
        quota_seconds: Seconds spent waiting for the quota, which do not count as seconds of trying.
        retries: Attempts after the first.
    """

    quota_seconds: float = 0.0
    retries: int = 0


class Retry:
    """Makes a request again as long as its failure is transient and both bounds allow.

    Args:
        attempts: Most attempts, the first one included.
        seconds: Longest time from the first attempt to the start of the last, waits for the quota not counted.
        monotonic: Clock in seconds.
        random: Source of numbers in [0, 1).
    """

    def __init__(
        self, *, attempts: int, seconds: float, monotonic: Callable[[], float], random: Callable[[], float]
    ) -> None:
        if attempts < 1:
            raise ValueError(f"There must be at least one attempt, not {attempts}.")
        self._attempts = attempts
        self._seconds = seconds
        self._monotonic = monotonic
        self._random = random
        self._exponential = wait_exponential(multiplier=1, max=_LONGEST_BACKOFF_SECONDS)

    def call(self, make: Callable[[Effort], Result], *, waiting: Waiting, effort: Effort) -> Result:
        """Call `make` until it succeeds, fails for good, or a bound is reached.

        Args:
            make: Makes the request once.
            waiting: How to sleep, and whether the caller has given up.
            effort: Counted up as we go, for the caller to read afterwards.

        Raises:
            PartnerApiError: The last failure, of its own type, saying after how many attempts.
            Stopped: If the caller gave up meanwhile.
        """
        started = self._monotonic()

        def tried_for() -> float:
            return self._monotonic() - started - effort.quota_seconds

        def is_enough(state: RetryCallState) -> bool:
            return state.attempt_number >= self._attempts or tried_for() + state.upcoming_sleep > self._seconds

        def give_up(state: RetryCallState) -> NoReturn:
            error = failure(state)
            error.attempts = state.attempt_number
            error.add_sentence(self._farewell(error, state.attempt_number, tried_for()))
            raise error

        def before_sleep(_: RetryCallState) -> None:
            effort.retries += 1

        retrying = Retrying(
            retry=retry_if_exception_type(TransientError),
            wait=self._wait,
            stop=is_enough,
            before_sleep=before_sleep,
            retry_error_callback=give_up,
            sleep=waiting.rest,
        )
        return retrying(make, effort)

    def _wait(self, state: RetryCallState) -> float:
        # Full jitter: tenacity's own wait_random_exponential draws from the global generator and takes no other.
        backoff = self._random() * self._exponential(state)
        told = failure(state).retry_after
        return backoff if not told else max(backoff, told + self._random() * _JITTER_SECONDS)

    def _farewell(self, error: PartnerApiError, attempts: int, seconds: float) -> str:
        plural = "attempt" if attempts == 1 else "attempts"
        tried = f"Gave up after {attempts} {plural} in {seconds:.1f} seconds"
        if attempts < self._attempts and error.retry_after and seconds + error.retry_after > self._seconds:
            return (
                f"{tried}: the server asks for a wait of {error.retry_after:.0f} seconds, and a request is given "
                f"{self._seconds:.0f} in all."
            )
        return f"{tried}; it may pass, so run it again later."


def failure(state: RetryCallState) -> PartnerApiError:
    """Return the error of the attempt that just ended."""
    error = state.outcome.exception() if state.outcome is not None else None
    if not isinstance(error, PartnerApiError):
        raise TypeError(f"Only a PartnerApiError is retried, not {type(error).__name__}.")
    return error
