"""`partner-assets rebuild`: orders, lines and charges made of their documents again, with no key and no API.

Here: which table a person means, and what is told. Not here: how they are made (`materialization/rebuild.py`).
"""

import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import dagster as dg
from rich.console import Console

from partner_assets.automation.day_ranges import DayRange
from partner_assets.automation.jobs import VIEWS
from partner_assets.build import build_defs
from partner_assets.commands.books import open_books
from partner_assets.commands.interrupts import Interrupts, interruptible
from partner_assets.commands.progress_bars import Bars, bars_on
from partner_assets.commands.run_summary import outcome_line, print_summary
from partner_assets.lake.store import Lake
from partner_assets.materialization.order_tables import ORDER_TABLES
from partner_assets.materialization.rebuild import files_of_documents, rebuild_job, rebuild_name
from partner_assets.progress import Silent
from partner_assets.resources import Partner
from partner_assets.runs import JobOutcome, run_jobs
from partner_assets.settings import Settings, SettingsError, load_without_api
from partner_assets.tables.dictionary import TABLES_BY_NAME
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.rejected import REJECTED
from partner_assets.tables.table import Group, Table

STOPPED = "Stopped. Every month is whole, made again or as it was; to make all of them, start it again."


def rebuild(name: str | None) -> int:
    """Make tables of orders again, of all documents that the lake has, and then the views.

    Args:
        name: The table; by default all three.

    Returns:
        The exit code: 0 if every month was made, else 1.

    Raises:
        SettingsError: If there is no such table, or it cannot be made of documents.
        FileNotFoundError: If there are no documents.
        KeyboardInterrupt: If somebody stopped it. Every month is whole: made again, or as it was.
    """
    tables = tables_to_rebuild(name)
    settings = load_without_api()
    files = files_of_documents(Lake(settings.lake, settings.legal_entity))
    if not files:
        raise FileNotFoundError(
            f"There are no documents of orders in {settings.lake} of the legal entity {settings.legal_entity}, of which anything "
            "could be made. Fetch them with: partner-assets run --only orders, or name another in PARTNER_LEGAL_ENTITY"
        )
    months = DayRange(_first_day(files[-1]), _first_day(files[0]))
    started = time.monotonic()
    try:
        with interruptible() as interrupts:
            outcomes = _run(settings, tables, months, interrupts)
    except KeyboardInterrupt:
        sys.stderr.write(
            "Stopped. Every month is whole, made again or as it was; to make all of them, start it again.\n"
        )
        raise
    print_summary(Console(), settings, outcomes, seconds=time.monotonic() - started)
    failures = [failure for outcome in outcomes for failure in outcome.failures]
    for failure in failures:
        sys.stderr.write(f"{failure}\n")
    return 1 if failures else 0


def tables_to_rebuild(name: str | None) -> Sequence[Table]:
    """Return the tables that a person means.

    Args:
        name: What the person said; None for nothing.

    Raises:
        SettingsError: If it is none of those that are made of documents, with what to do instead.
    """
    if name is None:
        return ORDER_TABLES
    table = TABLES_BY_NAME.get(name)
    if table in ORDER_TABLES:
        return (table,)
    possible = ", ".join(one.name for one in ORDER_TABLES)
    if table is None:
        raise SettingsError(f"There is no table {name}: {possible} can be rebuilt, or all of them without a name.")
    if table is ORDER_DOCUMENTS:
        raise SettingsError(f"{name} is what the API sent: {possible} are rebuilt from it, and it from nothing.")
    if table is REJECTED:
        raise SettingsError(f"{name} comes with the tables: rebuild {possible}, and it is rebuilt for them.")
    reason = (
        "only of orders are the API's own documents kept"
        if table.group is Group.CATALOGUE
        else "it comes with the program"
    )
    raise SettingsError(
        f"{name} cannot be rebuilt, since {reason}. Make it anew with: partner-assets run --only catalogue"
    )


def _first_day(file: Path) -> date:
    return date.fromisoformat(f"{file.parent.name.removeprefix('creation_month=')}-01")


def _run(settings: Settings, tables: Sequence[Table], months: DayRange, interrupts: Interrupts) -> list[JobOutcome]:
    console = Console(stderr=True)
    outcomes = []
    with open_books() as instance, bars_on(console) as bars:
        progress = interrupts.watched(Bars(bars, {}) if console.is_terminal else Silent())
        partner = Partner(lambda: settings, progress=progress)
        definitions = build_defs(partner, orders_start=months.first)
        if tables != ORDER_TABLES:
            definitions = dg.Definitions.merge(definitions, dg.Definitions(jobs=[rebuild_job(tables)]))
        for outcome in run_jobs(definitions, instance, [rebuild_name(tables), VIEWS], months):
            outcomes.append(outcome)
            interrupts.check()
            if not console.is_terminal:
                console.print(outcome_line(outcome), soft_wrap=True, highlight=False)
    return outcomes
