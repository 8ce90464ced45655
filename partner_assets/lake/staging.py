"""Files on their way into the lake: put in place all at once, or cleared away after a writer that died.

Not here: what is written (`parquet.py`, `catalogue.py`), and who may (`locks.py`).
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from errno import EACCES
from pathlib import Path

import filelock

from partner_assets.lake.errors import DiskTrouble, trouble
from partner_assets.lake.layout import CATALOGUE_NAME, CATALOGUE_NAMES, lock_file, staged_file

WAL = ".wal"
"""What DuckDB adds to the name of a database while a transaction is being written."""


@contextmanager
def naming_disk_trouble(file: Path) -> Iterator[None]:
    """Turn what the operating system refuses into one sentence for a person.

    Args:
        file: What is being read or written, for errors that name no path.

    Raises:
        DiskTrouble: In place of an `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise DiskTrouble(trouble(error.filename or file, error)) from error


def put_in_place(root: Path, files: Sequence[Path]) -> None:
    """Rename staged files into place, one after the other, and wait until the disk has it.

    Everything that can be refused is tried before the first of them: folders are made, and asked for permission.

    Args:
        root: The lake's folder.
        files: Where they belong; each has been written to its `staged_file`.

    Raises:
        DiskTrouble: If a rename was refused; it says how many files had been replaced by then.
    """
    for folder in dict.fromkeys(file.parent for file in files):
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise DiskTrouble(trouble(folder, PermissionError(EACCES, "")))
    for done, file in enumerate(files):
        try:
            staged_file(root, file).replace(file)
            _sync_folder(file.parent)
        except OSError as error:
            so_far = f"{done} of {len(files)} files had been replaced by then, each of them whole."
            raise DiskTrouble(trouble(file, error, so_far=so_far)) from error


def clear(root: Path, files: Sequence[Path]) -> None:
    """Remove what was staged for some files, by the one who staged it."""
    for file in files:
        # The error that led here must not be hidden by a second one; what stays is swept by the next writer.
        with suppress(OSError):
            staged_file(root, file).unlink(missing_ok=True)


def sweep(root: Path) -> list[Path]:
    """Remove what writers left behind that are no more.

    A staged file belongs to whoever holds the lock of the file that it is to become, and a process that dies loses its
    locks. So what nobody holds is nobody's; what somebody holds is left alone, and not waited for.

    Returns:
        What was removed.
    """
    removed = []
    for staged in sorted(staged_file(root, root / CATALOGUE_NAME).parent.glob("*")):
        name = staged.name.removesuffix(WAL)
        if not (staged.name.endswith(".parquet") or name in CATALOGUE_NAMES) or staged.is_dir():
            continue
        lock = lock_file(root, root / name)
        lock.parent.mkdir(parents=True, exist_ok=True)
        try:
            with filelock.FileLock(lock, blocking=False):
                staged.unlink(missing_ok=True)
                removed.append(staged)
        except filelock.Timeout:
            continue  # its writer is alive
    return removed


def _sync_folder(folder: Path) -> None:
    """Make a rename durable: on POSIX the folder's entry is data of the folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
