"""One call made ahead of its turn, on a thread of its own. Not here: what is called, and when it pays to be early."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Ahead(Generic[Result]):
    """Results of calls, some of which were begun before they were wanted."""

    def __init__(self) -> None:
        self._begun: dict[Hashable, Future[Result]] = {}

    def begin(self, key: Hashable, call: Callable[[], Result]) -> None:
        """Begin a call, and return at once.

        Args:
            key: What it will be taken by.
            call: Makes the result.
        """
        future = self._begun[key] = Future[Result]()
        # A daemon, as the client's own threads: Ctrl-C is not to wait for an answer that nobody wants any more.
        threading.Thread(target=_fulfil, args=(future, call), name="ahead", daemon=True).start()

    def take(self, key: Hashable, call: Callable[[], Result]) -> Result:
        """Return the result of the call that was begun, or of this one if none was.

        Raises:
            BaseException: What the call raised.
        """
        future = self._begun.pop(key, None)
        return call() if future is None else future.result()


def _fulfil(future: Future[Result], call: Callable[[], Result]) -> None:
    try:
        future.set_result(call())
    except BaseException as error:
        # Raised again where the result is taken.
        future.set_exception(error)
