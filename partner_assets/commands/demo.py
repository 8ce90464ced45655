"""`partner-assets demo`: sandbox, a run over everything, and some answers from DuckDB, in one go.

It does what a person would type, and shows it: every step is another verb of this command in a process of its own.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from partner_assets.commands.children import GRACE_SECONDS
from partner_assets.commands.ui_home import prepare_home

QUESTIONS: Mapping[str, str] = {
    "What has been ordered in euros, by portfolio?": (
        "SELECT portfolio, count(DISTINCT transaction_id) AS orders, sum(distributor_net_amount) AS net_amount\n"
        "FROM order_items WHERE currency = 'EUR' GROUP BY ALL ORDER BY net_amount DESC NULLS LAST LIMIT 5"
    ),
    "Which prices are about to change, and by how much?": (
        "SELECT product_number, revenue_type, price_list_name, currency, max(effective_date) AS effective_date,\n"
        "       max(distributor_price) FILTER (price_list_status = 'C') AS price,\n"
        "       max(distributor_price) FILTER (price_list_status = 'F') AS next_price\n"
        "FROM price_book GROUP BY ALL HAVING price <> next_price ORDER BY next_price - price DESC LIMIT 5"
    ),
    "What could not become a row, and why?": "SELECT table_name, slice, reason FROM rejected ORDER BY ALL LIMIT 5",
}


def demo(days: int, orders_per_day: int, seed: int) -> int:
    """Fill every table from a sandbox, and ask DuckDB about it.

    Args:
        days: Days of orders that the sandbox has, up to now.
        orders_per_day: About how many orders a day.
        seed: What the made-up data depend on.

    Returns:
        The exit code of the run.

    Raises:
        KeyboardInterrupt: If somebody ended it, by Ctrl+C or SIGTERM; sandbox and run have ended then, too.
    """
    for number in (
        signal.SIGTERM,
        signal.SIGHUP,
    ):  # a closed terminal tells only its foreground, which the steps are not in
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, signal.default_int_handler)
    arguments = ["--days", str(days), "--orders-per-day", str(orders_per_day), "--seed", str(seed)]
    with _sandbox(arguments) as exports:
        # The same home as `partner-assets ui`, so that its pages show what was done here.
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PARTNER_API_")}
        environment = {**kept, **exports, "DAGSTER_HOME": str(prepare_home(Path(".dagster")))}
        click.secho(f"A Partner API answers on {exports['PARTNER_API_BASE_URL']}. Reading all of it …", bold=True)
        code = _finished([*_VERB, "run"], environment)
        if code:
            return code
        for question, statement in QUESTIONS.items():
            click.secho(f"\n{question}", bold=True)
            click.secho(statement, dim=True)
            _finished([*_VERB, "sql", statement], environment)
    click.secho("\nAsk yourself:", bold=True)
    click.echo('  .venv/bin/partner-assets sql "SELECT * FROM data_dictionary"')
    click.echo("Run it again (only what changed is asked for):  make demo")
    click.echo("See it in Dagster:                              make ui")
    return 0


_VERB = [sys.executable, "-m", "partner_assets.cli"]


@contextmanager
def _sandbox(arguments: list[str]) -> Iterator[dict[str, str]]:
    """Start a sandbox on a free port, and give the variables that it says to export."""
    command = [*_VERB, "sandbox", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as child:
        try:
            yield _exports(child)
        finally:
            _end(child)


def _finished(command: list[str], environment: Mapping[str, str]) -> int:
    """Take a step, and return its exit code; whoever ends the demo ends the step.

    It leads a session of its own: Ctrl+C in the terminal reaches only the demo, and the step once, by SIGTERM. Told of it
    twice, it would be disturbed while it tidies up.
    """
    with subprocess.Popen(command, env=environment, start_new_session=True) as child:
        try:
            return child.wait()
        finally:
            _end(child)


def _end(child: "subprocess.Popen[Any]") -> None:
    """End a child in order, or at once if that takes long or somebody presses Ctrl+C again."""
    child.terminate()  # does nothing to one that has ended
    try:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(GRACE_SECONDS)
    finally:
        child.kill()


def _exports(child: "subprocess.Popen[str]") -> dict[str, str]:
    exports: dict[str, str] = {}
    for line in child.stdout or ():
        words = line.strip().removeprefix("export ")
        if words != line.strip():
            name, _, value = words.partition("=")
            exports[name] = value.strip("'")
        if "PARTNER_ORDERS_START" in exports:
            return exports
    raise click.ClickException("The sandbox did not start: the lines above say why.")
