"""The lake as a store of slices: read some, replace some. The only code that changes a table's files.

A slice is what one re-run replaces (a day of orders), a file is what a scan wants (a month of orders). `Lake.replace`
joins the two: it drops the named slices' rows from their files, adds the new ones, and renames new files into place.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from partner_assets.lake.errors import LakeError
from partner_assets.lake.history import merge
from partner_assets.lake.layout import LOCK_SECONDS, Layout, Slice, by_file, staged_file
from partner_assets.lake.locks import locked
from partner_assets.lake.merging import FileSlices, Merge, Replacement, merged, replaced
from partner_assets.lake.next_content import next_content
from partner_assets.lake.parquet import schema, write
from partner_assets.lake.reading import StoredFile, read
from partner_assets.lake.slicing import positions_by_slice, positions_of, split
from partner_assets.lake.staging import clear, naming_disk_trouble, put_in_place, sweep
from partner_assets.tables.record import Row
from partner_assets.tables.table import Table
from partner_assets.tables.unread import NOTHING_UNREAD, Unread


@dataclass(frozen=True)
class Change:
    """New content for some slices of a table.

    Attributes:
        table: The table.
        slices: The slices to replace; each is a tuple in the order of `table.slice_by`, `()` for the whole table.
        rows: All rows of these slices, in the order of the table's columns. A slice without rows becomes empty; in a
            table with history its rows are closed.
        merge: How the rows to store are made of those stored and those that came; None to store just what came. A table with
            history is merged by `history.merge`.
        as_of: For a table with history, when each slice was read.
        unread: For a table with history, what came and could not be read: its rows stay, unless others came for them.
    """

    table: Table
    slices: Sequence[Slice]
    rows: Sequence[Row]
    merge: Merge | None = None
    as_of: Mapping[Slice, datetime] = field(default_factory=dict)
    unread: Unread = NOTHING_UNREAD


@dataclass(frozen=True)
class Written:
    """What became of one file.

    Attributes:
        table: The table.
        file: The file, whether or not it exists (a file without rows is not made for the first time).
        byte_count: Its size now.
        row_counts: Rows per slice that was replaced, as they are stored now; in a table with history, the current ones.
        is_changed: False if the file already held exactly these rows and was left alone.
    """

    table: Table
    file: Path
    byte_count: int
    row_counts: Mapping[Slice, int] = field(default_factory=dict)
    is_changed: bool = True


class Lake:
    """The files of one legal entity.

    Args:
        root: The lake's folder; it is made by the first write.
        legal_entity: Name of the legal entity whose files these are.
        lock_seconds: How long to wait for another writer of the same file.

    Example:
        >>> lake = Lake(Path("data"), "main")
        >>> lake.replace([Change(ORDERS, [(date(2026, 3, 1),)], rows)], lineage={"run_id": "by hand"})
    """

    def __init__(self, root: Path, legal_entity: str, *, lock_seconds: float = LOCK_SECONDS) -> None:
        self.layout = Layout(root, legal_entity)
        self.lock_seconds = lock_seconds

    def read(
        self, table: Table, slices: Sequence[Slice] | None = None, *, columns: Sequence[str] | None = None
    ) -> pa.Table:
        """Read rows, in the table's order within a file.

        Args:
            table: The table.
            slices: Only these slices; None for all.
            columns: Only these columns; None for all.

        Returns:
            An Arrow table of the table's schema; without rows where there are no files.

        Raises:
            ForeignFile: If a file does not hold what its table declares.
        """
        wanted = schema(table)
        parts = [pa.schema([wanted.field(name) for name in columns or table.column_names]).empty_table()]
        if slices is None:
            parts += [read(table, file, columns) for file in self.layout.files(table)]
        else:
            for file, within in by_file(self.layout, table, slices).items():
                if file.exists():
                    with StoredFile(table, file) as stored:
                        positions = positions_of(table, stored.read(_slice_columns(table)), within)
                        parts.append(stored.rows_at(positions, columns))
        return pa.concat_tables(parts)

    def current(self, table: Table, columns: Sequence[str]) -> list[dict[str, Any]]:
        """Read the rows that the API gives now, from a table with history.

        Args:
            table: The table.
            columns: The columns wanted.
        """
        rows = self.read(table, columns=[*columns, "valid_to"]).to_pylist()
        return [row for row in rows if row.pop("valid_to") is None]

    def replace(self, changes: Sequence[Change], *, lineage: Mapping[str, str]) -> list[Written]:
        """Replace slices, all or none of them.

        Every file is written in full beside the tables and only then, when all are on disk, renamed into place one
        after the other. Whatever fails before that leaves the lake as it was. What dead writers left is cleared away.

        Args:
            changes: The new content; several tables may be published together.
            lineage: What the footers of the files say about this write, for example the run.

        Returns:
            What became of every file concerned.

        Raises:
            DuplicateKey: If a table's key would not hold; nothing is written.
            ForeignFile: If a file concerned does not hold what its table declares; nothing is written.
            LakeBusy: If another process holds a file for too long; nothing is written.
            DiskTrouble: If the disk is full or may not be written; only if a rename failed was something replaced.
        """
        parts = [part for change in changes for part in self._parts(change)]
        root = self.layout.root
        with naming_disk_trouble(root), contextlib.ExitStack() as stack:
            sweep(root)
            # In one order for everybody, so that two writers of the same files never wait for each other.
            for part in sorted(parts, key=lambda part: part.file):
                stack.enter_context(locked(root, part.file, self.lock_seconds))
            staged: list[Path] = []
            stack.callback(clear, root, staged)
            written = [self._stage(part, staged, lineage) for part in parts]
            put_in_place(root, staged)
        # What two months took need not be there for the third.
        pa.default_memory_pool().release_unused()
        return written

    @contextlib.contextmanager
    def holding(self, table: Table, slices: Sequence[Slice]) -> Iterator[None]:
        """Keep everybody from writing the files of some slices, for as long as something is made of their rows.

        Whoever holds files and then replaces others must hold first and replace after; never the other way round.

        Raises:
            LakeBusy: If another process holds a file for too long.
            DiskTrouble: If a lock may not be written.
        """
        with contextlib.ExitStack() as stack:
            with naming_disk_trouble(self.layout.root):
                for file in sorted(by_file(self.layout, table, slices)):
                    stack.enter_context(locked(self.layout.root, file, self.lock_seconds))
            yield

    def _stage(self, part: "_Part", staged: list[Path], lineage: Mapping[str, str]) -> Written:
        """Write what a file is to hold, unless it holds that already; note every file that was begun."""
        table, file = part.table, part.file
        with naming_disk_trouble(file), contextlib.ExitStack() as stack:
            old = stack.enter_context(StoredFile(table, file)) if file.exists() else None
            keys = _keys(table, old)
            content = next_content(table, old, keys, _replacement(part, old, keys))
            counts = _row_counts(part, content.keys)
            # Views of many files suffer from one that was written before its table had all of its columns.
            if content.is_same and not (old and old.lacking):
                # Nor is a file made for the first time to hold no rows.
                size = file.stat().st_size if old else 0
                return Written(table, file, size, counts, is_changed=False)
            staged.append(file)
            staged_at = staged_file(self.layout.root, file)
            size = write(table, content, staged_at, lineage, row_count=content.row_count, instead_of=file)
        return Written(table, file, size, counts)

    def _parts(self, change: Change) -> list["_Part"]:
        files = by_file(self.layout, change.table, change.slices)
        rows = split(change.table, change.rows, files.values())
        parts = [_Part(change, file, slices, new) for (file, slices), new in zip(files.items(), rows, strict=True)]
        if sum(len(part.new) for part in parts) != len(change.rows):
            raise LakeError(
                f"Rows of {change.table.name} came that are in none of the slices to replace; nothing was written."
            )
        return parts


@dataclass(frozen=True)
class _Part:
    """The share of a change that lies in one file."""

    change: Change
    file: Path
    slices: Sequence[Slice]
    new: Sequence[Row]

    @property
    def table(self) -> Table:
        """The table that the file is of."""
        return self.change.table


def _slice_columns(table: Table) -> tuple[str, ...]:
    """Return the columns that tell the slice of a row, or one for a table that is all one slice."""
    return table.slice_by or table.row_key[:1]


def _keys(table: Table, old: StoredFile | None) -> pa.Table:
    """Return of all rows what tells their place, and in a table with history whether they are current."""
    wanted = [*table.row_order, "valid_to"] if table.keeps_history else list(table.row_order)
    return old.read(wanted) if old else schema(table).empty_table().select(wanted)


def _replacement(part: _Part, old: StoredFile | None, keys: pa.Table) -> Replacement:
    table, change = part.table, part.change
    slices = FileSlices(table, old, keys, part.slices, part.new)
    if (own := change.merge) is not None:
        return merged(slices, lambda _, stored, came: own.rows(stored, came), by=own.by)
    if table.keeps_history:
        as_of, unread = change.as_of, change.unread
        return merged(slices, lambda values, stored, came: merge(table, stored, came, as_of[values], unread=unread))
    return replaced(slices)


def _row_counts(part: _Part, keys: pa.Table) -> dict[Slice, int]:
    """Count the rows of each slice, slices without rows included; in a table with history, the current ones."""
    table = part.table
    rows = keys.filter(keys.column("valid_to").is_null()) if table.keeps_history else keys
    places = positions_by_slice(table, rows)
    return {values: len(places.get(values, ())) for values in part.slices}
