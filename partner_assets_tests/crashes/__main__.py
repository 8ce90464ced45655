"""`python -m partner_assets_tests.crashes`: kills beside a reader, a table of them, and exit code 1 if anything is wrong."""

import argparse
import sys
import tempfile
from pathlib import Path

import click

from partner_assets_tests.crashes.campaign import Campaign, Complaint, kill_runs, kill_writers, replace_steadily
from partner_assets_tests.crashes.faces import Announcements
from partner_assets_tests.crashes.full_disk import fill_disk
from partner_assets_tests.crashes.report import report
from partner_assets_tests.crashes.victims import preload
from partner_assets_tests.crashes.worlds import changing_world


def main() -> int:
    """Run the campaigns that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m partner_assets_tests.crashes", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="of runs, and of writers (default 200)")
    parser.add_argument("--seconds", type=float, default=600, help="of steady replacements (default 600)")
    arguments = parser.parse_args()
    preload("partner_assets.commands.shell_runs", "partner_assets_tests.crashes.worlds")
    campaigns: list[Campaign] = []
    try:
        with tempfile.TemporaryDirectory(prefix="crashes-") as name:
            places = [Path(name) / place for place in ("runs", "writers", "steady", "often", "disk")]
            for place in places:
                place.mkdir()
            runs, writers, steady, often, disk = places
            announcements = Announcements(runs / "truth")
            with changing_world(announcements) as world:
                campaigns.append(kill_runs(world, announcements, runs, arguments.kills, click.echo))
            campaigns.append(kill_writers(Announcements(writers / "truth"), writers, arguments.kills, click.echo))
            campaigns.append(
                replace_steadily(Announcements(steady / "truth"), steady, arguments.seconds, 1.0, click.echo)
            )
            campaigns.append(
                replace_steadily(Announcements(often / "truth"), often, arguments.seconds / 5, 0.1, click.echo)
            )
            click.echo(fill_disk(disk))
    except Complaint as complaint:
        click.echo(f"WRONG: {complaint}", err=True)
        return 1
    click.echo(f"\n{report(campaigns)}")
    return 1 if any(one.complaints for one in campaigns) else 0


if __name__ == "__main__":
    sys.exit(main())
