"""The `partner-assets` command: verbs, options, help.

What a verb does is in `commands/`, one file each, imported when the verb is called: `--help` must not wait for Dagster. How an
error becomes a sentence and an exit code is in `commands/verbs.py`.
"""

from datetime import date
from pathlib import Path
from typing import Any

import click

from partner_assets.commands.memory import spare_memory
from partner_assets.commands.option_values import NamedPath, day, faults, moment
from partner_assets.commands.verbs import Verbs
from partner_assets.sandbox.fault_plans import PROFILES


def _example(command: str) -> str:
    return f"Example:\n\n\b\n  {command}"


PORT = click.IntRange(0, 65_535)


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100, "show_default": True},
    epilog=_example("partner-assets doctor && partner-assets run"),
)
@click.version_option(package_name="partner-assets", message="%(prog)s %(version)s")
def main() -> None:
    """A complete, exact copy of the Partner API as Parquet, to be queried with SQL.

    Settings are read from PARTNER_* variables; `doctor` says what is missing.
    """
    spare_memory()


@main.command(epilog=_example("partner-assets run --from 2026-03-01 --to 2026-03-31 --only orders"))
@click.option(
    "--from", "first", metavar="DATE", callback=day, help="First day of orders. [default: PARTNER_ORDERS_START]"
)
@click.option("--to", "last", metavar="DATE", callback=day, help="Last day of orders. [default: today]")
@click.option("--only", type=click.Choice(["catalogue", "orders"]), help="Only a part of the graph.")
def run(first: date | None, last: date | None, only: str | None) -> None:
    """Fetch catalogue and orders into the lake, through Dagster."""
    _check_order(first, last)
    from partner_assets.commands.run import run as verb

    _end(verb(first, last, only))


@main.command(epilog=_example("partner-assets backfill --from 2026-03-01 --to 2026-03-31 --full"))
@click.option("--from", "first", metavar="DATE", callback=day, required=True, help="First day of orders.")
@click.option("--to", "last", metavar="DATE", callback=day, help="Last day of orders. [default: today]")
@click.option("--full", is_flag=True, help="Read the details of every order again, not only of what changed.")
def backfill(first: date, last: date | None, full: bool) -> None:
    """Read days of orders again, the newest first.

    Days that another run or backfill is reading are left to it. Ctrl+C ends it; what was read is kept.
    """
    _check_order(first, last)
    from partner_assets.commands.backfill import backfill as verb

    _end(verb(first, last, full=full))


@main.command(epilog=_example("partner-assets rebuild orders"))
@click.argument("table", required=False)
def rebuild(table: str | None) -> None:
    """Make orders, lines and charges of their documents again.

    After the code has learned a field that lay in `extra`. All documents that the lake has are read, a month at a time; no
    key is needed, and nothing is asked of the API. TABLE is orders, order_lines or order_charges; all three by default.
    """
    from partner_assets.commands.rebuild import rebuild as verb

    _end(verb(table))


@main.command(epilog=_example("partner-assets catalogue --without-pii"))
@click.option(
    "--without-pii", is_flag=True, help="A file of its own, without the columns that hold names of people, or may."
)
def catalogue(without_pii: bool) -> None:
    """Build the views of partner.duckdb anew."""
    from partner_assets.commands.catalogue import catalogue as verb

    _end(verb(with_pii=not without_pii))


@main.command(epilog=_example('partner-assets sql "SELECT status, count(*) FROM orders GROUP BY ALL"'))
@click.argument("statement")
@click.option(
    "--format",
    "style",
    type=click.Choice(["table", "csv", "json", "parquet"]),
    default="table",
    help="How to write it.",
)
@click.option("--output", type=NamedPath("answer.csv", dir_okay=False), help="File to write to, instead of the screen.")
def sql(statement: str, style: str, output: Path | None) -> None:
    """Query the lake, read-only. STATEMENT is one SELECT in quotes, or - to read it from standard input.

    `SHOW TABLES` lists the tables, `FROM data_dictionary` explains their columns. Times are in UTC.
    """
    from partner_assets.commands.sql import sql as verb
    from partner_assets.commands.statements import statement_of

    _end(verb(statement_of(statement), style, output))


@main.command(epilog=_example("partner-assets doctor"))
def doctor() -> None:
    """Check settings, key, endpoints, quota, clock and lake.

    Every endpoint that can be asked without harm is asked once. Nothing is changed.
    """
    from partner_assets.commands.doctor import doctor as verb

    _end(verb())


