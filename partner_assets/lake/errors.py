"""What can go wrong in the lake, each as one sentence that names the file and says what to do.

LakeError
├── DuplicateKey     rows that would break a table's key; nothing was written
├── ForeignFile      a file in the lake that this version of the table did not write
│   └── DamagedFile  a file that nobody can read: cut short, overwritten, or changed on the disk
├── LateSnapshot     a read that came after a later one of the same slice
├── LakeBusy         another process held a file's lock for too long
└── DiskTrouble      the operating system refused to write
"""

import os
from pathlib import Path


class LakeError(Exception):
    """The lake could not do what it was asked for; what it held before, it still holds."""


class DuplicateKey(LakeError):
    """Two rows of one table with the same key."""


class ForeignFile(LakeError):
    """A file whose columns are not those of its table, or that is not Parquet at all."""


class DamagedFile(ForeignFile):
    """A file that is no whole Parquet file, or whose content is not what was written.

    Attributes:
        reason: What is wrong with it, in the words of whoever tried to read it.
    """

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(
            f"{file} is not a whole Parquet file ({reason}). "
            "Materialise its asset: the run sets the file aside and makes its rows again."
        )
        self.reason = reason


class LateSnapshot(LakeError):
    """A snapshot that came after a later one of the same slice: to merge it would rewrite the past."""


class LakeBusy(LakeError):
    """A lock that was not released in time."""


class DiskTrouble(LakeError):
    """No space, no permission, or a disk that fails: what was there is untouched, or whole and new."""


def trouble(
    path: object, error: OSError, *, so_far: str = "Nothing was replaced: what the lake held, it still holds."
) -> str:
    """Return the sentence for a path that the operating system refused."""
    # Arrow's own words repeat the path, and the number of the error.
    reason = os.strerror(error.errno) if error.errno else error.strerror
    return f"The disk refused {path} ({reason}). {so_far} Give it space and permission, and run again."
