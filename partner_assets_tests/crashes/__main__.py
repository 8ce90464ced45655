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

PARTS = ("runs", "writers", "steady", "often", "disk")


def main() -> int:
    """Run the campaigns that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m partner_assets_tests.crashes", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="of runs, and of writers (default 200)")
    parser.add_argument("--seconds", type=float, default=600, help="of steady replacements (default 600)")
    parser.add_argument("--only", choices=PARTS, action="append", help="one part of it; may be repeated (default all)")
    arguments = parser.parse_args()
    preload("partner_assets.commands.shell_runs", "partner_assets_tests.crashes.worlds")
    campaigns: list[Campaign] = []
    complaints: list[str] = []
    with tempfile.TemporaryDirectory(prefix="crashes-") as name:
        for part in arguments.only or PARTS:
            place = Path(name) / part
            place.mkdir()
            try:
                campaigns += _conducted(part, place, arguments.kills, arguments.seconds)
            except Complaint as complaint:
                # What the other parts have seen is worth telling all the same.
                complaints.append(f"WRONG: {part}: {complaint}")
                click.echo(complaints[-1], err=True)
    if campaigns:
        click.echo(f"\n{report(campaigns)}")
    click.echo("\n".join(complaints))
    return 1 if complaints or any(one.complaints for one in campaigns) else 0


def _conducted(part: str, place: Path, kills: int, seconds: float) -> list[Campaign]:
    announcements = Announcements(place / "truth")
    match part:
        case "runs":
            with changing_world(announcements) as world:
                return [kill_runs(world, announcements, place, kills, click.echo)]
        case "writers":
            return [kill_writers(announcements, place, kills, click.echo)]
        case "steady":
            return [replace_steadily(announcements, place, seconds, 1.0, click.echo)]
        case "often":
            return [replace_steadily(announcements, place, seconds / 5, 0.1, click.echo)]
        case _:
            click.echo(fill_disk(place))
            return []


if __name__ == "__main__":
    sys.exit(main())