@main.group(epilog=_example("partner-assets key check"))
def key() -> None:
    """Replace the API key, and see which key is accepted."""


@key.command(epilog=_example("partner-assets key rotate"))
@click.option("--again", is_flag=True, help="Give up a key that still waits to be accepted, and make another.")
def rotate(again: bool) -> None:
    """Have the API make a new key, and print its hash for the vendor.

    The new key goes into PARTNER_API_KEY_FILE and is shown nowhere; the old one is kept beside it, and used until the
    vendor has activated the new one.
    """
    from partner_assets.commands.key import rotate as verb

    _end(verb(again=again))


@key.command(epilog=_example("until partner-assets key check; do sleep 3600; done"))
def check() -> None:
    """Ask the API with each key, and say which it accepts.

    Exits with 0 once the newest is accepted.
    """
    from partner_assets.commands.key import check as verb

    _end(verb())


@main.command(epilog=_example("partner-assets ui --port 3000"))
@click.option("--port", type=PORT, default=3000, help="Where the UI listens, on this machine only; 0 takes a free one.")
@click.option(
    "--sandbox/--no-sandbox",
    default=None,
    show_default=False,
    help="Start a sandbox too, and work with it. [default: unless PARTNER_API_BASE_URL is set]",
)
@click.option("--sandbox-port", type=PORT, default=8400, help="Where that sandbox listens; 0 takes a free one.")
@click.option(
    "--home",
    type=NamedPath(".dagster", file_okay=False),
    default=Path(".dagster"),
    help="DAGSTER_HOME: runs, logs.",
)
def ui(port: int, sandbox: bool | None, sandbox_port: int, home: Path) -> None:
    """Start the UI, the daemon, and a sandbox if there is no API.

    The sandbox is the API to work with unless PARTNER_API_BASE_URL is set. Ctrl+C ends all of them.
    """
    from partner_assets.commands.ui import ui as verb

    _end(verb(port=port, with_sandbox=sandbox, sandbox_port=sandbox_port, home=home))


def _world_options(function: Any) -> Any:
    options = (
        click.option("--seed", type=int, default=1, help="Which made-up partner it is."),
        click.option("--days", type=click.IntRange(1, 36_500), default=30, help="Days of orders, today included."),
        click.option(
            "--orders-per-day", type=click.IntRange(0, 75_000), default=200, help="Orders on an ordinary day."
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


@main.command(epilog=_example("partner-assets sandbox --orders-per-day 500 --rate 20"))
@click.option("--port", type=PORT, default=8400, help="Where it listens, on this machine only; 0 takes a free one.")
@_world_options
@click.option("--latency-ms", type=click.FloatRange(0), default=0.0, help="How long every answer is held back.")
@click.option("--rate", type=click.IntRange(1), help="Requests allowed per window. [default: no limit]")
@click.option("--rate-window", type=click.FloatRange(0, min_open=True), default=1.0, help="Seconds of a window.")
@click.option(
    "--key-file",
    type=NamedPath(".sandbox/key", dir_okay=False),
    default=Path(".sandbox/key"),
    help="File of its key; made if missing.",
)
@click.option("--now", metavar="MOMENT", callback=moment, help="Stop its clock here. [default: the machine's clock]")
@click.option(
    "--window-end",
    type=click.Choice(["inclusive", "exclusive"]),
    default="inclusive",
    help="Whether an order exactly at the end of a search window belongs to it.",
)
@click.option(
    "--fault",
    "faults",
    metavar="NAME=RATE",
    multiple=True,
    callback=faults,
    help="Misbehave so often, for example too_many=0.1 for every tenth request; may be repeated. "
    f"Names: {', '.join(PROFILES)}.",
)
def sandbox(port: int, key_file: Path, **behaviour: Any) -> None:
    """Serve a made-up Partner API on this machine, to try things out. Ctrl+C ends it."""
    from partner_assets.commands.sandbox import sandbox as verb

    _end(verb(port, key_file, behaviour))


@main.command(epilog=_example("partner-assets demo --days 7"))
@_world_options
def demo(**world: Any) -> None:
    """Show everything at once, against a sandbox of its own."""
    from partner_assets.commands.demo import demo as verb

    _end(verb(**world))


def _check_order(first: date | None, last: date | None) -> None:
    if first and last and first > last:
        raise click.UsageError(f"--from {first} lies after --to {last}.")


def _end(code: int) -> None:
    click.get_current_context().exit(code)


if __name__ == "__main__":
    main()
