"""Runs the real command in a process of its own, with nothing in its environment that a test did not put there."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from partner_assets.commands.memory import SPARING

COMMAND = [sys.executable, "-m", "partner_assets.cli"]


def environment(**variables: str) -> dict[str, str]:
    """Return this process's environment with other PARTNER_* variables than it has, and none that a command has set in it."""
    ours = ("PARTNER_", "DAGSTER_", "COLUMNS", *SPARING)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "PYTHONUNBUFFERED": "1", **variables}


def run(
    *arguments: str, cwd: Path, env: Mapping[str, str] | None = None, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=environment(**(env or {})),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def started(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> Iterator["subprocess.Popen[str]"]:
    """Run the command for the length of a `with` block; it is killed if the test has not ended it."""
    with subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=environment(**(env or {})),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()


def read_until(process: "subprocess.Popen[str]", words: str, seconds: float) -> str:
    """Return what a process has printed up to the line with these words."""
    deadline = time.monotonic() + seconds
    text = ""
    for line in process.stdout or ():
        text += line
        if words in line or time.monotonic() > deadline:
            break
    assert words in text, text
    return text
