"""Commands measured side by side: time, CPU and peak memory of each one's whole process tree, medians of interleaved rounds.

Interleaved, since a shared machine is faster at one minute than at the next. Not here: what is measured (the files beside
this one). Linux only, since memory is read from /proc.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 5
_POLL_SECONDS = 0.02
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Measured:
    """One run of a command.

    Attributes:
        seconds: What the command said that its work took; by default the time from start to end.
        cpu_seconds: CPU of the process and of all processes that it waited for.
        peak_mb: Most memory at once, all processes of its session together.
        said: The other figures that it printed, as one JSON object on its last line.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float
    said: Mapping[str, float]


def run(command: Sequence[str], *, environment: Mapping[str, str] | None = None, cwd: Path | None = None) -> Measured:
    """Run a command and measure it.

    Raises:
        RuntimeError: If it fails.
    """
    started = time.monotonic()
    process = subprocess.Popen(
        list(command),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **(environment or {})},
        cwd=cwd,
        start_new_session=True,
        text=True,
    )
    # Read by a thread of its own: a full pipe would stop the command while its memory is being watched.
    lines: list[str] = []
    from threading import Thread

    reader = Thread(target=lambda: lines.extend(process.stdout or ()))
    reader.start()
    peak = 0
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        peak = max(peak, _session_bytes(process.pid))
        time.sleep(_POLL_SECONDS)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - started
    reader.join()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{''.join(lines[-30:])}")
    said = _last_object(lines)
    peak = max(peak, usage.ru_maxrss * 1024)
    return Measured(said.pop("seconds", seconds), usage.ru_utime + usage.ru_stime, peak / 1e6, said)


def side_by_side(
    commands: Mapping[str, Sequence[str]],
    *,
    rounds: int = ROUNDS,
    environment: Mapping[str, str] | None = None,
    before: Sequence[str] | None = None,
) -> dict[str, list[Measured]]:
    """Run commands in turns.

    Args:
        commands: What to run, by the name it has in the table.
        rounds: How often each is run.
        environment: What is set beside this process's own environment.
        before: A command that is run before each, unmeasured.
    """
    measured: dict[str, list[Measured]] = {name: [] for name in commands}
    for number in range(rounds):
        for name, command in commands.items():
            if before:
                subprocess.run(list(before), check=True, env={**os.environ, **(environment or {})})
            one = run(command, environment=environment)
            measured[name].append(one)
            print(f"  round {number + 1}, {name}: {one.seconds:.2f} s, {one.peak_mb:.0f} MB", file=sys.stderr)
    return measured


def median(measured: Sequence[Measured], name: str = "seconds") -> float:
    """Return the median of a figure, one of the attributes or one that the command said."""
    return statistics.median(getattr(one, name) if hasattr(one, name) else one.said[name] for one in measured)


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table; numbers stand as they are given."""
    lines = [" | ".join(header), " | ".join("---" for _ in header), *(" | ".join(map(str, row)) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines)


def machine() -> str:
    """Return what the figures were measured on, without naming the machine."""
    with Path("/proc/cpuinfo").open() as cpuinfo:
        model = next(
            (line.partition(":")[2].strip() for line in cpuinfo if line.startswith("model name")), "unknown CPU"
        )
    return f"{os.cpu_count()} cores ({model}), Python {sys.version.split()[0]}"


def _last_object(lines: Sequence[str]) -> dict[str, float]:
    try:
        found = json.loads(lines[-1]) if lines else {}
    except json.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _session_bytes(session: int) -> int:
    total = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if int(fields[3]) == session:
            total += int(fields[21]) * _PAGE_BYTES
    return total
