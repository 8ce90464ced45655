"""Files that nobody can read: named, moved out of every reader's way, and kept for a person. Nothing here deletes one.

A damaged file fails every query of its table, whatever the query asks for, so it is set aside by the first run that is
to write it. Not here: how its rows come back (`materialization/damage.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from partner_assets.lake.errors import DamagedFile, ForeignFile
from partner_assets.lake.layout import QUARANTINE_NAME, Slice, by_file
from partner_assets.lake.locks import locked
from partner_assets.lake.reading import StoredFile
from partner_assets.lake.staging import naming_disk_trouble
from partner_assets.lake.store import Lake
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.table import Table


@dataclass(frozen=True)
class SetAside:
    """A damaged file that was moved.

    Attributes:
        table: Its table.
        file: Where it was, and where its successor will be.
        kept: Where it is now.
        reason: What is wrong with it.
    """

    table: Table
    file: Path
    kept: Path
    reason: str

    @property
    def sentence(self) -> str:
        """What happened, for a person."""
        remembers = self.table.keeps_history or self.table is ORDER_DOCUMENTS
        lost = " Versions that the API no longer gives are only there." if remembers else ""
        return f"{self.file} was damaged ({self.reason}) and is set aside as {self.kept}.{lost}"


def set_aside_damaged(lake: Lake, table: Table, slices: Sequence[Slice]) -> list[SetAside]:
    """Move the damaged ones among the files of some slices into quarantine.

    Every file is read in full, since a footer can be whole and a page not.

    Args:
        lake: The lake.
        table: The table.
        slices: The slices whose files are looked at.

    Returns:
        What was moved. A file that is whole, but not of this table, is nobody's to move: `Lake.replace` refuses it.

    Raises:
        LakeBusy: If somebody else has been writing a damaged file for too long.
        DiskTrouble: If a damaged file cannot be moved.
    """
    moved = []
    root = lake.layout.root
    for file in by_file(lake.layout, table, slices):
        if damage(table, file) is None:
            continue
        with naming_disk_trouble(file), locked(root, file, lake.lock_seconds):
            reason = damage(table, file)  # somebody may have written it meanwhile
            if reason is not None:
                kept = _free_place(root / QUARANTINE_NAME / file.relative_to(root))
                kept.parent.mkdir(parents=True, exist_ok=True)
                file.rename(kept)
                moved.append(SetAside(table, file, kept, reason))
    return moved


def quarantined(root: Path, table: Table) -> list[Path]:
    """Return the files of a table that are set aside, for all legal entities."""
    return sorted(file for file in (root / QUARANTINE_NAME / table.name).glob("**/*") if file.is_file())


def damage(table: Table, file: Path) -> str | None:
    """Return what keeps a file from being read; None for one that is whole, missing, or another table's."""
    try:
        with StoredFile(table, file) as stored:
            stored.look_through()
    except DamagedFile as error:
        return error.reason
    except (ForeignFile, FileNotFoundError):
        return None
    return None


def _free_place(wanted: Path) -> Path:
    """Return the place, or the same with a number if something lies there."""
    numbered = (wanted.with_stem(f"{wanted.stem}.{number}") for number in count(1))
    return next(place for place in chain([wanted], numbered) if not place.exists())
