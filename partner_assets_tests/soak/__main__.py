"""`python -m partner_assets_tests.soak`: a soak, its report, and exit code 1 if anything is wrong."""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

import click

from partner_assets_tests.soak.conduct import run_soak
from partner_assets_tests.soak.plan import Plan
from partner_assets_tests.soak.report import report
from partner_assets_tests.soak.site import SoakError


def main() -> int:
    """Soak as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m partner_assets_tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20, help="how long changes are made (default 20)")
    parser.add_argument("--seed", type=int, default=1, help="what the data and the changes depend on (default 1)")
    arguments = parser.parse_args()
    try:
        plan = Plan(arguments.minutes, arguments.seed)
    except ValueError as error:
        parser.error(str(error))
    # An end that is asked for still ends every process of the soak.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        try:
            story = run_soak(plan, Path(folder), click.echo)
        except SoakError as error:
            click.echo(error, err=True)
            return 1
    click.echo(f"\n{report(story)}")
    return 1 if story.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
