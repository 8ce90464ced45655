"""Three years of missing days, filled by the gap sensor of a real daemon, while the UI is asked what it shows.

`python -m benchmarks.missing_days` starts a sandbox with few orders a day, Dagster's webserver and its daemon on an empty
home, and waits until no day is missing, an hour at most. The UI's question is the one that draws the days of `orders`.
"""

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from benchmarks.sandbox_process import sandbox
from benchmarks.side_by_side import machine, table
from partner_assets.commands.ui_home import prepare_home, project_file

DAYS = 3 * 365
LONGEST_SECONDS = 3_600
QUESTION = """
{ assetNodes(assetKeys: [{path: ["order_charges"]}]) { partitionStats { numMaterialized numPartitions numFailed } }
  runsOrError(limit: 10) { ... on Runs { results { runId status } } } }"""


def answer(port: int) -> tuple[float, int]:
    """Return the seconds that the UI's question takes, and how many days are materialised."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql",
        json.dumps({"query": QUESTION}).encode(),
        {"Content-Type": "application/json"},
    )
    started = time.monotonic()
    with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 - loopback
        found = json.loads(response.read())
    return time.monotonic() - started, found["data"]["assetNodes"][0]["partitionStats"]["numMaterialized"]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def fill(environment: dict[str, str], home: Path) -> None:
    """Start Dagster, wait until every day is there, and print what it took."""
    workspace, port = str(project_file("workspace.yaml")), free_port()
    os.environ.update(environment)
    started = time.monotonic()
    children = [_start(home, "dagster_webserver", "-h", "127.0.0.1", "-p", str(port), "-w", workspace)]
    try:
        waits = [_first_answer(port)]
        children.append(_start(home, "dagster._daemon", "run", "-w", workspace))
        done = 0
        while done < DAYS and time.monotonic() - started < LONGEST_SECONDS:
            time.sleep(1)
            seconds, done = answer(port)
            waits.append(seconds)
    finally:
        for child in reversed(children):
            os.killpg(child.pid, signal.SIGTERM)
            child.wait(30)
    import dagster as dg

    with dg.DagsterInstance.get() as instance:
        runs = instance.get_runs(filters=dg.RunsFilter(job_name="orders_by_day"))
    took = time.monotonic() - started
    waits.sort()
    print(machine())
    rows = [
        ("days filled", f"{done} of {DAYS}"),
        ("time", f"{took / 60:.1f} minutes"),
        ("runs of orders", len(runs)),
        ("of these failed", sum(run.status is dg.DagsterRunStatus.FAILURE for run in runs)),
        ("the UI's answer, median", f"{statistics.median(waits) * 1000:.0f} ms"),
        ("the UI's answer, one in a hundred", f"{waits[int(len(waits) * 0.99)] * 1000:.0f} ms"),
    ]
    print(table(("", ""), rows))


def _first_answer(port: int) -> float:
    for _ in range(240):
        try:
            return answer(port)[0]
        except OSError:
            time.sleep(0.5)
    raise SystemExit("The UI did not start within two minutes.")


def _start(home: Path, *arguments: str) -> subprocess.Popen[bytes]:
    with (home / "logs" / f"{arguments[0]}.log").open("wb") as log:
        command = [sys.executable, "-m", *arguments]
        return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)


def main() -> None:
    """Measure on a home and a lake of its own."""
    with (
        sandbox("--days", str(DAYS), "--orders-per-day", "2") as environment,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
    ):
        home = prepare_home(Path(folder) / "home")
        mine = {"DAGSTER_HOME": str(home), "PARTNER_LAKE": f"{folder}/lake", "DAGSTER_DISABLE_TELEMETRY": "1"}
        fill({**environment, **mine}, home)


if __name__ == "__main__":
    main()
