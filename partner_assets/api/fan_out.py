"""One function over many items on several threads, results in the order of the items.

Here: the bounds on threads and on work under way, and a prompt end. Not here: what the function does (`client.py`).
"""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Workers(Generic[Item, Result]):
    """Daemon threads that work through a queue.

    Not a ThreadPoolExecutor: Python joins its threads when the process ends, so that Ctrl-C would wait for every answer
    still on its way, a minute for a server that has stalled.
    """

    def __init__(self, function: Callable[[Item], Result], *, most: int) -> None:
        self._function = function
        self._most = most
        self._queue: SimpleQueue[tuple[Future[Result], Item] | None] = SimpleQueue()
        self._threads = 0

    def submit(self, item: Item) -> Future[Result]:
        future: Future[Result] = Future()
        self._queue.put((future, item))
        if self._threads < self._most:
            self._threads += 1
            threading.Thread(target=self._work, name=f"partner-api-{self._threads}", daemon=True).start()
        return future

    def dismiss(self) -> None:
        """Let every thread end once it is done with what it has begun."""
        for _ in range(self._threads):
            self._queue.put(None)

    def _work(self) -> None:
        while (task := self._queue.get()) is not None:
            future, item = task
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(self._function(item))
            except BaseException as error:
                # Raised again where the result is read, on the thread of the caller.
                future.set_exception(error)


def in_order(
    function: Callable[[Item], Result], items: Iterable[Item], *, workers: int, stop: threading.Event
) -> Generator[Result, None, None]:
    """Yield ``function(item)`` for every item, in the order of the items, computed on several threads.

    At most twice as many items as threads are under way or waiting to be taken, so that memory does not grow with the
    number of items, which may be endless.

    Args:
        function: Called on a thread of its own.
        items: Taken one by one, as room appears.
        workers: Most threads.
        stop: Set as soon as the loop is left, normally or not, so that `function` can end early.

    Raises:
        BaseException: What `function` or `items` raises; nothing that has not begun is begun then.
    """
    pool = _Workers(function, most=workers)
    under_way: deque[Future[Result]] = deque()
    try:
        for item in items:
            under_way.append(pool.submit(item))
            if len(under_way) >= 2 * workers:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        stop.set()
        for future in under_way:
            future.cancel()
        pool.dismiss()
