"""What can go wrong in the lake, each as one sentence that names the file and says what to do.

LakeError
├── DuplicateKey     rows that would break a table's key; nothing was written
├── ForeignFile      a file in the lake that this version of the table did not write
└── LakeBusy         another process held a file's lock for too long
"""


class LakeError(Exception):
    """The lake could not do what it was asked for; what it held before, it still holds."""


class DuplicateKey(LakeError):
    """Two rows of one table with the same key."""


class ForeignFile(LakeError):
    """A file whose columns are not those of its table, or that is not Parquet at all."""


class LateSnapshot(LakeError):
    """A snapshot that came after a later one of the same slice: to merge it would rewrite the past."""


class LakeBusy(LakeError):
    """A lock that was not released in time."""
