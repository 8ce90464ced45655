"""Where things lie in the lake's folder. Paths only: nothing here opens a file.

<lake>/<table>/legal_entity=<entity>/part-0.parquet                              one file
<lake>/<table>/legal_entity=<entity>/creation_month=2026-03/part-0.parquet       one file a month
<lake>/<table>/legal_entity=<entity>/price_list_id=9/part-0.parquet              one file a price list
<lake>/partner.duckdb                                                            views, macros, comments
<lake>/.staging, <lake>/.locks                                                   being written, being held
<lake>/quarantine/<table>/…                                                      damaged files, for a person to look at
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partner_assets.lake.listing import matching
from partner_assets.tables.dictionary import TABLES
from partner_assets.tables.table import Grain, Table

Slice = tuple[Any, ...]
"""The values of a table's `slice_by` columns: what one re-run replaces."""

FILE_NAME = "part-0.parquet"
CATALOGUE_NAME = "partner.duckdb"
WITHOUT_PII_NAME = "partner_without_pii.duckdb"
CATALOGUE_NAMES = (CATALOGUE_NAME, WITHOUT_PII_NAME)
QUARANTINE_NAME = "quarantine"

LOCK_SECONDS = 600
"""How long a writer waits for another one of the same file; rewriting a month of charges takes a third of a second."""


_FOLDERS = {
    Grain.WHOLE: "",
    Grain.CREATION_MONTH: "/creation_month=[0-9][0-9][0-9][0-9]-[01][0-9]",
    Grain.PRICE_LIST: "/price_list_id=*[0-9]",
    Grain.TABLE_NAME: "/table_name=*[a-z]",
}
# The dash comes first: at the end of the brackets it matches nothing in DuckDB 1.4 and 1.5.
_ANY_ENTITY = "*[-A-Za-z0-9_.]"


def glob(table: Table, legal_entity: str = _ANY_ENTITY) -> str:
    """Return the pattern of a table's files, relative to the lake.

    It matches what the lake writes, and neither `part-1.parquet` nor `creation_month=2026-03 (copy)`: a copy that
    somebody made would count its rows twice, in every sum, without a word.

    Args:
        table: The table.
        legal_entity: Only the files of this one; by default those of all.
    """
    return f"{table.name}/legal_entity={legal_entity}{_FOLDERS[table.grain]}/{FILE_NAME}"


def legal_entities(root: Path) -> list[str]:
    """Return the legal entities of which a lake holds files, in order.

    Raises:
        DiskTrouble: If one of its folders may not be read.
    """
    files = (file for table in TABLES for file in matching(root, glob(table)))
    return sorted({file.relative_to(root).parts[1].removeprefix("legal_entity=") for file in files})


def staged_file(root: Path, file: Path) -> Path:
    """Return where a file of the lake is written before it is renamed into place.

    The place is outside the folders that a view's pattern walks, since a reader that saw a half-written neighbour would
    count its rows twice, silently. One name per file: it belongs to whoever holds the file's lock.
    """
    return root / ".staging" / _flat_name(root, file)


def lock_file(root: Path, file: Path) -> Path:
    """Return the file whose lock a writer of `file` holds."""
    return root / ".locks" / f"{_flat_name(root, file)}.lock"


def _flat_name(root: Path, file: Path) -> str:
    return ".".join(file.relative_to(root).parts)


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
        """Return the files that the table has for this legal entity, in order of their paths.

        Raises:
            DiskTrouble: If one of its folders may not be read.
        """
        return matching(self.root, glob(table, self.legal_entity))


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
