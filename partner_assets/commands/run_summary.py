"""What a run from the shell says: a line per run, at the end a line per table, what was saved, and what to do next."""

from collections.abc import Sequence
from math import nan

from rich.console import Console
from rich.table import Table as Grid

from partner_assets.automation.day_ranges import DayRange
from partner_assets.lake import reading
from partner_assets.lake.errors import LakeError
from partner_assets.lake.store import Lake
from partner_assets.runs import AssetSum, JobOutcome
from partner_assets.settings import Settings
from partner_assets.tables.dictionary import TABLES
from partner_assets.tables.table import Table

SHOWN = 10
"""How many stretches of days a sentence names."""


def outcome_line(outcome: JobOutcome) -> str:
    """Return what became of one run, for a log."""
    parts = [
        f"{asset} {total.partitions} partitions, {total.facts.get('dagster/row_count', 0):.0f} rows, "
        f"{total.facts.get('requests', 0):.0f} requests"
        for asset, total in outcome.assets.items()
        if "dagster/row_count" in total.facts
    ]
    name = f"{outcome.name} {outcome.days}" if outcome.days else outcome.name
    state = "failed" if outcome.failures else "done"
    return f"{name}: {state}" + (f" ({'; '.join(parts)})" if parts else "")


def left_out_sentence(days: Sequence[DayRange]) -> str:
    """Return which days were left to others, and what to do."""
    count = sum(len(one.days) for one in days)
    named = ", ".join(map(str, days[:SHOWN])) + (f" and {len(days) - SHOWN} more" if len(days) > SHOWN else "")
    return (
        f"Left to another run or backfill, which is reading them or will: {named} ({count} day{'s' * (count > 1)}); "
        "ask for them again when it has ended, or end it in Dagster's UI."
    )


def print_summary(console: Console, settings: Settings, outcomes: Sequence[JobOutcome], *, seconds: float) -> None:
    """Print the summary of a run.

    Args:
        console: Where to.
        settings: For the lake's folder.
        outcomes: What became of the jobs.
        seconds: How long it all took.
    """
    done: dict[str, AssetSum] = {}
    for outcome in outcomes:
        for asset, total in outcome.assets.items():
            done.setdefault(asset, AssetSum()).add(total)
    lake = Lake(settings.lake, settings.legal_entity)
    grid = Grid(box=None, pad_edge=False, header_style="bold")
    grid.add_column("table")
    for name in ("rows", "files", "bytes", "seconds", "requests"):
        grid.add_column(name, justify="right")
    sums = [0.0] * 5
    for table in TABLES:
        rows, count, size = _stored(table, lake)
        facts = done[table.name].facts if table.name in done else {}
        numbers = (rows, count, size, facts.get("seconds", 0.0), facts.get("requests", 0))
        sums = [total + number for total, number in zip(sums, numbers, strict=True)]
        grid.add_row(table.name, *_cells(*numbers))
    # The seconds above are those of reading; the total is what went by, writing and Dagster's own work included.
    grid.add_row("all", *_cells(sums[0], sums[1], sums[2], seconds, sums[4]), style="bold")
    console.print(grid)
    for sentence in _savings(done):
        console.print(sentence, highlight=False, soft_wrap=True)
    # A check looks at a table: every run over some of its days says the same of it.
    for warning in dict.fromkeys(warning for outcome in outcomes for warning in outcome.warnings):
        console.print(f"Warning: {warning}", style="yellow", highlight=False, soft_wrap=True)


def _stored(table: Table, lake: Lake) -> tuple[float, float, float]:
    """Return how many rows, files and bytes a table has, nan for what cannot be known.

    A file that cannot be read is told by the run that met it, after this; the summary must not keep it from being told.
    """
    try:
        files = lake.layout.files(table)
    except LakeError:
        return nan, nan, nan
    try:
        rows: float = sum(reading.check(table, file) for file in files)
    except (LakeError, OSError):
        rows = nan
    try:
        size: float = sum(file.stat().st_size for file in files)
    except OSError:
        size = nan
    return rows, len(files), size


def _cells(rows: float, files: float, size: float, seconds: float, requests: float) -> list[str]:
    numbers = [f"{rows:,.0f}", f"{files:,.0f}", f"{size:,.0f}", f"{seconds:,.1f}", f"{requests:,.0f}"]
    return ["?" if number == "nan" else number for number in numbers]


def _savings(done: dict[str, AssetSum]) -> list[str]:
    sentences = []
    documents = done.get("order_documents")
    if documents is not None:
        found, fetched = (int(documents.facts.get(name, 0)) for name in ("found", "fetched"))
        saved = max(0, found - fetched)
        unasked = f"; {saved:,} had not changed and were not asked for again" if saved else ""
        sentences.append(f"Orders: {found:,} found, {fetched:,} fetched{unasked}.")
    files = set().union(*(total.written | total.unchanged for total in done.values())) if done else set()
    written = set().union(*(total.written for total in done.values())) if done else set()
    sentences.append(f"Files: {len(written):,} written, {len(files - written):,} held the same rows already.")
    return sentences
