"""`partner-assets ui`: everything starts, and everything ends."""

import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import requests

from partner_assets.commands.memory import SPARING
from partner_assets_tests.commands.shell import read_until, run, started


def test_it_starts_all_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """Guards against daemons that go on running, and spending quota, after the terminal is closed; and a key in ps."""
    port, sandbox_port = _free_port(), _free_port()
    with started("ui", "--port", str(port), "--sandbox-port", str(sandbox_port), cwd=tmp_path) as process:
        text = read_until(process, "Ctrl+C ends", 60)
        assert f"http://127.0.0.1:{port}" in text
        info = requests.get(f"http://127.0.0.1:{port}/server_info", timeout=10).json()
        assert "dagster_version" in info
        key = (tmp_path / ".sandbox" / "key").read_text().strip()
        assert not any(key in line for line in processes().values())
        children = below(process.pid)
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
    while (left := [line for pid, line in processes().items() if pid in children]) and time.monotonic() < deadline:
        time.sleep(0.1)  # what was killed stays listed until init has taken note of it
    assert left == []
    assert (tmp_path / ".dagster" / "dagster.yaml").is_file()


def test_free_ports_are_found_and_a_home_has_one_ui(tmp_path: Path) -> None:
    """Guards against two minutes at port 0, where nobody listens, and against two daemons that start every run twice."""
    with started("ui", "--port", "0", "--sandbox-port", "0", cwd=tmp_path) as process:
        text = read_until(process, "Ctrl+C ends", 60)
        ports = re.findall(r"http://127\.0\.0\.1:(\d+)", text)
        assert len(set(ports)) == 2
        assert "0" not in ports
        assert requests.get(f"http://127.0.0.1:{ports[0]}/server_info", timeout=10).ok
        second = run("ui", "--port", "0", "--sandbox-port", "0", cwd=tmp_path)
        assert (second.returncode, second.stdout) == (1, "")
        assert second.stderr.startswith(f"Error: Another ui works in {tmp_path / '.dagster'}: ")
        assert second.stderr.count("\n") == 1
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=45)
    assert process.returncode == 0


def test_one_port_for_both_is_refused(tmp_path: Path) -> None:
    """Guards against a sandbox that is found where the UI was to be, after a wait of two minutes."""
    port = str(_free_port())
    done = run("ui", "--port", port, "--sandbox-port", port, cwd=tmp_path)
    assert done.returncode == 2
    assert f"--port and --sandbox-port are both {port}: give each its own" in done.stderr
    assert list(tmp_path.iterdir()) == []


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def processes() -> dict[int, str]:
    """Return all processes of the machine that live, with their arguments."""
    listed = subprocess.run(
        ["/bin/ps", "-e", "-ww", "-o", "pid=,args="], capture_output=True, text=True, check=True
    ).stdout
    return {int(line.split(None, 1)[0]): line for line in listed.splitlines() if not line.endswith("<defunct>")}


def below(parent: int) -> set[int]:
    """Return the ids of the children of a process, and of theirs."""
    listed = subprocess.run(["/bin/ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    found: set[int] = set()
    waiting = {parent}
    while waiting:
        waiting = {pid for pid, above in pairs if above in waiting}
        found |= waiting
    return found
