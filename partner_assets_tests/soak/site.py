"""What a soak works on: a sandbox, Dagster's daemon as a process that can be killed, an operator's shell, and a lake.

All of it lives in one folder and ends with the `with` block. Not here: what happens to it, and when (`conduct.py`).
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import dagster as dg

from partner_assets.commands.children import Child
from partner_assets.commands.sandbox import LEGAL_ENTITY, first_day
from partner_assets.commands.ui_home import prepare_home, project_file
from partner_assets.sandbox.config import SandboxConfig, new_api_key
from partner_assets.sandbox.server import RunningSandbox
from partner_assets_tests.commands.shell import environment
from partner_assets_tests.soak.plan import Plan

FILL_SECONDS = 240


class SoakError(Exception):
    """The soak itself cannot go on: a process of it died or hangs. Nothing is known of the product then."""


class SoakSite:
    """Everything that runs during a soak.

    Args:
        plan: How large the sandbox is.
        folder: Where all files go.
    """

    def __init__(self, plan: Plan, folder: Path) -> None:
        key = new_api_key()
        config = SandboxConfig(
            seed=plan.seed,
            days=plan.days,
            orders_per_day=plan.orders_per_day,
            keeps_given=True,
            api_keys=(key,),
        )
        self.sandbox = RunningSandbox(config)
        self.lake = folder / "lake"
        self.first: date = first_day(plan.days)
        self.is_down = False
        self._folder = folder
        self._key_file = folder / "key"
        self._key_file.write_text(key, encoding="ascii")
        self._stack = ExitStack()
        self._daemon: Child | None = None
        self._daemons = 0
        self._commands: list[Child] = []

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self.sandbox)
            home = prepare_home(self._folder / "home")
            self._environment = environment(
                PARTNER_API_BASE_URL=self.sandbox.base_url,
                PARTNER_API_KEY_FILE=str(self._key_file),
                PARTNER_ORDERS_START=str(self.first),
                PARTNER_LEGAL_ENTITY=LEGAL_ENTITY,
                PARTNER_LAKE=str(self.lake),
                DAGSTER_HOME=str(home),
                DAGSTER_DISABLE_TELEMETRY="1",
            )
            self._logs = home / "logs"
            # Here already: the daemon and a run would make the tables of a new instance at the same time.
            self.instance = stack.enter_context(dg.DagsterInstance.from_config(str(home)))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def today(self) -> date:
        """The day it is in UTC."""
        return datetime.now(UTC).date()

    @property
    def days(self) -> list[date]:
        """Every day of orders through today."""
        return [self.first + timedelta(days=number) for number in range((self.today - self.first).days + 1)]

    def fill(self) -> None:
        """Read everything into the lake, as an operator does on the first day.

        Raises:
            SoakError: If it fails.
        """
        command = [sys.executable, "-m", "partner_assets.cli", "run"]
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=FILL_SECONDS, check=False
        )
        if done.returncode:
            raise SoakError(f"The lake could not be filled at first:\n{done.stdout}\n{done.stderr}")

    def start_daemon(self) -> None:
        """Start Dagster's daemon."""
        self._daemons += 1
        name = f"daemon-{self._daemons}"
        command = [sys.executable, "-m", "dagster._daemon", "run", "-w", str(project_file("workspace.yaml"))]
        child = Child(name, command, self._environment, self._logs / f"{name}.log")
        self._daemon = self._stack.enter_context(child)

    def kill_daemon(self) -> None:
        """Kill the daemon, its code server and all workers of runs at once."""
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon = None

    def check_daemon(self) -> None:
        """Make sure that the daemon runs if it should.

        Raises:
            SoakError: If it has ended by itself.
        """
        if self._daemon is not None and not self._daemon.is_alive():
            raise SoakError(f"The daemon has ended by itself. Its last lines:\n{self._daemon.last_lines()}")

    def launch(self, job: str, tags: Mapping[str, str] | None = None) -> None:
        """Put a run into the daemon's queue from the shell, without waiting for it."""
        command = ["dagster", "job", "launch", "-w", str(project_file("workspace.yaml")), "-j", job]
        self._command([*command, *(["--tags", json.dumps(tags)] if tags else [])])

    def read_catalogue(self) -> None:
        """Read the whole catalogue from the shell, without waiting for it."""
        self._command(["partner_assets.cli", "run", "--only", "catalogue"])

    def commands_under_way(self) -> int:
        """Return how many commands of the shell have not ended.

        Raises:
            SoakError: If one has failed.
        """
        for child in self._commands:
            if child.code:
                raise SoakError(f"A command of the shell has failed. Its last lines:\n{child.last_lines()}")
        return sum(child.is_alive() for child in self._commands)

    def _command(self, module: list[str]) -> None:
        name = f"shell-{len(self._commands) + 1}"
        child = Child(name, [sys.executable, "-m", *module], self._environment, self._logs / f"{name}.log")
        self._commands.append(self._stack.enter_context(child))

    def tell(self, path: str, **body: object) -> Mapping[str, Any]:
        """Change the sandbox's world; its gateway being down does not keep the vendor's own people from their work."""
        if not self.is_down:
            return self.sandbox.control(path, **body)
        commands = self.sandbox.commands
        known = {
            "orders/add": commands.add_orders,
            "orders/change": commands.change_orders,
            "orders/remove": commands.remove_orders,
            "accreditations/add": commands.add_accreditation,
            "accreditations/remove": commands.remove_accreditation,
            "price-lists/add": commands.add_price_list,
            "price-lists/change": commands.change_price_list,
            "price-lists/remove": commands.remove_price_list,
            "prices/change": commands.change_prices,
            "products/change": commands.change_product,
            "products/remove": commands.remove_product,
        }
        return known[path](body)

    def go_down(self) -> None:
        """Let the API refuse every connection."""
        self.sandbox.go_down()
        self.is_down = True

    def come_back(self) -> None:
        """Let the API answer again."""
        self.sandbox.come_back()
        self.is_down = False
