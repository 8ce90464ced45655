"""Whether no day was run more often than its changes justify. Pure.

The rule. A day may have been run once for each of these, and no more:

- a tick of `order_changes` that could be the first to see a change of the day: changes between the same two ticks count
  once, since one tick sees them all, and a change that the feed does not tell (a removal) does not count;
- a run of the day that did not succeed, because the API was down or its worker was killed;
- a run that a schedule or a person asked for.

The first fill is a person's, and ends before the soak begins.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from partner_assets_tests.soak.records import Run

SENSORS = ("order_changes", "order_gaps")
RETRY = "retry"


@dataclass
class RunVerdict:
    """How often days were run.

    Attributes:
        complaints: What is wrong, in sentences.
        day_runs: Days of all runs, added up.
        justified: What the rule allows, added up over the days that were run.
    """

    complaints: list[str] = field(default_factory=list)
    day_runs: int = 0
    justified: int = 0


def judge_runs(
    runs: Iterable[Run], changes: Mapping[date, Sequence[datetime]], ticks: Sequence[datetime]
) -> RunVerdict:
    """Compare how often each day was run with how often it may have been.

    Args:
        runs: The runs of the soak.
        changes: When the orders of each day changed, by the API's clock.
        ticks: When the ticks of `order_changes` began whose memory was kept, in order.
    """
    run_days, failed, wanted = Counter[date](), Counter[date](), Counter[date]()
    told: dict[date, list[str]] = {}
    for run in runs:
        run_days.update(run.days)
        for day in run.days:
            told.setdefault(day, []).append(f"{run.asked_by} at {run.created:%H:%M:%S}")
        if run.status != "SUCCESS":
            failed.update(run.days)
        if run.asked_by not in (*SENSORS, RETRY):
            wanted.update(run.days)
    verdict = RunVerdict(day_runs=run_days.total())
    for day, count in sorted(run_days.items()):
        noticed = len({bisect_right(ticks, moment) for moment in changes.get(day, ())})
        allowed = noticed + failed[day] + wanted[day]
        verdict.justified += allowed
        if count > allowed:
            verdict.complaints.append(
                f"runs: {day} was run {count} times; its changes justify {noticed}, {failed[day]} runs of it did not "
                f"succeed and {wanted[day]} were wanted by a schedule or a person. Asked for by {', '.join(told[day])}."
            )
    return verdict
