"""What a run from the shell shows while it goes on, and says of days that it left to others.

Not here: the command itself (`test_backfill.py`).
"""

import subprocess
import sys
from datetime import date, timedelta

from rich.progress import Progress

from partner_assets.automation.day_ranges import DayRange, contiguous
from partner_assets.commands.progress_bars import Bars
from partner_assets.commands.run_summary import left_out_sentence, outcome_line
from partner_assets.runs import AssetSum, JobOutcome

DAY = date(2026, 3, 1)


def drawn(bars: Progress) -> dict[str, tuple[float, float | None]]:
    """Return what is done, and of how many, on each bar."""
    return {task.description: (task.completed, task.total) for task in bars.tasks}


def test_a_bar_goes_on_over_all_runs_of_a_backfill() -> None:
    """Guards against a bar that is full after the first month of five years, and then begins again."""
    shown = Progress(disable=True)
    bars = Bars(shown, {"orders": 33})
    for done in range(1, 32):
        bars.slice_done("orders", done, 31)
    assert drawn(shown) == {"orders": (31, 33)}
    bars.slice_done("orders", 1, 1)
    bars.slice_done("orders", 1, 1)
    assert drawn(shown) == {"orders": (33, 33)}


def test_a_bar_of_what_nobody_expected_is_as_long_as_its_run() -> None:
    """Guards against a catalogue whose bar has no end."""
    shown = Progress(disable=True)
    bars = Bars(shown, {})
    bars.slice_done("products", 2, 24)
    assert drawn(shown) == {"products": (2, 24)}


def test_a_line_names_the_days_of_its_run() -> None:
    """Guards against five lines of a log that look alike."""
    sums = {"orders": AssetSum(2, {"dagster/row_count": 7, "requests": 0})}
    outcome = JobOutcome("orders_by_day", days=DayRange(DAY, DAY + timedelta(days=1)), assets=sums)
    assert (
        outcome_line(outcome)
        == "orders_by_day 2026-03-01 to 2026-03-02: done (orders 2 partitions, 7 rows, 0 requests)"
    )
    assert outcome_line(JobOutcome("views", failures=["No."])) == "views: failed"


def test_days_left_to_others_are_counted_and_not_all_listed() -> None:
    """Guards against a sentence of a thousand days."""
    some = [DAY + timedelta(days=number) for number in range(24) if number % 2 == 0]
    sentence = left_out_sentence(contiguous(some))
    assert ": 2026-03-01, 2026-03-03, " in sentence
    assert "2026-03-19 and 2 more (12 days); ask for them again" in sentence


def test_a_library_that_logs_ctrl_c_is_not_heard_and_any_other_trouble_is() -> None:
    """Guards against SQLAlchemy's trace above our sentence, when Ctrl+C comes while it closes a connection."""
    program = (
        "import logging; from partner_assets.commands.interrupts import keep_interrupts_from_logs as keep; keep(); "
        "logging.getLogger('a').error('interrupted', exc_info=KeyboardInterrupt()); "
        "logging.getLogger('a').error('broken', exc_info=ValueError())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "interrupted" not in done.stderr
    assert done.stderr.startswith("broken")
