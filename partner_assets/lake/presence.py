"""Which slices the lake has rows of: the files themselves, whatever anybody remembers of having written them.

A file that is damaged shows no rows, just like one that is missing. One that is whole, but not of its table, is not counted
as a loss: reading its slices once more would not mend it, and the run that meets it says what it is. Not here: what ought
to be there (`automation/lost_partitions.py`), and moving what is damaged (`quarantine.py`).
"""

from collections.abc import Sequence
from pathlib import Path

from partner_assets.lake import reading
from partner_assets.lake.errors import DamagedFile, ForeignFile
from partner_assets.lake.layout import Slice, by_file
from partner_assets.lake.slicing import slices_in
from partner_assets.lake.store import Lake
from partner_assets.tables.table import Table


def without_rows(lake: Lake, table: Table, slices: Sequence[Slice]) -> set[Slice]:
    """Return those of some slices of which a table has no row; the columns that name a slice are read."""
    empty = set(slices)
    for file, within in by_file(lake.layout, table, slices).items():
        try:
            empty -= slices_in(table, reading.read(table, file, table.slice_by))
        except (FileNotFoundError, DamagedFile):
            continue
        except ForeignFile:
            empty -= set(within)
    return empty


def without_file(lake: Lake, table: Table, slices: Sequence[Slice]) -> set[Slice]:
    """Return those of some slices whose file is missing, empty or no Parquet; only footers are read."""
    files = by_file(lake.layout, table, slices)
    return {values for file, within in files.items() if not _has_rows(table, file) for values in within}


def neighbours(lake: Lake, table: Table, slices: Sequence[Slice]) -> set[Slice]:
    """Return the other slices that have rows in the files of some slices.

    Raises:
        ForeignFile: If a file cannot be read.
    """
    files = [file for file in by_file(lake.layout, table, slices) if file.exists()]
    found = (slices_in(table, reading.read(table, file, table.slice_by)) for file in files)
    return set().union(*found) - set(slices)


def _has_rows(table: Table, file: Path) -> bool:
    try:
        return reading.check(table, file) > 0
    except (FileNotFoundError, DamagedFile):
        return False
    except ForeignFile:
        return True
