"""Parquet files to Arrow tables: whole, some columns, or some rows, never more in memory than what is wanted and one batch.

What is no file of its table, or not whole, is an error with its name in it. Not here: how files are written (`parquet.py`),
and which rows are wanted (`store.py`).
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from partner_assets.lake.errors import DamagedFile, DiskTrouble, ForeignFile, trouble
from partner_assets.lake.parquet import schema
from partner_assets.lake.row_pieces import Positions, rows_at
from partner_assets.tables.table import Table

_BATCH_BYTES = 4 * 1024 * 1024
"""How much is decoded at a time. Twice as much is no faster, and eight times as much took a third more memory."""


class StoredFile:
    """A file of a table, open: what it holds stays the same, whoever replaces it meanwhile.

    Args:
        table: The table.
        file: The file.

    Raises:
        DamagedFile: If the file is not Parquet; by every method, if its content is not what was written.
        ForeignFile: If its columns are not those of the table.
        FileNotFoundError: If it is not there.
        DiskTrouble: If it may not be read.
    """

    def __init__(self, table: Table, file: Path) -> None:
        self.table = table
        self._file = file
        with _naming_damage(file):
            self._parquet = pq.ParquetFile(file, page_checksum_verification=True)
            self._metadata = self._parquet.metadata
            found = self._parquet.schema_arrow.remove_metadata()
        if not _is_of(table, found):
            self._parquet.close()
            raise ForeignFile(
                f"{file} does not have the columns of {table.name} (declaration {table.fingerprint}): "
                f"{_difference(schema(table), found)}. Move it away and materialise again."
            )
        groups = range(self._metadata.num_row_groups)
        counted = sum(self._metadata.row_group(group).num_rows for group in groups)
        if counted != self.row_count:
            # The footer has no checksum, but counts the rows twice.
            self._parquet.close()
            raise DamagedFile(file, f"it holds {counted} of {self.row_count} rows")
        self.lacking = tuple(name for name in table.column_names if name not in found.names)
        """The columns that the table has had only since the file was written."""

    def __enter__(self) -> "StoredFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._parquet.close()

    @property
    def row_count(self) -> int:
        """The number of rows, by the footer."""
        return int(self._metadata.num_rows)

    def read(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Read all rows; a column that the file lacks is null.

        Args:
            columns: The columns wanted, None for all.
        """
        return self._table(self.batches(columns), columns)

    def rows_at(self, positions: Positions, columns: Sequence[str] | None = None) -> pa.Table:
        """Read the rows at some positions, and no row group without one.

        Args:
            positions: Where the rows stand in the file, counted from 0, in ascending order.
            columns: The columns wanted, None for all.
        """
        return self._table(self.pieces_at(positions, columns), columns)

    def pieces_at(self, positions: Positions, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Yield the rows at some positions, a batch at a time; arguments as for `rows_at`."""
        counts = [self._metadata.row_group(group).num_rows for group in range(self._metadata.num_row_groups)]
        ends = np.cumsum(counts, dtype=np.int64)
        groups = np.unique(np.searchsorted(ends, positions, side="right")).tolist()
        # Where the rows of the groups that are read would stand if there were no others.
        before = {group: int(ends[group] - counts[group]) for group in groups}
        start = done = 0
        wanted = iter(groups)
        group, left = -1, 0
        for batch in self.batches(columns, groups):
            taken = 0
            while taken < batch.num_rows:
                if not left:
                    group = next(wanted)
                    start, left = before[group], counts[group]
                count = min(left, batch.num_rows - taken)
                end = int(np.searchsorted(positions, start + count))
                if end > done:
                    yield rows_at(batch.slice(taken, count), positions[done:end] - start)
                done, start, left, taken = end, start + count, left - count, taken + count

    def batches(self, columns: Sequence[str] | None = None, groups: Sequence[int] | None = None) -> Iterator[pa.Table]:
        """Yield all rows, a batch at a time.

        Args:
            columns: The columns wanted, None for all.
            groups: The row groups wanted, None for all.
        """
        names = [name for name in columns or self.table.column_names if name not in self.lacking]
        groups = range(self._metadata.num_row_groups) if groups is None else groups
        sizes = [self._metadata.row_group(group) for group in groups]
        expected = sum(one.num_rows for one in sizes)
        rows = max(1, int(_BATCH_BYTES * expected / max(sum(one.total_byte_size for one in sizes), 1)))
        count = 0
        with _naming_damage(self._file):
            # A key is never lacking: without a column there would be no rows to count.
            for batch in self._parquet.iter_batches(rows, row_groups=groups, columns=names or [self.table.key[0]]):
                count += batch.num_rows
                if count > expected:
                    break
                yield self._completed(pa.Table.from_batches([batch]), columns)
        if count != expected:
            raise DamagedFile(self._file, f"it holds {count} of {expected} rows")

    def look_through(self) -> None:
        """Read everything once, to know that it can be read."""
        for _ in self.batches():
            pass

    def _table(self, pieces: Iterable[pa.Table], columns: Sequence[str] | None) -> pa.Table:
        fields = [schema(self.table).field(name) for name in columns or self.table.column_names]
        return pa.concat_tables([pa.schema(fields).empty_table(), *pieces])

    def _completed(self, data: pa.Table, columns: Sequence[str] | None) -> pa.Table:
        """Return columns with those that the file lacks, as nulls, in the order asked for."""
        fields = [schema(self.table).field(name) for name in columns or self.table.column_names]
        arrays = [
            data.column(field.name) if field.name in data.column_names else pa.nulls(data.num_rows, field.type)
            for field in fields
        ]
        return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def read(table: Table, file: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a file of the table; a column that the table has had only since the file was written is null there.

    Raises:
        DamagedFile, ForeignFile, FileNotFoundError: As for `StoredFile`; so for every function below.
    """
    with StoredFile(table, file) as stored:
        return stored.read(columns)


def check(table: Table, file: Path) -> int:
    """Check that a file has the columns of its table, by its footer alone, and return its number of rows."""
    with StoredFile(table, file) as stored:
        return stored.row_count


def lacking(table: Table, file: Path) -> tuple[str, ...]:
    """Return the columns that the table has had only since the file was written, by its footer alone."""
    with StoredFile(table, file) as stored:
        return stored.lacking


def any_lacks(table: Table, files: Iterable[Path]) -> bool:
    """Tell whether one of some files lacks columns; one that cannot be read is for those to tell who read it."""
    for file in files:
        try:
            if lacking(table, file):
                return True
        except (ForeignFile, FileNotFoundError):
            continue
    return False


@contextmanager
def _naming_damage(file: Path) -> Iterator[None]:
    """Turn what Arrow says of a file that it cannot read into one sentence that names it."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, UnicodeDecodeError) as broken:
        if isinstance(broken, OSError) and broken.errno is not None:
            # The disk's own trouble; Arrow's, for a page that does not decompress, have no number.
            raise DiskTrouble(trouble(file, broken)) from broken
        raise DamagedFile(file, str(broken).strip().partition("\n")[0]) from None


def _is_of(table: Table, found: pa.Schema) -> bool:
    """Tell whether these are the columns of a table, or those that it had before it got some more that may be null.

    Never the other way round: a column that the declaration does not have would be gone with the next write.
    """
    may_lack = {column.name for column in table.values if not column.required}
    expected = [field for field in schema(table) if field.name in found.names or field.name not in may_lack]
    return bool(found.equals(pa.schema(expected)))


def _difference(wanted: pa.Schema, found: pa.Schema) -> str:
    missing = [field.name for field in wanted if field.name not in found.names]
    unknown = [name for name in found.names if name not in wanted.names]
    changed = [
        field.name for field in wanted if field.name in found.names and not field.equals(found.field(field.name))
    ]
    parts = (("missing", missing), ("unknown", unknown), ("of another type", changed))
    return "; ".join(f"{what}: {', '.join(names)}" for what, names in parts if names) or "their order differs"
