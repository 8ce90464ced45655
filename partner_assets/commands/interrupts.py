"""Ctrl+C and SIGTERM for commands that run jobs: both end the command, and neither can be lost on the way.

Not here: what is said then, which the commands know.
"""

import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from partner_assets.progress import Progress

_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM})
_INTERRUPTED = (KeyboardInterrupt, dg.DagsterExecutionInterruptedError)


class Interrupts:
    """Knows whether somebody wants an end, whoever handled the signal, and whatever became of the exception.

    An exception that a signal raises is lost where it hits a callback of the garbage collector: Python prints a trace, and the
    work goes on. And while a step runs, Dagster handles the signals itself. But every signal leaves a byte as well.
    """

    def __init__(self, told: socket.socket) -> None:
        self._told = told
        self._is_wanted = False

    def check(self) -> None:
        """Do nothing unless somebody wants an end.

        Raises:
            KeyboardInterrupt: If so.
        """
        while not self._is_wanted:
            try:
                numbers = self._told.recv(64)
            except BlockingIOError:
                return
            self._is_wanted = not _SIGNALS.isdisjoint(numbers)
        raise KeyboardInterrupt

    def watched(self, progress: Progress) -> Progress:
        """Return a progress that looks for an end whenever a slice is done."""
        return _Watched(progress, self)


class _Watched:
    def __init__(self, progress: Progress, interrupts: Interrupts) -> None:
        self._progress = progress
        self._interrupts = interrupts

    def slice_done(self, asset: str, done: int, total: int) -> None:
        self._interrupts.check()
        self._progress.slice_done(asset, done, total)


@contextmanager
def interruptible() -> Iterator[Interrupts]:
    """Have Ctrl+C and SIGTERM raise `KeyboardInterrupt`, and keep a note of either; for the main thread."""
    told, signals = socket.socketpair()
    for end in (told, signals):
        end.setblocking(False)
    keep_interrupts_from_logs()
    # A service manager's way to say Ctrl+C. Unhandled, it would leave a run that looks as if it were under way.
    before = {number: signal.signal(number, signal.default_int_handler) for number in _SIGNALS}
    noted = signal.set_wakeup_fd(signals.fileno(), warn_on_full_buffer=False)
    try:
        yield Interrupts(told)
    finally:
        signal.set_wakeup_fd(noted)
        for number, handler in before.items():
            signal.signal(number, handler)
        told.close()
        signals.close()


def keep_interrupts_from_logs() -> None:
    """Let no library log a trace of Ctrl+C, as SQLAlchemy does when it comes while a connection is closed."""
    if logging.lastResort is not None:
        logging.lastResort.addFilter(_is_no_interrupt)


def _is_no_interrupt(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], _INTERRUPTED))
