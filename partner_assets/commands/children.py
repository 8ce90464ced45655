"""A child process that is ended for certain, by its id. What is started is the business of who starts it (`ui.py`)."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

GRACE_SECONDS = 10
LAST_LINES = 12


class Child:
    """A process that runs for the length of a `with` block.

    It leads a session of its own: Ctrl+C in the terminal reaches only its parent, which ends its children in order, and
    whatever the child has started itself can be found and ended after it.

    Args:
        name: What people call it.
        command: Program and arguments. Never a secret: every user of the machine can read them.
        environment: Its whole environment.
        log: The file that takes what it prints.
    """

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        self._command = list(command)
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        process = self._process
        if process is None:
            return
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
        # Dagster's code servers end with their parent, unless it had to be killed.
        self.kill()

    def kill(self) -> None:
        """End it at once, and whatever it has started, as if the machine had lost its power."""
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):  # nobody of them is left
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._process = None  # its id may soon be another's

    @property
    def code(self) -> int | None:
        """What it ended with by itself; None while it runs, or if it was killed."""
        return None if self._process is None else self._process.poll()

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process is not None and self.code is None

    def last_lines(self) -> str:
        """Return the end of what it has printed."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:])
