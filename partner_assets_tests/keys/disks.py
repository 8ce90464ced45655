"""Disks on which putting a key in place goes wrong at a chosen step, and a program that does it at every one.

Run as `python -m partner_assets_tests.keys.disks FOLDER WORKING NEWEST HASH STEPS`, it rotates the key in `FOLDER/0`,
`FOLDER/1`, … each in a process that is killed before that step, or in the middle of it, as by a power cut: nothing that
Python does at its end is done. Not here: what must hold then.
"""

import os
import signal
import sys
from pathlib import Path

from partner_assets.key_file import Disk, KeyFile


class CountingDisk(Disk):
    """A disk that writes down every step."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def before(self, step: str) -> None:
        """Do what is to be done before a step."""
        self.steps.append(step)

    def write(self, file: Path, text: str) -> None:
        """Write a file in two pieces."""
        self.before(f"write {file.name}")
        super().write(file, text)
        # The second half is not there yet when the step that follows the writing is refused.
        os.truncate(file, len(text) // 2)
        self.before(f"write the rest of {file.name}")
        os.truncate(file, 0)
        with file.open("a", encoding="ascii") as opened:
            opened.write(text)

    def sync(self, path: Path) -> None:
        """Sync a file or folder."""
        self.before(f"sync {path.name}")
        super().sync(path)

    def rename(self, file: Path, target: Path) -> None:
        """Rename a file."""
        self.before(f"rename to {target.name}")
        super().rename(file, target)

    def remove(self, file: Path) -> None:
        """Remove a file."""
        self.before(f"remove {file.name}")
        super().remove(file)


class RefusingDisk(CountingDisk):
    """A disk that refuses everything from a step on, as a full one does, or one whose folder is no longer ours.

    Args:
        step: Number of the first step refused, from 0.
        code: What the operating system says.
    """

    def __init__(self, step: int, code: int) -> None:
        super().__init__()
        self._step = step
        self._code = code

    def before(self, step: str) -> None:
        """Refuse the step, if it is its turn; removing is always possible."""
        super().before(step)
        if len(self.steps) > self._step and not step.startswith("remove"):
            raise OSError(self._code, os.strerror(self._code))


class DeadlyDisk(CountingDisk):
    """A disk on which the process dies before a step.

    Args:
        step: Number of the step, from 0.
    """

    def __init__(self, step: int) -> None:
        super().__init__()
        self._step = step

    def before(self, step: str) -> None:
        """Die, if it is time."""
        if len(self.steps) == self._step:
            os.kill(os.getpid(), signal.SIGKILL)
        super().before(step)


def die(path: Path, step: int, working: str, newest: str, waiting_hash: str) -> None:
    """Rotate the key in a process that is killed at a step; fail if it was not."""
    child = os.fork()
    if child == 0:
        file = KeyFile(path, DeadlyDisk(step))
        with file.changing():
            file.try_out()
            file.put(newest=newest, waiting_hash=waiting_hash, working=working)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
        raise SystemExit(f"{path} was not killed at step {step}.")


if __name__ == "__main__":
    folder, keys, count = Path(sys.argv[1]), sys.argv[2:5], int(sys.argv[5])
    for number in range(count):
        die(folder / str(number) / "key", number, *keys)
