"""Where the pages of a file lie: never where those of the file lie that it replaces.

A reader opens a path more than once in a query: DuckDB plans with the footer, and then opens the path again for the pages;
pyarrow's `read_table` does the same. If the file was replaced in between, the old footer is read with the new pages. Where
both lie at the same places, that is a wrong answer without a word: rows are missing, or values of one file stand under the
other's count (5 to 20 % of the answers at 500 replacements a second). Where no page begins at an old place, it is an error,
and the next attempt succeeds. So every file begins with a hole, of a length at which that is so. Not here: the footer
(`footer.py`).
"""

import secrets
from collections.abc import Set
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from partner_assets.lake.footer import MAGIC

SHORTEST_RANGE = 4096
"""In bytes: how long a hole may be at first; files that hold little in many columns need a longer one."""

_BEFORE, _BEHIND = 16, 2
"""How near to a page, in bytes, nobody may begin to read. The header of a page is still one without its first two bytes, of a
page of no known type, which readers skip with all its rows; and a few bytes before it may look like a field of the header."""

_NO_PAGE = b"\xff"
"""What the hole is filled with: no header of a page begins like this."""


def hole_between(taken: Set[int], pages: Set[int]) -> int:
    """Return a length for the hole at which no old place lies at or near a page; which one is left to chance.

    Args:
        taken: Where the pages of the file before lie.
        pages: Where the new ones would lie without a hole.
    """
    longest = SHORTEST_RANGE
    while not is_free(hole := 1 + secrets.randbelow(longest), taken, pages):
        longest *= 2
    return hole


def is_free(hole: int, taken: Set[int], pages: Set[int]) -> bool:
    """Tell whether no old place lies at or near a page behind a hole of that length; arguments as for `hole_between`."""
    near = range(-_BEFORE, _BEHIND + 1)
    return taken.isdisjoint(page + hole + distance for page in pages for distance in near)


def without_hole(places: Set[int]) -> Set[int]:
    """Return where the pages of a file would lie if it began with them."""
    first = min(places, default=0)
    return {place - first + len(MAGIC) for place in places}


def places_before(file: Path | None) -> Set[int]:
    """Return where in a file that is to be replaced the pages begin.

    Args:
        file: None, or one that is not there or cannot be read, has no places: damage must not keep a file from being
            replaced.
    """
    try:
        return page_places(file) if file is not None else set()
    except (pa.ArrowException, OSError):
        return set()


def page_places(file: Path) -> Set[int]:
    """Return where in a file the pages of its columns begin; of each column chunk the dictionary and the first data page.

    Raises:
        pyarrow.ArrowException, OSError: If it cannot be read.
    """
    metadata = pq.read_metadata(file)
    chunks = [
        metadata.row_group(group).column(column)
        for group in range(metadata.num_row_groups)
        for column in range(metadata.num_columns)
    ]
    dictionaries = {chunk.dictionary_page_offset for chunk in chunks if chunk.has_dictionary_page}
    return dictionaries | {chunk.data_page_offset for chunk in chunks}


class HoleyFile:
    """A file to be written by Arrow, that gets a hole after its first four bytes.

    Args:
        file: The file, empty.
        hole: The length of the hole.
    """

    closed = False

    def __init__(self, file: BinaryIO, hole: int) -> None:
        self._file = file
        self._hole = hole

    def write(self, content: bytes) -> int:
        """Write.

        Raises:
            ValueError: If Arrow does not write the format's mark first, all by itself, as it always has.
        """
        written = self._file.write(content)
        if self._hole:
            if content != MAGIC:
                raise ValueError(f"A Parquet file begins with {MAGIC!r}, but {content[:8]!r} was to be written first.")
            self._file.write(_NO_PAGE * self._hole)
            self._hole = 0
        return written

    def flush(self) -> None:
        """Do nothing: whoever opened the file flushes it."""

    def close(self) -> None:
        """Do nothing: whoever opened the file closes it."""
