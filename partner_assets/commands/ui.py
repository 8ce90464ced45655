"""`partner-assets ui`: Dagster's UI and daemon, and a sandbox if there is no API, for as long as somebody wants them.

Here: what is started, with which environment, and what is said of it. Not here: keeping and ending processes
(`children.py`), the folder of the instance (`ui_home.py`), and the sandbox itself.
"""

import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import click

from partner_assets import settings
from partner_assets.commands.children import Child
from partner_assets.commands.sandbox import LEGAL_ENTITY, first_day, key_in, port_sentence
from partner_assets.commands.ui_home import only_ui, prepare_home, project_file

HOST = "127.0.0.1"
START_SECONDS = 120
SANDBOX_DAYS, SANDBOX_KEY = 30, Path(".sandbox/key")

_LOOK_SECONDS = 0.25


def ui(*, port: int, with_sandbox: bool | None, sandbox_port: int, home: Path) -> int:
    """Start everything, wait until somebody ends it, end everything.

    Args:
        port: Where the UI listens; 0 for a free one.
        with_sandbox: Whether to work with a sandbox; None to do so if no address of an API is set.
        sandbox_port: Where that sandbox listens; 0 for a free one.
        home: The folder of Dagster's instance and of the logs.

    Returns:
        The exit code: 0 if it was ended by Ctrl+C or SIGTERM.

    Raises:
        SettingsError: If a setting is missing or wrong; nothing has been started then.
        click.ClickException: If a port is taken, another works in the home, a file of the project is missing, or a child dies.
    """
    environment = dict(os.environ)
    if with_sandbox is None:
        with_sandbox = not environment.get("PARTNER_API_BASE_URL", "").strip()
    port, sandbox_port = _free_ports(port, sandbox_port) if with_sandbox else (_free_ports(port)[0], sandbox_port)
    if with_sandbox:
        key_in(SANDBOX_KEY)
        environment = sandbox_environment(environment, sandbox_port)
    checked = settings.load(environment)
    home = prepare_home(home)
    environment |= {
        "DAGSTER_HOME": str(home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "PARTNER_LAKE": str(checked.lake.resolve()),
    }
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    children: list[Child] = []
    with ExitStack() as stack:
        stack.enter_context(only_ui(home))

        def start(name: str, *arguments: str) -> None:
            child = Child(name, [sys.executable, "-m", *arguments], environment, home / "logs" / f"{name}.log")
            children.append(stack.enter_context(child))

        if with_sandbox:
            start(
                "sandbox", "partner_assets.cli", "sandbox", "--port", str(sandbox_port), "--key-file", str(SANDBOX_KEY)
            )
            wait_for(f"http://{HOST}:{sandbox_port}/", children, ended)
        workspace = str(project_file("workspace.yaml"))
        start("webserver", "dagster_webserver", "-h", HOST, "-p", str(port), "-w", workspace)
        address = f"http://{HOST}:{port}"
        click.echo("Starting Dagster, which takes about ten seconds.")
        if wait_for(f"{address}/server_info", children, ended):
            # Only now: in a new home, both would make the tables of the instance at the same time, and one would fail.
            start("daemon", "dagster._daemon", "run", "-w", workspace)
            click.echo(_introduction(address, checked, home, is_sandbox=with_sandbox))
        while not ended.wait(_LOOK_SECONDS):
            _check_alive(children)
        click.echo("Ending.")
    return 0


def sandbox_environment(environment: dict[str, str], port: int) -> dict[str, str]:
    """Return the environment of a process that works with the sandbox.

    Args:
        environment: What is set already; everything but address and key stays as it is.
        port: Where the sandbox listens.
    """
    defaults = {"PARTNER_ORDERS_START": str(first_day(SANDBOX_DAYS)), "PARTNER_LEGAL_ENTITY": LEGAL_ENTITY}
    kept = {name: value for name, value in environment.items() if name != settings.KEY and value.strip()}
    address = f"http://{HOST}:{port}"
    return defaults | kept | {"PARTNER_API_BASE_URL": address, settings.KEY_FILE: str(SANDBOX_KEY.resolve())}


def _free_ports(*wanted: int) -> list[int]:
    """Return the ports, a free one in place of each 0.

    Raises:
        click.ClickException: If one is taken, or named twice.
    """
    named = [port for port in wanted if port]
    if len(set(named)) < len(named):
        raise click.UsageError(
            f"--port and --sandbox-port are both {named[0]}: give each its own, or 0 for a free one."
        )
    found: dict[int, int] = {}
    with ExitStack() as listeners:
        # All are held until the last is found, and those with a name first: else a free one might be one of them.
        for place, port in sorted(enumerate(wanted), key=lambda one: -one[1]):
            listener = listeners.enter_context(socket.socket())
            if port:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((HOST, port))
            except OSError as error:
                raise click.ClickException(port_sentence(port, error)) from None
            found[place] = listener.getsockname()[1]
    return [found[place] for place in range(len(wanted))]


def wait_for(address: str, children: list[Child], ended: threading.Event, *, seconds: float = START_SECONDS) -> bool:
    """Wait until something answers; False if somebody ended it first.

    Args:
        address: Where.
        children: All of them have to live on.
        ended: Set when somebody ends it.
        seconds: The longest wait.

    Raises:
        click.ClickException: If a child dies, or it takes too long.
    """
    deadline = time.monotonic() + seconds
    while not _answers(address):
        _check_alive(children)
        if time.monotonic() > deadline:
            raise click.ClickException(
                f"Nothing answers at {address} after {seconds:g} s: see {children[-1].log.parent}."
            )
        if ended.wait(_LOOK_SECONDS):
            return False
    return True


def _answers(address: str) -> bool:
    # No proxy: this machine is not reached through one.
    opener: Callable[..., object] = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
    try:
        opener(address, timeout=5)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _check_alive(children: list[Child]) -> None:
    for child in children:
        if not child.is_alive():
            raise click.ClickException(
                f"The {child.name} has ended by itself. Its last lines, from {child.log}:\n\n{child.last_lines()}"
            )


def _introduction(address: str, checked: settings.Settings, home: Path, *, is_sandbox: bool) -> str:
    partner = f"{checked.api_base_url}, a sandbox with made-up orders" if is_sandbox else checked.api_base_url
    return (
        f"\nDagster       {address}\n"
        f"Partner API   {partner}\n"
        f"Lake          {checked.lake.resolve()}, legal entity {checked.legal_entity}\n"
        f"Logs          {home / 'logs'}\n\nCtrl+C ends all of it."
    )
