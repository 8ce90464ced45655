"""Whether every file of the lake can be read, to its last page: a damaged one counts its rows as well as any other.

Not here: the folder, the catalogue and its views (`doctor.py`).
"""

from collections.abc import Iterator
from pathlib import Path

from partner_assets.commands.findings import Finding, Mark
from partner_assets.lake.errors import DiskTrouble, ForeignFile
from partner_assets.lake.layout import glob
from partner_assets.lake.listing import matching
from partner_assets.lake.reading import StoredFile
from partner_assets.tables.dictionary import TABLES


def file_findings(root: Path) -> Iterator[Finding]:
    """Look through the files of all tables, of all legal entities.

    Args:
        root: The lake's folder.

    Yields:
        A finding for each file that cannot be read, as soon as it is found; if there is none, one for all files.
    """
    count = damaged = 0
    for table in TABLES:
        try:
            files = matching(root, glob(table))
        except DiskTrouble as error:
            damaged += 1
            yield Finding(Mark.FAIL, table.name, str(error))
            continue
        for file in files:
            try:
                with StoredFile(table, file) as stored:
                    stored.look_through()
            except FileNotFoundError:
                continue  # a run has removed it meanwhile
            except (ForeignFile, DiskTrouble) as error:
                damaged += 1
                yield Finding(Mark.FAIL, table.name, str(error))
            count += 1
    if count and not damaged:
        yield Finding(Mark.OK, "files", f"{count:,}, each readable to its last page")
