"""`python -m partner_assets_tests.faults`: the whole campaign, as a report in Markdown; 1 if there was a third outcome.

The report goes to standard output, progress to standard error. Not here: any of the runs.
"""

import argparse
import sys
import time
import warnings

from partner_assets.sandbox.fault_plans import PROFILES
from partner_assets_tests.faults.campaign import Cell, campaign
from partner_assets_tests.faults.mixture import PASSING, Round, Size, mixture
from partner_assets_tests.faults.report import rounds_table, sentences, table, totals


def main() -> int:
    """Run what is asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m partner_assets_tests.faults", description=__doc__)
    parser.add_argument("--only", choices=("cells", "mixture"), help="only one of the two parts")
    parser.add_argument("--days", type=int, default=Size.days, help="days of the mixture (default: %(default)s)")
    chosen = parser.parse_args()
    # Dagster says of its own features that they are new; a report is no place for it.
    warnings.simplefilter("ignore")
    started, wrong = time.monotonic(), list[str]()
    if chosen.only != "mixture":
        wrong += _cells()
    if chosen.only != "cells":
        wrong += _mixtures(Size(days=chosen.days))
    _say(f"\n{(time.monotonic() - started) / 60:.0f} minutes in all.")
    for sentence in wrong:
        _say(sentence)
    return 1 if wrong else 0


def _cells() -> list[str]:
    cells: list[Cell] = []
    for cell in campaign():
        cells.append(cell)
        _progress(f"{cell.place.endpoint} {cell.profile} {cell.letters} {cell.requests} requests {cell.seconds:.1f} s")
        for sentence in sentences([cell]):
            _progress(sentence)
    _say(f"{table(cells)}\n\n{totals(cells)}\n")
    return sentences(cells)


def _mixtures(size: Size) -> list[str]:
    mixtures: dict[str, list[Round]] = {}
    for name, profiles in ((f"{len(PASSING)} that pass", PASSING), (f"all {len(PROFILES)}", tuple(PROFILES))):
        rounds = mixtures.setdefault(name, [])
        for one in mixture(profiles, 0.05, size):
            rounds.append(one)
            _progress(
                f"{name}, {one.load}: {one.exact_days} days exact, {one.kept_days} kept, {one.met} of {one.requests} "
                f"requests met a fault, {one.seconds:.1f} s"
            )
            for sentence in one.verdict.wrong:
                _progress(sentence)
    _say(rounds_table(mixtures))
    return [wrong for rounds in mixtures.values() for one in rounds for wrong in one.verdict.wrong]


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _progress(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
