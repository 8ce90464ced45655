"""Jobs run from the shell: settings checked first, progress drawn, a summary and what failed told, an exit code.

What `run` and `backfill` have in common. Which runs there are, and how they run, is `runs.py`'s.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from rich.console import Console

from partner_assets.automation.day_ranges import ONE_DAY, DayRange
from partner_assets.automation.dead_runs import end_dead_runs
from partner_assets.build import build_defs
from partner_assets.commands.books import open_books
from partner_assets.commands.interrupts import Interrupts, interruptible
from partner_assets.commands.made_up_rows import made_up_rows
from partner_assets.commands.progress_bars import Bars, bars_on
from partner_assets.commands.run_summary import left_out_sentence, outcome_line, print_summary
from partner_assets.materialization.deprecation import deprecation
from partner_assets.progress import Silent
from partner_assets.resources import Partner
from partner_assets.runs import JobOutcome, run_jobs
from partner_assets.settings import Settings, SettingsError, load
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.orders import ORDERS


def run_from_shell(
    jobs: Sequence[str], first: date | None, last: date | None, *, tags: Mapping[str, str] | None = None
) -> int:
    """Run jobs and tell what came of them.

    Args:
        jobs: The jobs, parents first.
        first: First day of orders; the first of all by default.
        last: Last day of orders; today by default.
        tags: What the runs of orders are given: work that nobody else's runs of these days do.

    Returns:
        The exit code: 0 if all of it was done, or somebody else is doing it; else 1.

    Raises:
        SettingsError: If a setting is missing or wrong, or the days lie outside the partitions.
        PartnerApiError: If the API does not answer, or refuses the key; nothing has been touched then.
        KeyboardInterrupt: If somebody stopped it.
    """
    settings = load()
    days = _days(settings, first, last)
    if advice := deprecation(settings):
        sys.stderr.write(f"Warning: {advice}\n")
    # One request before anything is touched: an address where nobody answers is told in a second.
    with Partner(lambda: settings).impatient_api() as api:
        next(api.accreditations(), None)
    started = time.monotonic()
    outcomes: list[JobOutcome] = []
    try:
        with interruptible() as interrupts:
            _run(settings, jobs, days, tags or {}, outcomes, interrupts)
    except KeyboardInterrupt:
        sys.stderr.write(f"{stopped_sentence(days, outcomes)}\n")
        raise
    print_summary(Console(), settings, outcomes, seconds=time.monotonic() - started)
    if told := made_up_rows(settings.lake):
        sys.stderr.write(f"Warning: {told}\n")
    failures = [failure for outcome in outcomes for failure in outcome.failures]
    left_out = [one for outcome in outcomes for one in outcome.left_out]
    for failure in failures:
        sys.stderr.write(f"{failure}\n")
    if left_out:
        sys.stderr.write(f"{left_out_sentence(left_out)}\n")
    return 1 if failures or (left_out and tags) else 0


def _run(
    settings: Settings,
    jobs: Sequence[str],
    days: DayRange,
    tags: Mapping[str, str],
    outcomes: list[JobOutcome],
    interrupts: Interrupts,
) -> None:
    console = Console(stderr=True)
    expected = dict.fromkeys((ORDER_DOCUMENTS.name, ORDERS.name), len(days.days))
    with open_books() as instance, bars_on(console) as bars:
        progress = interrupts.watched(Bars(bars, expected) if console.is_terminal else Silent())
        partner = Partner(lambda: settings, progress=progress)
        definitions = build_defs(partner, orders_start=settings.orders_start)
        # What an earlier command left when it was killed: its days are not being read by anybody.
        end_dead_runs(instance, partner.lake)
        try:
            for outcome in run_jobs(definitions, instance, jobs, days, tags=tags):
                outcomes.append(outcome)
                interrupts.check()
                if not console.is_terminal and not outcome.left_out:
                    console.print(outcome_line(outcome), soft_wrap=True, highlight=False)
        finally:
            partner.api.close()


def stopped_sentence(days: DayRange, outcomes: Sequence[JobOutcome]) -> str:
    """Return what is said to who stopped it: from where to go on, if that is known."""
    done = [outcome.days for outcome in outcomes if outcome.days and not outcome.failures]
    # The newest come first: what is not done lies before the last that was, unless something before it failed.
    is_known = done and len(done) == len([outcome for outcome in outcomes if outcome.days])
    left = f" with --to {done[-1].first - ONE_DAY}" if is_known and done[-1].first > days.first else ""
    return f"Stopped. What was read is kept; to go on, start it again{left}."


def _days(settings: Settings, first: date | None, last: date | None) -> DayRange:
    today = datetime.now(UTC).date()
    days = DayRange(first or settings.orders_start, last or today)
    if days.first < settings.orders_start:
        raise SettingsError(
            f"--from {days.first} lies before PARTNER_ORDERS_START ({settings.orders_start}): move one of them."
        )
    # The command line has looked at the order of the two; here, one of them may be a default.
    if days.last < settings.orders_start:
        raise SettingsError(
            f"--to {days.last} lies before PARTNER_ORDERS_START ({settings.orders_start}): move one of them."
        )
    for option, told in (("--from", days.first), ("--to", days.last)):
        if told > today:
            raise SettingsError(f"{option} {told} lies in the future: today is {today} in UTC.")
    return days
