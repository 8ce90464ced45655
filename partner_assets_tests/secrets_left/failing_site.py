"""The processes of a partner at debug level: Dagster as `partner-assets ui` starts it, and commands in a shell.

All that they write lies below one folder. Not here: what goes wrong (`test_left_behind.py`), what is asked of Dagster
(`questions.py`), and the search (`search.py`).
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import requests
import yaml
from dagster._utils import find_free_port

from partner_assets.commands.children import Child
from partner_assets.commands.ui import wait_for
from partner_assets.commands.ui_home import project_file
from partner_assets_tests.commands.shell import COMMAND, environment
from partner_assets_tests.secrets_left.questions import CAPTURED, LAUNCH, OF_INSTANCE, OF_RUN, RUNS

# Every process speaks of everything, and so do all libraries in it.
_TALKATIVE = "import logging\nlogging.basicConfig(level=logging.DEBUG, force=True)\n"
_START_SECONDS = 120
_ENDED = {"SUCCESS", "FAILURE", "CANCELED"}


class FailingSite:
    """Processes that share a home of Dagster and a lake, and talk at debug level.

    Args:
        folder: Where everything that they write lies.
        variables: Their PARTNER_* variables.
    """

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self.folder = folder
        self.home = folder / "home"
        for name in ("home", "out", "tmp", "user", "code"):
            (folder / name).mkdir()
        (folder / "code" / "sitecustomize.py").write_text(_TALKATIVE)
        (self.home / "dagster.yaml").write_text(yaml.safe_dump(_at_debug_level()))
        self._variables = {
            **variables,
            "PARTNER_LAKE": str(folder / "lake"),
            "DAGSTER_HOME": str(self.home),
            "DAGSTER_DISABLE_TELEMETRY": "1",
            "HOME": str(folder / "user"),
            "TMPDIR": str(folder / "tmp"),
            "PYTHONPATH": str(folder / "code"),
            "PYTHONFAULTHANDLER": "1",
        }
        self._address = ""

    def shell(self, *arguments: str, **variables: str) -> int:
        """Run the command to its end; return its exit code."""
        number = len(list((self.folder / "out").iterdir()))
        with (self.folder / "out" / f"{number}-{arguments[0]}.txt").open("wb") as out:
            return subprocess.run(
                [*COMMAND, *arguments],
                cwd=self.folder,
                env=environment(**{**self._variables, **variables}),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                timeout=120,
                check=False,
            ).returncode

    @contextmanager
    def dagster(self, **variables: str) -> Iterator[None]:
        """Keep webserver and daemon running for the length of a `with` block."""
        talk = ["--log-level", "debug", "--code-server-log-level", "debug"]
        workspace = ["-w", str(project_file("workspace.yaml"))]
        with ExitStack() as stack:

            def start(name: str, *arguments: str) -> Child:
                log, given = self.folder / "out" / f"{name}.txt", environment(**{**self._variables, **variables})
                return stack.enter_context(Child(name, [sys.executable, "-m", *arguments], given, log))

            # Dagster takes 0 for its usual port. One that was free is, but for bad luck, still free.
            port = find_free_port()
            self._address = f"http://127.0.0.1:{port}"
            place = ["-h", "127.0.0.1", "-p", str(port), "--dagster-log-level", "debug"]
            webserver = start("webserver", "dagster_webserver", *place, *workspace, *talk)
            wait_for(self.page("server_info"), [webserver], Event(), seconds=_START_SECONDS)
            start("daemon", "dagster._daemon", "run", *workspace, *talk)
            yield

    def page(self, path: str) -> str:
        """Return the address of a page of Dagster's."""
        return f"{self._address}/{path}"

    def launch(self, job: str, tags: Mapping[str, str] | None = None) -> None:
        """Start a run of a job, as the button in the UI does."""
        loggers = {"loggers": {"console": {"config": {"log_level": "DEBUG"}}}}
        place = {"repositoryLocationName": "partner_assets", "repositoryName": "__repository__", "jobName": job}
        listed = [{"key": name, "value": value} for name, value in (tags or {}).items()]
        execution = {"selector": place, "runConfigData": loggers, "executionMetadata": {"tags": listed}}
        launched = self.ask(LAUNCH, execution=execution)["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched

    def ask(self, question: str, **variables: object) -> Any:
        """Return what the webserver answers in GraphQL; written down as it came."""
        sent = {"query": question, "variables": variables}
        answer = requests.post(self.page("graphql"), json=sent, timeout=60)
        with (self.folder / "out" / "graphql.txt").open("ab") as out:
            out.write(answer.content + b"\n")
        content = answer.json()
        assert "errors" not in content, content["errors"]
        return content["data"]

    def runs(self) -> list[dict[str, Any]]:
        """Return all runs."""
        listed: list[dict[str, Any]] = self.ask(RUNS)["runsOrError"]["results"]
        return listed

    def failed_ticks(self) -> int:
        """Return how many ticks of sensors have failed."""
        states = [sensor["sensorState"] for sensor in self.ask(OF_INSTANCE["ticks"])["sensorsOrError"]["results"]]
        return sum(tick["status"] == "FAILURE" for state in states for tick in state["ticks"])

    def ask_everything(self) -> None:
        """Ask for all that a page can show."""
        for question in OF_INSTANCE.values():
            self.ask(question)
        for run in self.runs():
            [answer, _] = [self.ask(question, run=run["runId"]) for question in OF_RUN]
            events = answer["logsForRun"]["events"]
            for key in {event["fileKey"] for event in events if event.get("fileKey")}:
                self.ask(CAPTURED, key=[run["runId"], "compute_logs", key])
        for path in ("", "runs", "assets/price_lists", "server_info"):
            (self.folder / "out" / f"page-{path.replace('/', '-')}.html").write_bytes(
                requests.get(self.page(path), timeout=60).content
            )


def _at_debug_level() -> dict[str, Any]:
    """Return the project's own configuration of the instance, with all loggers' lines in the event logs, and no wait."""
    configured: dict[str, Any] = yaml.safe_load(project_file("dagster.yaml").read_text())
    configured["python_logs"] = {"managed_python_loggers": ["root"], "python_log_level": "DEBUG"}
    configured["run_coordinator"]["config"] = {"dequeue_interval_seconds": 1}
    return configured


def until(condition: Callable[[], bool], seconds: float = 120) -> None:
    """Wait for other processes."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def all_ended(runs: list[dict[str, Any]]) -> bool:
    """Whether no run is under way."""
    return all(run["status"] in _ENDED for run in runs)
