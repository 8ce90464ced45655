"""`partner-assets run`: the whole graph through Dagster, without its UI, with progress bars and a summary.

Which jobs run, and how, is `runs.py`'s; here is what a person sees of it.
"""

import sys
import time
from datetime import UTC, date, datetime

import dagster as dg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from partner_assets.build import build_defs
from partner_assets.commands.run_summary import print_summary
from partner_assets.progress import Silent
from partner_assets.resources import Partner
from partner_assets.runs import JobOutcome, jobs_for, run_jobs
from partner_assets.settings import Settings, SettingsError, load, load_dagster_home


def run(first: date | None, last: date | None, only: str | None) -> int:
    """Materialise the catalogue and the orders.

    Args:
        first: First day of orders; the first of all by default.
        last: Last day of orders; today by default.
        only: ``"catalogue"`` or ``"orders"`` for a part of it.

    Returns:
        The exit code: 0 if every partition was materialised, else 1.

    Raises:
        SettingsError: If a setting is missing or wrong, or the days lie outside the partitions.
        PartnerApiError: If the API does not answer, or refuses the key; nothing has been touched then.
    """
    settings = load()
    days = _days(settings, first, last)
    # One request before anything is touched: an address where nobody answers is told in a second.
    with Partner(lambda: settings).impatient_api() as api:
        next(api.accreditations(), None)
    console = Console(stderr=True)
    started = time.monotonic()
    with _instance() as instance, _bars(console) as bars:
        partner = Partner(lambda: settings, progress=Bars(bars) if console.is_terminal else Silent())
        definitions = build_defs(partner, orders_start=settings.orders_start)
        outcomes = []
        for outcome in run_jobs(definitions, instance, jobs_for(only), days):
            outcomes.append(outcome)
            if not console.is_terminal:
                console.print(_line(outcome), soft_wrap=True, highlight=False)
        partner.api.close()
    print_summary(Console(), settings, outcomes, seconds=time.monotonic() - started)
    failures = [failure for outcome in outcomes for failure in outcome.failures]
    for failure in failures:
        sys.stderr.write(f"{failure}\n")
    return 1 if failures else 0


class Bars:
    """Progress as one bar per asset.

    Args:
        bars: Where they are drawn.
    """

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def slice_done(self, asset: str, done: int, total: int) -> None:
        """Move the asset's bar."""
        if asset not in self._tasks:
            self._tasks[asset] = self._bars.add_task(asset, total=total)
        self._bars.update(self._tasks[asset], completed=done, total=total)


def _bars(console: Console) -> Progress:
    columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)


def _instance() -> dg.DagsterInstance:
    """Return the instance of `DAGSTER_HOME`, or one that forgets its runs when it is closed."""
    return dg.DagsterInstance.get() if load_dagster_home() else dg.DagsterInstance.ephemeral()


def _days(settings: Settings, first: date | None, last: date | None) -> tuple[date, date]:
    today = datetime.now(UTC).date()
    days = (first or settings.orders_start, last or today)
    if days[0] < settings.orders_start:
        raise SettingsError(
            f"--from {days[0]} lies before PARTNER_ORDERS_START ({settings.orders_start}): move one of them."
        )
    if days[1] > today:
        raise SettingsError(f"--to {days[1]} lies in the future: today is {today} in UTC.")
    if days[0] > days[1]:
        raise SettingsError(f"--from {days[0]} lies after --to {days[1]}: exchange them.")
    return days


def _line(outcome: JobOutcome) -> str:
    parts = [
        f"{asset} {total.partitions} partitions, {total.facts.get('dagster/row_count', 0):.0f} rows, "
        f"{total.facts.get('requests', 0):.0f} requests"
        for asset, total in outcome.assets.items()
        if "dagster/row_count" in total.facts
    ]
    state = "failed" if outcome.failures else "done"
    return f"{outcome.name}: {state}" + (f" ({'; '.join(parts)})" if parts else "")
