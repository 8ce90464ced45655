"""The file in which processes share what they know of a quota: nothing that happens to it or to them stops a request.

Not here: what they make of it (`test_pacing_rules.py`).
"""

import gc
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partner_assets.api.pacing import Pacer
from partner_assets.api.pacing_file import QuotaFile
from partner_assets.api.pacing_state import QuotaState
from partner_assets.api.waiting import Waiting
from partner_assets_tests.api.fake_time import FakeTime

OPEN_DESCRIPTORS = Path("/proc/self/fd")

HOLDER = """
import sys, time
from pathlib import Path
from partner_assets.api.pacing_file import QuotaFile

def hold(state, now):
    state.limit = 7
    print("held", flush=True)
    time.sleep(60)

QuotaFile(Path(sys.argv[1])).change(hold)
"""

COUNTER = """
import sys
from pathlib import Path
from partner_assets.api.pacing_file import QuotaFile

def count(state, now):
    state.touched_at, state.rejections = now, state.rejections + 1

file = QuotaFile(Path(sys.argv[1]))
for _ in range(500):
    file.change(count)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file is made, in a folder that does not exist yet."""
    return tmp_path / "lake" / ".locks" / "quota"


def set_limit(file: QuotaFile, limit: int) -> None:
    """Write something."""

    def act(state: QuotaState, now: float) -> None:
        state.limit, state.touched_at = limit, now

    file.change(act)


def limit(file: QuotaFile) -> int | None:
    """Read it."""
    return file.change(lambda state, _: state.limit)


@contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a process that holds the lock, and kill it in the end, or when somebody has waited for it for too long."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True)
    end = threading.Timer(20, process.kill)
    end.start()
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        end.cancel()
        process.kill()
        process.communicate()


def test_what_one_writes_the_other_reads(path: Path) -> None:
    """Guards against a file that each process keeps for itself."""
    one, other = QuotaFile(path), QuotaFile(path)
    set_limit(one, 50)
    assert limit(other) == 50
    set_limit(other, 60)
    assert limit(one) == 60


def test_processes_do_not_undo_each_others_changes(path: Path) -> None:
    """Guards against two processes that read, reckon and write at the same time."""
    processes = [subprocess.Popen([sys.executable, "-c", COUNTER, str(path)]) for _ in range(4)]
    assert [process.wait(timeout=60) for process in processes] == [0] * 4
    assert QuotaFile(path).change(lambda state, _: state.rejections) == 2000


def test_a_process_that_is_killed_with_the_lock_leaves_it(path: Path) -> None:
    """Guards against everybody waiting for a dead process; what it had not finished writing is not there."""
    file = QuotaFile(path)
    set_limit(file, 50)
    with holder(path) as process:
        process.kill()
        process.wait()
        assert limit(file) == 50
        set_limit(file, 60)
    assert limit(QuotaFile(path)) == 60


