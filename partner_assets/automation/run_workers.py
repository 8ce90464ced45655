"""Whether the process of a run is gone, by what Dagster noted of it: the code server that started it, and its id.

A code server lives for as long as the runs that it has started, and tells if one of their processes dies. Only when it
is gone itself, killed with all that it had started, nobody tells. Not here: what becomes of such a run (`dead_runs.py`).
"""

import json
import socket
import subprocess
from pathlib import Path

import dagster as dg

# Dagster gives neither a public name: the tag that says where a run was started, and what a process says of itself.
from dagster._core.storage.tags import GRPC_INFO_TAG

_ANSWER_SECONDS = 2.0
_PROCESSES = Path("/proc")
_SIGN = "multiprocessing"
"""What stands in the command of every process that a code server starts. After a restart of the machine, an id may be
another program's."""


def has_lost_process(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Tell whether the process of a run is gone.

    Args:
        instance: What the process told of itself.
        run: A run that is starting or under way.

    Returns:
        False, too, where that cannot be known: of a run of the shell, or one of another machine.
    """
    server = json.loads(run.tags.get(GRPC_INFO_TAG, "{}")).get("socket")
    if server is None or _answers(server):
        return False
    process = _process_of(instance, run)
    # Without a word of its own it had not begun, and nobody is left who could start it.
    return process is None or _SIGN not in _command_of(process)


def _answers(server: str) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_ANSWER_SECONDS)
        try:
            connection.connect(server)
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        except OSError:
            # Too busy to answer, perhaps; it exists.
            return True
    return True


def _process_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> int | None:
    told = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ENGINE_EVENT)
    events = [entry.dagster_event for entry in told if entry.dagster_event is not None]
    ids = [event.engine_event_data.metadata["pid"] for event in events if "pid" in event.engine_event_data.metadata]
    return int(str(ids[-1].value)) if ids else None


def _command_of(process: int) -> str:
    """Return the command of a process; nothing of one that is gone, or dead and not yet buried."""
    if not _PROCESSES.is_dir():
        shown = subprocess.run(
            ["/bin/ps", "-o", "command=", "-p", str(process)], capture_output=True, text=True, check=False
        )
        return shown.stdout
    try:
        return (_PROCESSES / str(process) / "cmdline").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
