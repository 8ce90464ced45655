"""What lies among a table's files and is not the lake's: copies, renamed files, files that were moved to another folder.

Nothing here touches them: they are a person's, and no view reads them unless they have the name of a file of ours. Not
here: files of ours that cannot be read (`quarantine.py`).
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from partner_assets.lake.layout import Layout, glob
from partner_assets.lake.listing import matching
from partner_assets.tables.table import Grain, Table


def unread(root: Path, table: Table) -> list[Path]:
    """Return the files in a table's folder that no view reads, for all legal entities."""
    read = set(matching(root, glob(table)))
    return sorted(file for file in (root / table.name).rglob("*") if file.is_file() and file not in read)


def misplaced(layout: Layout, table: Table) -> list[Path]:
    """Return the files of a legal entity that hold rows of another file: views count those twice.

    By the footers alone: the least and the greatest value of the columns that decide where a row lies.
    """
    return [file for file in layout.files(table) if not _is_at_home(layout, table, file)]


def _is_at_home(layout: Layout, table: Table, file: Path) -> bool:
    try:
        with pq.ParquetFile(file) as parquet:
            ends = [_ends(parquet, name) for name in ("legal_entity", *table.slice_by)]
    except (pa.ArrowException, OSError):
        return True  # whether it can be read at all is another question
    if table.grain is Grain.WHOLE:
        ends = ends[:1]
    for entity, *values in zip(*ends, strict=True):
        if entity is not None and entity != layout.legal_entity:
            return False
        if None not in values and values and layout.file(table, tuple(values)) != file:
            return False
    return True


def _ends(parquet: pq.ParquetFile, column: str) -> tuple[object, object]:
    """Return the least and the greatest value of a column, None where the footer does not tell."""
    index = parquet.schema_arrow.names.index(column)
    groups = [parquet.metadata.row_group(number).column(index).statistics for number in range(parquet.num_row_groups)]
    told = [one for one in groups if one is not None and one.has_min_max]
    if not told:
        return None, None
    return min(one.min for one in told), max(one.max for one in told)
