"""Ctrl+C while DuckDB works: it ends the question, wherever in it DuckDB is.

DuckDB hears of an interrupt at once from another thread, and by itself only between two steps of its own, of which a join
that explodes may be one. Not here: what becomes of it then (`verbs.py`).
"""

import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

import duckdb

Result = TypeVar("Result")

_AGAIN_SECONDS = 0.05


def asked(connection: duckdb.DuckDBPyConnection, call: Callable[[], Result]) -> Result:
    """Return what a call has DuckDB do, and let Ctrl+C end it.

    Args:
        connection: What the call works with. Nobody else may use it meanwhile.
        call: What is done in a thread of its own. It must not write anywhere: nobody could end that.

    Raises:
        KeyboardInterrupt: If somebody pressed Ctrl+C; DuckDB has let go of the question then.
        Exception: What the call raises.
    """
    future: Future[Result] = Future()

    def work() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # another thread's to handle, whatever it is
            future.set_exception(error)

    thread = threading.Thread(target=work, name="question", daemon=True)
    try:
        thread.start()
        return future.result()
    except KeyboardInterrupt:
        # Who presses again is not faster, but would leave DuckDB at work in a connection that is closed.
        handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            # Once is not enough: an interrupt between two statements of one call is forgotten by the second.
            while thread.is_alive():
                connection.interrupt()
                wait([future], _AGAIN_SECONDS)
        finally:
            signal.signal(signal.SIGINT, handler)
        raise
