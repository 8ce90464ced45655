"""`partner-assets ui`: everything starts, and everything ends."""

import signal
import socket
import subprocess
import time
from pathlib import Path

import requests

from partner_assets.commands.memory import SPARING
from partner_assets_tests.commands.shell import read_until, started


def test_it_starts_all_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """Guards against daemons that go on running, and spending quota, after the terminal is closed; and a key in ps."""
    port, sandbox_port = _free_port(), _free_port()
    with started("ui", "--port", str(port), "--sandbox-port", str(sandbox_port), cwd=tmp_path) as process:
        text = read_until(process, "Ctrl+C ends", 60)
        assert f"http://127.0.0.1:{port}" in text
        info = requests.get(f"http://127.0.0.1:{port}/server_info", timeout=10).json()
        assert "dagster_version" in info
        key = (tmp_path / ".sandbox" / "key").read_text().strip()
        assert not any(key in line for line in _processes().values())
        children = _below(process.pid)
        assert len(children) >= 3
        environments = [file.read_bytes() for pid in children if (file := Path(f"/proc/{pid}/environ")).exists()]
        told = [f"{name}={value}".encode() for name, value in SPARING.items()]
        assert all(one in environment for environment in environments for one in told), (
            "four runs at once take what two need"
        )
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=45)
    assert process.returncode == 0
    deadline = time.monotonic() + 5
    while (left := [line for pid, line in _processes().items() if pid in children]) and time.monotonic() < deadline:
        time.sleep(0.1)  # what was killed stays listed until init has taken note of it
    assert left == []
    assert (tmp_path / ".dagster" / "dagster.yaml").is_file()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _processes() -> dict[int, str]:
    listed = subprocess.run(
        ["/bin/ps", "-e", "-ww", "-o", "pid=,args="], capture_output=True, text=True, check=True
    ).stdout
    return {int(line.split(None, 1)[0]): line for line in listed.splitlines() if not line.endswith("<defunct>")}


def _below(parent: int) -> set[int]:
    """Return the ids of the children of a process, and of theirs."""
    listed = subprocess.run(["/bin/ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    found: set[int] = set()
    waiting = {parent}
    while waiting:
        waiting = {pid for pid, above in pairs if above in waiting}
        found |= waiting
    return found
