"""What a process is doing to a lake just now, told from within without a change to the code that does it.

Python audits every file that it opens, renames or removes; a hook in the process to be killed turns that into phases, and
can end the process at one of them by itself, between two system calls. Not here: which phase is chosen (`instants.py`).
"""

import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

ELSEWHERE = "elsewhere"
WRITE = "writing a file"
RENAME = "before a rename"
RENAMED = "after a rename"
BUILD = "building the catalogue"
PLACE = "placing the catalogue"

PHASES = (ELSEWHERE, WRITE, RENAME, RENAMED, BUILD, PLACE)


class Phases:
    """Follows the phases of this process.

    Args:
        lake: The lake's folder.
        entered: Called with each phase as it begins.
    """

    def __init__(self, lake: Path, entered: Callable[[str], None]) -> None:
        self._staging = f"{lake}/.staging/"
        self._tables = f"{lake}/"
        self._catalogue = f"{self._staging}partner.duckdb"
        self._lock = f"{lake}/.locks/partner.duckdb.lock"
        self._entered = entered

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take an audit event."""
        if event == "open" and isinstance(arguments[0], str | os.PathLike):
            self._opened(os.fspath(arguments[0]), arguments[1])
        elif event == "os.rename":
            source = os.fspath(arguments[0])
            if source.startswith(self._staging):
                self._entered(PLACE if source == self._catalogue else RENAME)
        elif event == "os.remove" and os.fspath(arguments[0]).startswith(self._staging):
            self._entered(ELSEWHERE)

    def _opened(self, path: Any, mode: str | None) -> None:
        if not isinstance(path, str) or not path.startswith(self._tables):
            return
        if path == self._lock:
            self._entered(BUILD)
        elif path.startswith(self._staging) and mode is not None and "w" in mode:
            self._entered(WRITE)
        elif mode is None and f"{os.sep}legal_entity=" in path and not path.endswith(".parquet"):
            self._entered(RENAMED)  # its folder is opened, to be waited for


def follow(lake: Path, pipe: Connection, *, end_at: str | None = None, end_after: int = 1) -> None:
    """Tell every phase of this process through a pipe, from now on.

    Args:
        lake: The lake's folder.
        pipe: Where to.
        end_at: A phase at whose beginning this process kills itself, as `kill -9` does.
        end_after: At which of its beginnings.
    """
    begun: Counter[str] = Counter()

    def entered(phase: str) -> None:
        os.write(pipe.fileno(), bytes([PHASES.index(phase)]))
        begun[phase] += 1
        if phase == end_at and begun[phase] == end_after:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(Phases(lake, entered).hook)


def told(pipe: Connection, seconds: float) -> str | None:
    """Return the next phase that a process tells, None if it tells nothing for so long.

    Raises:
        EOFError: If the process is gone and has told everything.
    """
    if not pipe.poll(seconds):
        return None
    number = os.read(pipe.fileno(), 1)
    if not number:
        raise EOFError
    return PHASES[number[0]]
