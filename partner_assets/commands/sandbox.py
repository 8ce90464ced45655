"""`partner-assets sandbox`: a made-up Partner API in the foreground, and the file that holds its key.

Not here: what it answers (`partner_assets/sandbox/`).
"""

import errno
import os
import shlex
import signal
import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from partner_assets.sandbox.config import SandboxConfig, new_api_key
from partner_assets.sandbox.server import RunningSandbox

LEGAL_ENTITY = "sandbox"
"""The legal entity of everything made up, so that its rows never mix with those of a real one in the same lake."""


def sandbox(port: int, key_file: Path, behaviour: Mapping[str, Any]) -> int:
    """Serve until SIGINT or SIGTERM.

    Args:
        port: Where to listen; 0 takes any free port.
        key_file: The file of its key, made if missing.
        behaviour: The other fields of `SandboxConfig`.

    Returns:
        The exit code, 0: it is always somebody who ends it.

    Raises:
        click.ClickException: If the port is taken, the key file cannot be used, or the behaviour is impossible.
    """
    try:
        config = SandboxConfig(**behaviour, api_keys=(key_in(key_file),))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        with RunningSandbox(config, port) as running:
            _introduce(running.base_url, key_file, first_day(config.days, config.now))
            ended.wait()
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise click.ClickException(port_sentence(port, error)) from None
    return 0


def _introduce(address: str, key_file: Path, start: date) -> None:
    click.echo(
        f"Partner API sandbox on {address}. Stop it with Ctrl+C. To work with it:\n\n"
        f"export PARTNER_API_BASE_URL={address}\n"
        f"export PARTNER_API_KEY_FILE={shlex.quote(str(key_file.resolve()))}\n"
        f"export PARTNER_LEGAL_ENTITY={LEGAL_ENTITY}\n"
        f"export PARTNER_ORDERS_START={start}"
    )


def key_in(file: Path) -> str:
    """Return the key in a file, which is made with a random one if it is missing.

    Args:
        file: Readable by its owner only; so is its folder, if it has to be made.

    Raises:
        click.ClickException: If it cannot be made or read, or holds no key.
    """
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            key = file.read_text(encoding="ascii").strip()
        else:
            key = new_api_key()
            with os.fdopen(descriptor, "w", encoding="ascii") as made:
                made.write(f"{key}\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise click.ClickException(f"The key file {file} cannot be used: {reason}.") from None
    if not key:
        raise click.ClickException(f"The key file {file} is empty: delete it, and a new one is made.")
    return key


def first_day(days: int, now: datetime | None = None) -> date:
    """Return the first day on which a sandbox has orders.

    Args:
        days: How many days it has, the day of its start included.
        now: When it started; now if None.
    """
    return (now or datetime.now(UTC)).astimezone(UTC).date() - timedelta(days=days - 1)


def port_sentence(port: int, error: OSError) -> str:
    """Return what to say of a port that cannot be had."""
    reason = (error.strerror or str(error)).lower()
    return f"Port {port} cannot be used ({reason}): end what listens there, or name another port."
