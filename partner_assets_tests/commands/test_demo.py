"""`partner-assets demo`: what is ended from outside leaves nothing behind. What it shows is `test_docs.py`'s and README's."""

import os
import signal
import time
from pathlib import Path

import pytest

from partner_assets_tests.commands.shell import read_until, started
from partner_assets_tests.commands.test_ui import below, processes


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_who_ends_it_ends_its_sandbox_and_its_run(number: int, tmp_path: Path) -> None:
    """Guards against a sandbox that listens for ever, and a run that goes on asking it, after a service manager's stop."""
    with started("demo", "--days", "30", "--orders-per-day", "500", cwd=tmp_path) as process:
        read_until(process, "Reading all of it", 60)
        deadline = time.monotonic() + 60
        while not list((tmp_path / "data").glob("*/")) and time.monotonic() < deadline:
            time.sleep(0.1)  # until the run is under way
        children = below(process.pid)
        assert len(children) >= 2
        os.kill(process.pid, number)
        told, _ = process.communicate(timeout=45)
    assert process.returncode == 130, told
    assert "Stopped. What was read is kept" in told
    assert "Traceback" not in told
    deadline = time.monotonic() + 5
    while (left := children & processes().keys()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == set()
