"""The campaign: ``make quota``. Plays every contest at full length and prints a table; five minutes.

Not here: how a contest is played (`contest.py`), and the short one among the tests (`test_across_processes.py`).
"""

import sys
import tempfile
from pathlib import Path

from partner_assets_tests.quota.contest import Contest, Outcome, play

CONTESTS = (
    Contest("one process", threads=(8,), seconds=30),
    Contest("four processes, each for itself", is_shared=False, seconds=30),
    Contest("four processes"),
    Contest("four processes, answers take 50 ms", latency_ms=50, seconds=30),
    Contest("four processes, 200 a second", rate=200, seconds=30),
    Contest("four processes, 300 in 15 seconds", rate=300, window=15.0),
    Contest("1, 2, 8 and 16 threads", threads=(1, 2, 8, 16), seconds=30),
    Contest("one more is killed every 3 seconds", kill_every=3.0, seconds=30),
    Contest("a script asks for 25 at once every second", neighbour=25, seconds=30),
    Contest("half is spent unseen", unseen=0.2, seconds=30),
)

HEADER = """\
| contest | quota | used | of it ours | answers 429 | requests of each process | slowest / mean |
|---|---|---|---|---|---|---|"""


def row(outcome: Outcome) -> str:
    """Return a contest's line of the table."""
    contest = outcome.contest
    spent = outcome.ours + len(outcome.others) + outcome.spent_unseen
    counts = ", ".join(f"{len(each):,}" for each in outcome.admitted[: len(contest.threads)])
    return (
        f"| {contest.name} | {contest.rate} in {contest.window:g} s | {outcome.used:.1%} | {outcome.ours / spent:.0%} | "
        f"{outcome.rejected_share:.2%} | {counts} | {outcome.fairness:.2f} |"
    )


def main() -> None:
    """Play, and print the table as it grows."""
    sys.stdout.write(f"{HEADER}\n")
    for contest in CONTESTS:
        with tempfile.TemporaryDirectory() as folder:
            sys.stdout.write(f"{row(play(contest, Path(folder)))}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
