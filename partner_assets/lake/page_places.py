"""Where the pages of a file lie: never where those of the file lie that it replaces.

A reader opens a path more than once in a query: DuckDB plans with the footer, and then opens the path again for the pages;
pyarrow's `read_table` does the same. If the file was replaced in between, the old footer is read with the new pages. Where
both lie at the same places, that is a wrong answer without a word: rows are missing, or values of one file stand under the
other's count (5 to 20 % of the answers at 500 replacements a second). Where no page begins at an old place, it is an error,
and the next attempt succeeds. So every file begins with a hole of another length. Not here: the footer (`footer.py`).
"""

import secrets
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from partner_assets.lake.footer import MAGIC

LONGEST_HOLE = 4096
"""In bytes. Also a page that is not the first lies at the place of another with a probability of one in so many only."""

_NO_PAGE = b"\xff"
"""What the hole is filled with: no header of a page begins like this."""


def hole_unlike(file: Path | None) -> int:
    """Return the length of the hole for a file that is to replace another; any but that of the other.

    Args:
        file: The file to be replaced; None, or one that is not there or cannot be read, if there is none.
    """
    length = 1 + secrets.randbelow(LONGEST_HOLE - 1)
    return LONGEST_HOLE if file is not None and length == _hole(file) else length


def _hole(file: Path) -> int | None:
    try:
        metadata = pq.read_metadata(file)
    except (pa.ArrowException, OSError):
        return None
    if not metadata.num_row_groups:
        return None
    column = metadata.row_group(0).column(0)
    first = column.dictionary_page_offset if column.has_dictionary_page else column.data_page_offset
    return int(first) - len(MAGIC)


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
