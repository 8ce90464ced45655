"""How every asset replaces its slices: read each, publish those of one file together, tell Dagster about every one.

A slice that fails keeps its old rows and does not keep the others from being published; the run fails at the end and
names it. Not here: what is read, and from where; each asset brings that.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date
from typing import Any

import dagster as dg

from partner_assets.api.errors import (
    KeyRefused,
    MissingKey,
    NoRoute,
    NotJson,
    PartnerApiError,
    Redirected,
    Stopped,
    Unreachable,
)
from partner_assets.lake.errors import LakeError
from partner_assets.lake.layout import Slice, by_file
from partner_assets.lake.merging import Merge
from partner_assets.lake.quarantine import SetAside
from partner_assets.lake.row_block import joined
from partner_assets.lake.store import Change
from partner_assets.materialization.damage import damage_metadata, set_aside_on_the_way
from partner_assets.materialization.reports import failure_text, slice_metadata
from partner_assets.materialization.slice_reads import WHOLE_NAME, Published, SliceRead
from partner_assets.resources import Partner
from partner_assets.settings import SettingsError
from partner_assets.tables.record import Rows, rejected_rows
from partner_assets.tables.rejected import REJECTED
from partner_assets.tables.table import Table
from partner_assets.tables.unread import Unread

Given = Mapping[str, Any]
"""What all rows of a slice have in common: `fetched_at` (taken before the first request), `run_id`, `legal_entity`, and
`valid_from` in a table with history. Only documents of orders have a `fetched_at` each, taken before their own request."""

ReadSlice = Callable[[Slice, Given], Mapping[Table, Rows]]
"""Reads one slice: the rows of every table that the asset fills."""

WHOLE: Slice = ()

_HOPELESS = (MissingKey, KeyRefused, NoRoute, NotJson, Redirected, Stopped, Unreachable)
"""Errors that every other slice would meet too."""

HOPELESS = "hopeless"
"""In the metadata of a failure if one of those errors was the reason."""

NOT_TRIED = "Not tried, since it would have failed in the same way."


@contextmanager
def clear_failures() -> Iterator[None]:
    """Turn what a person can mend into a Dagster failure of one sentence, without the trace of our own code."""
    try:
        yield
    except (SettingsError, PartnerApiError, LakeError) as error:
        raise dg.Failure(description=str(error), allow_retries=False) from None


def day_slices(context: dg.AssetExecutionContext) -> dict[str | None, Slice]:
    """Return the slice of every day that the run is to materialise."""
    return {key: (date.fromisoformat(key),) for key in context.partition_keys}


class CannotRead(Exception):
    """A slice that cannot even be asked for. The message says what to do first."""


def replace_slices(
    context: dg.AssetExecutionContext,
    partner: Partner,
    tables: Sequence[Table],
    slices: Mapping[str | None, Slice],
    reader_of: Callable[[Sequence[Slice]], ReadSlice],
    *,
    merge: Merge | None = None,
    holding: Table | None = None,
    rescue: Callable[[Mapping[str | None, Slice]], None] | None = None,
    as_events: bool = False,
    publish_after: int | None = None,
    also: Callable[[Sequence[Slice]], Mapping[str | None, Slice]] | None = None,
) -> None:
    """Read slices and publish them, a file at a time, and report every one to Dagster.

    A damaged file on the way is set aside first, and the run goes on as if there had been none.

    Args:
        context: The asset's context.
        partner: API and lake.
        tables: The tables that the asset fills; all have the same slices. Each is the asset of its name.
        slices: The slice of each partition key; the key is None for an asset without partitions.
        reader_of: Given the slices of one file, returns the function that reads one of them.
        merge: What becomes of the stored rows of a slice; None to replace them.
        holding: A table whose files nobody may write between the reading of a file's slices and their publication.
        rescue: Called with the slices that were published, if others failed, before the failure is raised.
        as_events: True to report events of the tables' assets from within another asset.
        publish_after: Publish what was read when it has so many rows, before the file's last slice is read: what a
            killed run has fetched by then need not be fetched again. None to write every file once.
        also: Given the slices of one file, returns others of it that have to be made with them, because the file is missing.

    Raises:
        dagster.Failure: If a slice failed; the others are published and reported first.
    """
    with clear_failures():
        run = _Run(context, partner, tables, slices, merge=merge)
        keys = {values: key for key, values in slices.items()}
        for group in by_file(partner.lake.layout, tables[0], list(slices.values())).values():
            named = {keys[values]: values for values in group}
            try:
                with partner.lake.holding(holding, group) if holding else nullcontext():
                    run.set_aside(group)
                    named |= also(group) if also else {}
                    run.replace(named, reader_of(list(named.values())), publish_after)
            except LakeError as error:
                run.fail(named, error)
    run.report(rescue, as_events=as_events)


def replace_each(
    context: dg.AssetExecutionContext,
    partner: Partner,
    table: Table,
    slices: Mapping[str | None, Slice],
    read: Callable[[Slice, Given], Rows],
) -> None:
    """Read slices of one table, each on its own, and publish them: `replace_slices` for the simple case.

    Args:
        context: The asset's context.
        partner: API and lake.
        table: The table, and the asset of its name.
        slices: The slice of each partition key; the key is None for an asset without partitions.
        read: Reads one slice.

    Raises:
        dagster.Failure: If a slice failed; the others are published and reported first.
    """

    def read_slice(values: Slice, given: Given) -> dict[Table, Rows]:
        return {table: read(values, given)}

    replace_slices(context, partner, [table], slices, lambda _: read_slice)


class _Run:
    """One asset's way through its slices."""

    def __init__(
        self,
        context: dg.AssetExecutionContext,
        partner: Partner,
        tables: Sequence[Table],
        slices: Mapping[str | None, Slice],
        *,
        merge: Merge | None,
    ) -> None:
        self._context = context
        self._partner = partner
        self._tables = tables
        self._merge = merge
        self._wanted = slices.keys()
        self._total = len(slices)
        self._done = 0
        self._moved: list[SetAside] = []
        self._is_hopeless = False
        self._failures: dict[str, str] = {}
        self._published: list[Published] = []

    def set_aside(self, slices: Sequence[Slice]) -> None:
        """Set the damaged ones aside among the files of some slices."""
        self._moved = set_aside_on_the_way(self._context, self._partner.lake, self._tables, slices)

    def replace(self, slices: Mapping[str | None, Slice], read_slice: ReadSlice, publish_after: int | None) -> None:
        """Read the slices of one file and publish them, together unless that becomes too much to lose."""
        self._total += len(slices.keys() - self._wanted)
        reads: list[SliceRead] = []
        for key, values in slices.items():
            read = self.read(key, values, read_slice)
            if read is not None:
                reads.append(read)
            if publish_after is not None and sum(read.row_count for read in reads) >= publish_after:
                self.publish(reads)
                reads = []
        self.publish(reads)

    def read(self, key: str | None, values: Slice, read_slice: ReadSlice) -> SliceRead | None:
        """Read one slice, or note why it failed."""
        name = key or WHOLE_NAME
        if self._is_hopeless:
            self._failures[name] = NOT_TRIED
            return None
        given = self._given()
        requests, started = self._partner.request_count, time.monotonic()
        try:
            tables = read_slice(values, given)
        except (PartnerApiError, CannotRead) as error:
            self._is_hopeless = isinstance(error, _HOPELESS)
            self._failures[name] = " ".join([str(error), *(one.sentence for one in self._moved)])
            self._context.log.error("%s keeps its old rows: %s", name, error)
            return None
        finally:
            self._done += 1
            self._partner.progress.slice_done(self._tables[0].name, self._done, self._total)
        requests = self._partner.request_count - requests
        as_of = min([given["fetched_at"], *(rows.as_of for rows in tables.values() if rows.as_of is not None)])
        return SliceRead(key, values, tables, as_of, requests, time.monotonic() - started)

    def fail(self, keys: Iterable[str | None], error: LakeError) -> None:
        """Note that the slices of one file could not be read or published; those of other files may be all right."""
        for key in keys:
            self._failures.setdefault(key or WHOLE_NAME, str(error))
        self._context.log.error("%s", error)

    def _given(self) -> Given:
        now = self._partner.now()
        given = {
            "fetched_at": now,
            "run_id": self._context.run.run_id,
            "legal_entity": self._partner.settings.legal_entity,
        }
        return {**given, "valid_from": now} if self._tables[0].keeps_history else given

    def publish(self, reads: Sequence[SliceRead]) -> None:
        """Write the slices of one file, for all tables together, and what was rejected with them."""
        if not reads:
            return
        slices = [read.values for read in reads]
        as_of = {read.values: read.as_of for read in reads}
        changes = [
            Change(
                table,
                slices,
                joined(read.tables[table].rows for read in reads),
                self._merge,
                as_of,
                unread=Unread(key for read in reads for key in read.tables[table].unread),
            )
            for table in self._tables
        ]
        rejected = [one for read in reads for rows in read.tables.values() for one in rows.rejected]
        places = [(table.name, read.name) for table in self._tables for read in reads]
        changes.append(Change(REJECTED, places, rejected_rows(REJECTED, rejected)))
        written = self._partner.lake.replace(changes, lineage={"run_id": self._context.run.run_id})
        by_table = {one.table: one for one in written}
        published_at = self._partner.now()
        for read in reads:
            metadata = {
                table: slice_metadata(read, table, by_table[table], published_at) | damage_metadata(self._moved, table)
                for table in self._tables
            }
            # Not the rows themselves: a run over years would hold them all.
            self._published.append(Published(read.key, read.values, metadata))

    def report(self, rescue: Callable[[Mapping[str | None, Slice]], None] | None, *, as_events: bool) -> None:
        """Give Dagster the metadata of every slice; on a failure, its materialisations too, before raising."""
        for one in self._published:
            for table, metadata in one.metadata.items():
                if self._failures or as_events or one.key not in self._wanted:
                    # Dagster takes the whole range of a failed run for missing, although these rows are on disk.
                    event = dg.AssetMaterialization(table.name, partition=one.key, metadata=metadata)
                    self._context.log_event(event)
                else:
                    self._context.add_asset_metadata(metadata, asset_key=table.name, partition_key=one.key)
        if self._failures:
            if rescue is not None and self._published:
                rescue({one.key: one.values for one in self._published})
            description = failure_text(self._failures, self._total)
            marks = {HOPELESS: True} if self._is_hopeless else None
            raise dg.Failure(description=description, metadata=marks, allow_retries=False)
