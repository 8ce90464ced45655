"""What came of a run that met faults: there are two outcomes that are right, and every other is the third.

Every slice that Dagster was told of holds the truth, and every other one the rows that it held before, under a failure
that names it. Not here: how the run was made (`stage.py`).
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from pathlib import Path

import dagster as dg

from partner_assets.materialization.slice_reads import WHOLE_NAME
from partner_assets_tests.faults.places import KEYS, SliceOf
from partner_assets_tests.materialization.expected_rows import Expected, Row
from partner_assets_tests.materialization.site import Site, failure_texts
from partner_assets_tests.test_truth import assert_equal_rows

Slices = Mapping[str, list[Row]]


class Outcome(Enum):
    """How a run ended; the value is what the tables of results show."""

    EXACT = "E"
    KEPT = "K"
    THIRD = "!"


@dataclass
class Verdict:
    """What came of a run.

    Attributes:
        exact: Slices of the tables that were published and hold the truth, as `table/slice`.
        kept: Slices that the run failed to read, says so, and left as they were.
        wrong: Everything else, a sentence each.
        told: What the run says to a person; empty if it succeeded.
    """

    exact: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    told: str = ""

    @property
    def outcome(self) -> Outcome:
        """The run in one word."""
        if self.wrong:
            return Outcome.THIRD
        return Outcome.KEPT if self.kept else Outcome.EXACT


@dataclass(frozen=True)
class Snapshot:
    """The lake at a moment.

    Attributes:
        rows: The rows of every table by slice, closed ones and older versions too.
        rejected: The records that could not become rows, by table and slice.
        bytes: A digest of each file.
    """

    rows: Mapping[str, Slices]
    rejected: Mapping[tuple[str, str], list[Row]]
    bytes: Mapping[Path, str]


def snapshot(site: Site, tables: Mapping[str, SliceOf]) -> Snapshot:
    """Look at some tables of the lake."""
    rejected: dict[tuple[str, str], list[Row]] = {}
    for row in site.rows("rejected"):
        rejected.setdefault((row["table_name"], row["slice"]), []).append(row)
    files = [file for table in tables for file in site.files(table)]
    return Snapshot(
        {table: by_slice(site.rows(table), slice_of) for table, slice_of in tables.items()},
        rejected,
        {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in files},
    )


def by_slice(rows: Iterable[Row], slice_of: SliceOf) -> dict[str, list[Row]]:
    """Return rows by the name of their slice."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(slice_of(row), []).append(row)
    return found


def judge(
    site: Site,
    result: dg.ExecuteInProcessResult,
    *,
    tables: Mapping[str, SliceOf],
    slices: Sequence[str],
    before: Snapshot,
    expected: Expected,
    most_named: int = 10,
) -> Verdict:
    """Compare the lake after a run with what it held before, and with the truth.

    Args:
        site: The lake.
        result: The run.
        tables: The tables that it writes.
        slices: The slices of each of them.
        before: The lake before the run.
        expected: The truth.
        most_named: So many slices a failure names; it counts the rest.
    """
    after, verdict = snapshot(site, tables), Verdict()
    published, texts = _published(site, result), failure_texts(result)
    verdict.told = told = "\n".join(texts)
    if "Traceback" in told or "Stack Trace" in told:
        verdict.wrong.append(f"the run tells a person a stack trace: {told[:300]}")
    if result.success != (not texts):
        verdict.wrong.append("the run failed and does not say why")
    if len(slices) > most_named:
        verdict.wrong += _miscounted(told, published, slices, next(iter(tables)))
    for table in tables:
        truth = by_slice(expected.rows[table], tables[table])
        for name in slices:
            place = f"{table}/{name}"
            if (table, name) in published:
                wrong = _untrue(table, name, after, truth, expected)
                verdict.exact += [] if wrong else [place]
            else:
                wrong = _changed(table, name, before, after)
                if result.success:
                    wrong.append("the run succeeded and says nothing of it")
                elif len(slices) <= most_named and not _names(told, name):
                    wrong.append(f"the failure does not name it: {told[:300]}")
                verdict.kept += [] if wrong else [place]
            verdict.wrong += [f"{place}: {sentence}" for sentence in wrong]
    if not published and after.bytes != before.bytes:
        verdict.wrong.append("nothing was published, and yet a file changed")
    return verdict


def _published(site: Site, result: dg.ExecuteInProcessResult) -> set[tuple[str, str]]:
    """Return the slices that Dagster was told of, by table."""
    entries = site.instance.all_logs(result.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
    materializations = [
        entry.dagster_event.step_materialization_data.materialization for entry in entries if entry.dagster_event
    ]
    return {(one.asset_key.to_user_string(), one.partition or WHOLE_NAME) for one in materializations}


def _miscounted(told: str, published: set[tuple[str, str]], slices: Sequence[str], table: str) -> list[str]:
    """Say if a failure of more slices than it can name gives a wrong number of them."""
    failed = sum((table, name) not in published for name in slices)
    if not failed or f"{failed} of {len(slices)} partitions keep their old rows" in told:
        return []
    return [f"{failed} of {len(slices)} slices of {table} failed, and the run says: {told[:100]}"]


def _names(told: str, name: str) -> bool:
    """Tell whether a failure names a slice, as a word of its own before the reason."""
    _, kept, reasons = told.partition("keep their old rows. ")
    return bool(kept) and re.search(rf"(^|[ ,]){re.escape(name)}[:,]", reasons) is not None


def _untrue(table: str, name: str, after: Snapshot, truth: Slices, expected: Expected) -> list[str]:
    found = [row for row in after.rows[table].get(name, []) if _is_current(table, row)]
    true = truth.get(name, [])
    try:
        assert_equal_rows(found, true, KEYS[table])
    except AssertionError:
        return [f"published with {len(found)} rows that are not the {len(true)} of the truth"]
    rejected = [json.loads(row["record"], parse_float=Decimal) for row in after.rejected.get((table, name), [])]
    wanted = [record for other, slice_, record in expected.rejected if (other, slice_) == (table, name)]
    if sorted(map(repr, rejected)) != sorted(map(repr, wanted)):
        return [f"{len(rejected)} records were rejected, {len(wanted)} ought to be"]
    return []


def _changed(table: str, name: str, before: Snapshot, after: Snapshot) -> list[str]:
    sentences = []
    if after.rows[table].get(name) != before.rows[table].get(name):
        sentences.append("not published, and its rows changed")
    if after.rejected.get((table, name)) != before.rejected.get((table, name)):
        sentences.append("not published, and what was rejected of it changed")
    return sentences


def _is_current(table: str, row: Row) -> bool:
    if table == "order_documents":
        return bool(row["is_current"])
    return row.get("valid_to") is None
