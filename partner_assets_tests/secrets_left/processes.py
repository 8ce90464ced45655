"""The arguments of all processes on this machine, which every user of it can read.

Not here: what is looked for in them (`search.py`).
"""

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def command_lines() -> dict[str, bytes]:
    """Return the arguments of every process on the machine, by where they show."""
    listed = subprocess.run(["/bin/ps", "axww", "-o", "command"], capture_output=True, check=True).stdout
    return {"ps": listed, **proc_lines()}


def proc_lines() -> dict[str, bytes]:
    """Return what `ps` reads, where the system has it as files: quick enough for processes that hardly live."""
    lines = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(file.read_bytes())
        except OSError:  # it has ended meanwhile
            continue
    return {"/proc": b"\n".join(lines)} if lines else {}


@contextmanager
def watched_processes(look: Callable[[dict[str, bytes]], object]) -> Iterator[None]:
    """Look at the arguments of all processes, again and again, for the length of a `with` block."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.is_set():
            look(command_lines())
            for _ in range(5):
                look(proc_lines())
                ended.wait(0.2)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
