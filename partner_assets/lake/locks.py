"""The locks that writers hold: one per file of the lake, kept by the operating system for as long as its holder lives.

A process that dies loses its locks at once, whatever killed it; the empty files in `.locks` stay and mean nothing by
themselves. Not here: what is written under a lock (`store.py`, `catalogue.py`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from partner_assets.lake.errors import LakeBusy
from partner_assets.lake.layout import LOCK_SECONDS, lock_file


@contextmanager
def locked(root: Path, file: Path, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Keep everybody else from writing a file.

    Args:
        root: The lake's folder.
        file: The file, of a table or the catalogue.
        seconds: How long to wait for another writer.

    Raises:
        LakeBusy: If another writer holds it for longer.
    """
    lock = lock_file(root, file)
    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(lock, timeout=seconds):
            yield
    except filelock.Timeout:
        raise LakeBusy(
            f"Another process has been writing {file} for more than {seconds:.0f} seconds. "
            "Look for a run that hangs and end it; its lock goes with it."
        ) from None