def test_a_process_that_is_stopped_with_the_lock_stops_nobody_else(path: Path) -> None:
    """Guards against Ctrl-Z in the wrong microsecond: the others go on with what they knew, each for itself."""
    file = QuotaFile(path)
    set_limit(file, 50)
    with holder(path) as process:
        process.send_signal(signal.SIGSTOP)
        assert limit(file) == 50
        set_limit(file, 60)
        assert limit(file) == 60
    assert limit(QuotaFile(path)) == 50


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=40_000), st.text().map(str.encode), st.just(b'00000000 {"limit":1}\n')))
def test_whatever_is_in_the_file_is_as_good_as_nothing(path: Path, content: bytes) -> None:
    """Guards against a run that fails, or waits, because of what somebody wrote there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    assert QuotaFile(path).change(lambda state, _: state) == QuotaState()
    set_limit(QuotaFile(path), 50)
    assert limit(QuotaFile(path)) == 50


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 300), change=st.integers(1, 255))
def test_a_record_with_one_wrong_byte_is_not_believed(path: Path, place: int, change: int) -> None:
    """Guards against a page that was half written when the power went: a digit more, and everybody waits for days."""
    set_limit(QuotaFile(path), 50)
    content = bytearray(path.read_bytes())
    assert place < content.index(b"\n")
    content[place] ^= change
    path.write_bytes(content)
    assert QuotaFile(path).change(lambda state, _: state) == QuotaState()


def test_a_file_that_is_emptied_or_deleted_under_the_program_is_made_anew(path: Path) -> None:
    """Guards against a signal that kills the run when somebody clears the lake, and against processes that part ways."""
    one, other = QuotaFile(path), QuotaFile(path)
    for ruin in (lambda: path.write_bytes(b""), path.unlink):
        set_limit(one, 50)
        assert limit(other) == 50
        ruin()
        set_limit(one, 60)
        assert limit(other) == limit(QuotaFile(path)) == 60


@pytest.mark.parametrize("path", ["/dev/null/quota", "/dev/full", "/proc/quota"])
def test_where_no_file_can_be_made_each_reckons_for_itself(path: str) -> None:
    """Guards against a request that fails because the disk is full, or the lake read-only."""
    file = QuotaFile(Path(path))
    set_limit(file, 50)
    assert limit(file) == 50
    file.close()


def test_a_state_from_later_than_now_is_not_believed(path: Path) -> None:
    """Guards against an hour's wait after the clock was put back by one."""
    clock = FakeTime()
    file = QuotaFile(path, clock=clock.monotonic)
    set_limit(file, 50)
    clock.now -= 0.5
    assert limit(file) == 50
    clock.now -= 3600
    assert limit(file) is None


def two_pacers(path: Path, clock: FakeTime) -> tuple[Pacer, Pacer, Waiting]:
    """Return two clients' pacers on one file and one clock."""

    def pacer() -> Pacer:
        file = QuotaFile(path, clock=clock.monotonic)
        return Pacer(monotonic=clock.monotonic, random=lambda: 0.5, quota=file)

    return pacer(), pacer(), Waiting(clock.sleep)


def spent(reset: int) -> dict[str, str]:
    """Return the rate headers of the last request of a window."""
    return {"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}


def test_one_client_knows_what_the_other_was_told(path: Path) -> None:
    """Guards against a second process that asks in a window that the first has spent."""
    clock = FakeTime()
    one, other, waiting = two_pacers(path, clock)
    one.give_back(one.take(waiting), status=200, headers=spent(30))
    other.take(waiting)
    assert 30 <= clock.slept < 31


def test_one_client_waits_for_the_probe_of_the_other(path: Path) -> None:
    """Guards against every process sending a request ahead of its own when a run begins."""
    clock = FakeTime()
    one, other, waiting = two_pacers(path, clock)
    one.take(waiting)
    other.take(waiting)
    assert clock.slept >= 1


def test_a_client_that_is_closed_is_not_reckoned_with(path: Path) -> None:
    """Guards against requests that are kept, for seconds, for a client that is gone, one more for every tick of a sensor."""
    clock = FakeTime()
    one, other, waiting = two_pacers(path, clock)
    ticket = one.take(waiting)
    other.give_back(other.take(waiting), status=200, headers={})
    one.close()
    one.give_back(ticket, status=200, headers={})
    assert len(QuotaFile(path, clock=clock.monotonic).change(lambda state, _: state.sharers)) == 1


def test_a_client_that_asked_nothing_leaves_nothing(path: Path) -> None:
    """Guards against a folder that appears where somebody only looked."""
    one, _, _ = two_pacers(path, FakeTime())
    one.close()
    assert not path.parent.exists()


@pytest.mark.skipif(not OPEN_DESCRIPTORS.exists(), reason="This system does not tell what is open.")
def test_a_client_that_is_forgotten_closes_its_file(path: Path) -> None:
    """Guards against a daemon that runs out of descriptors, one for every client that nobody closed."""
    set_limit(QuotaFile(path), 50)
    gc.collect()
    before = len(list(OPEN_DESCRIPTORS.iterdir()))
    for _ in range(20):
        set_limit(QuotaFile(path), 50)
    gc.collect()
    assert len(list(OPEN_DESCRIPTORS.iterdir())) <= before
