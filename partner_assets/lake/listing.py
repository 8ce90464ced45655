"""Which files there are: listed so that a folder that may not be read is an error, and not one without files.

`Path.glob` passes over such a folder without a word, and a table whose folder it is would look empty. Not here: what the files
are called (`layout.py`).
"""

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from partner_assets.lake.errors import DiskTrouble, trouble


def matching(root: Path, pattern: str) -> list[Path]:
    """Return the files that match a pattern, in order of their paths.

    Args:
        root: The folder to begin in; it need not be there.
        pattern: A path relative to it, of which any part may hold `*` and brackets.

    Raises:
        DiskTrouble: If one of the folders may not be read.
    """
    found = [root]
    for part in pattern.split("/"):
        found = [child for folder in found for child in _children(folder, part)]
    return sorted(found)


def _children(folder: Path, pattern: str) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if fnmatchcase(entry.name, pattern)]
    except (FileNotFoundError, NotADirectoryError):
        return  # nothing has been written there yet, or something else lies there that no view reads either
    except OSError as error:
        raise DiskTrouble(trouble(folder, error)) from error
    yield from (folder / name for name in names)
