"""A sandbox in a process of its own, so that what it costs is not counted with what is measured."""

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def sandbox(*options: str) -> Iterator[dict[str, str]]:
    """Start a sandbox on a free port, and end it afterwards.

    Args:
        options: Those of `partner-assets sandbox`.

    Yields:
        The environment variables that point at it.
    """
    with tempfile.TemporaryDirectory() as folder:
        key_file = str(Path(folder) / "key")
        command = [
            sys.executable,
            "-m",
            "partner_assets.cli",
            "sandbox",
            "--port",
            "0",
            "--key-file",
            key_file,
            *options,
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            environment: dict[str, str] = {}
            for line in process.stdout or ():
                if line.startswith("export "):
                    name, _, value = line.removeprefix("export ").strip().partition("=")
                    environment[name] = value.strip("'")
                if "PARTNER_ORDERS_START" in environment:
                    break
            yield environment
        finally:
            process.terminate()
            process.wait(10)
