"""Where things lie in the lake's folder. Paths only: nothing here opens a file.

<lake>/<table>/legal_entity=<entity>/part-0.parquet                              one file
<lake>/<table>/legal_entity=<entity>/creation_month=2026-03/part-0.parquet       one file a month
<lake>/<table>/legal_entity=<entity>/price_list_id=9/part-0.parquet              one file a price list
<lake>/partner.duckdb                                                            views, macros, comments
<lake>/.staging, <lake>/.locks                                                   being written, being held
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partner_assets.tables.table import Grain, Table

Slice = tuple[Any, ...]
"""The values of a table's `slice_by` columns: what one re-run replaces."""

FILE_NAME = "part-0.parquet"
CATALOGUE_NAME = "partner.duckdb"

LOCK_SECONDS = 600
"""How long a writer waits for another one of the same file; rewriting a month of charges takes a third of a second."""


def glob(table: Table) -> str:
    """Return the pattern of a table's files, relative to the lake. Temporary files never match it."""
    folders = "*" if table.grain is Grain.WHOLE else "*/*"
    return f"{table.name}/{folders}/part-*.parquet"


@dataclass(frozen=True)
class Layout:
    """The paths of one legal entity's files.

    Attributes:
        root: The lake's folder.
        legal_entity: The first Hive folder of every file.
    """

    root: Path
    legal_entity: str

    @property
    def catalogue(self) -> Path:
        """The DuckDB file that analysts open."""
        return self.root / CATALOGUE_NAME

    def file(self, table: Table, values: Slice) -> Path:
        """Return the file that holds a slice.

        Args:
            table: The table.
            values: The slice, in the order of `table.slice_by`.
        """
        folder = self.root / table.name / f"legal_entity={self.legal_entity}"
        if table.grain is not Grain.WHOLE:
            folder /= f"{table.grain.value}={_folder_value(table, values)}"
        return folder / FILE_NAME

    def files(self, table: Table) -> list[Path]:
        """Return the files that the table has for this legal entity, in order of their paths."""
        return sorted((self.root / table.name).glob(f"legal_entity={self.legal_entity}/**/part-*.parquet"))

    def staging(self, file: Path) -> Path:
        """Return where the file is written before it is renamed into place.

        The place is outside the folders that a view's pattern walks, since a reader that saw a half-written
        neighbour would count its rows twice, silently. One name per file: what a crash leaves behind is
        overwritten by the next writer.
        """
        return self.root / ".staging" / self._flat_name(file)

    def lock(self, file: Path) -> Path:
        """Return the file whose lock a writer of `file` holds."""
        return self.root / ".locks" / f"{self._flat_name(file)}.lock"

    def _flat_name(self, file: Path) -> str:
        return ".".join(file.relative_to(self.root).parts)


def by_file(layout: Layout, table: Table, slices: Sequence[Slice]) -> dict[Path, list[Slice]]:
    """Group slices by the file that holds them, so that a run over many days writes each file once."""
    files: dict[Path, list[Slice]] = {}
    for values in slices:
        files.setdefault(layout.file(table, values), []).append(values)
    return files


def _folder_value(table: Table, values: Slice) -> str:
    named = dict(zip(table.slice_by, values, strict=True))
    if table.grain is Grain.CREATION_MONTH:
        return f"{named['creation_date']:%Y-%m}"
    return str(named[table.grain.value])
