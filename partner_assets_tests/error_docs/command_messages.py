"""Provokes what `run`, `backfill`, `rebuild`, `ui`, `demo` and `sandbox` say, by typing them or by their own functions.

Not here: `key` (`key_messages.py`), `doctor` (`doctor_messages.py`) and `sql` (`sql_messages.py`).
"""

import socket
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from partner_assets.automation.day_ranges import DayRange
from partner_assets.automation.jobs import ORDERS
from partner_assets.commands.children import Child
from partner_assets.commands.rebuild import STOPPED
from partner_assets.commands.run_summary import left_out_sentence
from partner_assets.commands.shell_runs import stopped_sentence
from partner_assets.commands.ui import wait_for
from partner_assets.commands.ui_home import only_ui, prepare_home, project_file
from partner_assets.partitions import LONGEST_RANGE
from partner_assets.runs import JobOutcome, run_jobs
from partner_assets.sandbox.keys import hash_of
from partner_assets_tests.error_docs.scene import Provoke, Scene, produces
from partner_assets_tests.materialization.site import KEY, TODAY

TODAY_HERE = datetime.now(UTC).date()
LATER = TODAY_HERE + timedelta(days=2)  # two, since the tests may run over midnight

TYPED: Mapping[str, str] = {
    "is not a day: write it like": "run --from yesterday",
    "--from DAY lies after --to DAY.": "run --from 2026-02-02 --to 2026-02-01",
    "lies before PARTNER_ORDERS_START": "run --from 2025-12-31",
    "--from DAY lies in the future: today is DAY": f"run --from {LATER}",
    "--to DAY lies in the future: today is DAY": f"run --to {LATER}",
    "There are no documents of orders": "rebuild",
    "There is no table": "rebuild nothing",
    "is what the API sent": "rebuild order_documents",
    "comes with the tables": "rebuild rejected",
    "cannot be rebuilt, since": "rebuild products",
    "is no moment with an offset": "sandbox --now 2026-03-15T12:00:00",
    "is no fault with its rate": "sandbox --fault too_many",
    "There is no fault": "sandbox --fault too_few=0.1",
    "it must be between 0 and 1": "sandbox --fault too_many=2",
    "The rates of the faults add up": "sandbox --fault too_many=0.6 --fault stall=0.6",
    "The fault neighbour spends a quota": "sandbox --fault neighbour=0.1",
    "--port and --sandbox-port are both": "ui --sandbox --port 3000 --sandbox-port 3000",
    "The key file FILE cannot be used": "sandbox --key-file /dev/null/key",
}
"""What is typed for each row."""


def _typing(command: str) -> Provoke:
    return lambda scene: scene.type(command)


for words, command in TYPED.items():
    produces(words)(_typing(command))


@produces("The key file FILE is empty")
def empty_key(scene: Scene) -> str:
    """Start a sandbox with an empty file."""
    (scene.folder / "empty").touch()
    return scene.type("sandbox --key-file empty")


@produces("Left to another run or backfill")
def days_of_others(scene: Scene) -> str:
    """Tell of days that are left to another run."""
    return left_out_sentence([DayRange(TODAY - timedelta(days=1), TODAY)])


@produces("older days were not tried")
def hopeless_days(scene: Scene) -> str:
    """Run more days than one run takes, with a key that is refused."""
    site = scene.open_site(start=TODAY - timedelta(days=LONGEST_RANGE + 1), orders_per_day=0)
    site.sandbox.control("keys/revoke", hashed_key=hash_of(KEY))
    outcomes = run_jobs(site.definitions, site.instance, [ORDERS], DayRange(site.start, TODAY))
    return " ".join(failure for outcome in outcomes for failure in outcome.failures)


@produces("Stopped. What was read is kept")
def stopped_run(scene: Scene) -> str:
    """Tell of a run that was stopped when its newest day was done."""
    days = DayRange(TODAY - timedelta(days=9), TODAY)
    return stopped_sentence(days, [JobOutcome(ORDERS, DayRange(TODAY, TODAY))])


@produces("cannot be used, since")
def broken_books(scene: Scene) -> str:
    """Run where Dagster's configuration is none."""
    (scene.folder / "dagster.yaml").write_text("nobody_knows_this: 1")
    return scene.type("run", DAGSTER_HOME=str(scene.folder))


@produces("Stopped. Every month is whole")
def stopped_rebuild(scene: Scene) -> str:
    """Tell of a rebuild that was stopped."""
    return STOPPED


@produces("Port N cannot be used")
def port_in_use(scene: Scene) -> str:
    """Start a sandbox where somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return scene.type(f"sandbox --port {listener.getsockname()[1]}")


def waiting_for(scene: Scene, program: str) -> None:
    """Wait for a program to answer, which it never does."""
    log = scene.folder / "webserver.log"
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        Child("webserver", [sys.executable, "-c", program], {}, log) as child,
    ):
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        listener.close()
        seconds = 60.0 if "exit" in program else 0.0
        wait_for(address, [child], threading.Event(), seconds=seconds)


@produces("Nothing answers at", click.ClickException)
def silent_child(scene: Scene) -> None:
    """Start a program that lives and does not answer."""
    waiting_for(scene, "import time; time.sleep(60)")


@produces("has ended by itself", click.ClickException)
def dead_child(scene: Scene) -> None:
    """Start a program that ends."""
    waiting_for(scene, "print('No room.'); exit(1)")


@produces("FILE cannot be written: …")
def home_in_a_file(scene: Scene) -> str:
    """Ask for an answer in a folder that is a file."""
    return scene.type(f"ui --port 0 --sandbox-port 0 --sandbox --home {Path('key') / 'home'}")


@produces("Another ui works in")
def ui_beside_another(scene: Scene) -> str:
    """Start a UI where one works."""
    with only_ui(prepare_home(scene.folder / "home")):
        return scene.type("ui --no-sandbox --port 0 --home home")


@produces("An empty text is no name")
def empty_name(scene: Scene) -> str:
    """Name nothing as the file of an answer."""
    return scene.type("sql", "SELECT 1", "--output", "")


@produces("start this in the project's folder", click.ClickException)
def missing_project(scene: Scene) -> None:
    """Look for a file that the project does not have."""
    project_file("workspace of another project.yaml")


@produces("The sandbox did not start")
def demo_without_a_key(scene: Scene) -> str:
    """Start the demo where the sandbox's key is empty."""
    (scene.folder / ".sandbox").mkdir()
    (scene.folder / ".sandbox" / "key").touch()
    return scene.type("demo")


@produces("The sandbox refused", ValueError)
def refused_control(scene: Scene) -> None:
    """Let the sandbox do what it cannot."""
    scene.open_site(orders_per_day=0).sandbox.control("keys/revoke", hashed_key=7)


class Stops:
    """Somebody who presses Ctrl+C when a slice has been read."""

    def slice_done(self, asset: str, done: int, total: int) -> None:
        """Press it."""
        raise KeyboardInterrupt


@produces("Execution was interrupted unexpectedly")
def stopped_in_the_middle(scene: Scene) -> str:
    """Stop a run while an asset works, and look at what Dagster keeps of it."""
    site = scene.open_site(orders_per_day=0)
    site.partner.progress = Stops()
    try:
        list(run_jobs(site.definitions, site.instance, [ORDERS], DayRange(TODAY, TODAY)))
    except KeyboardInterrupt:
        [run] = site.instance.get_runs()
        return " ".join(entry.user_message for entry in site.instance.all_logs(run.run_id))
    return ""
