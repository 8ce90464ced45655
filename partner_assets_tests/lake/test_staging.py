"""What writers leave behind that die, and what those leave alone that live: real processes, killed and stopped.

Not here: kills by the hundred, with readers beside them (`crashes/`).
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from partner_assets.lake import catalogue
from partner_assets.lake.errors import DiskTrouble, LakeBusy
from partner_assets.lake.layout import CATALOGUE_NAME, staged_file
from partner_assets.lake.staging import WAL, put_in_place, sweep
from partner_assets.lake.store import Lake
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.orders import ORDERS
from partner_assets_tests.lake.rows import charge, days, order, put, stored

OTHER_MONTH = days(1, days(40)[-1])[0]
HOLDER = """
import sys
from pathlib import Path
from partner_assets.lake.layout import staged_file
from partner_assets.lake.locks import locked

root, file = map(Path, sys.argv[1:])
with locked(root, file):
    staged_file(root, file).write_bytes(b"half a file")
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Return a lake with an order and its charge, whose locks wait for nobody."""
    lake = Lake(tmp_path / "lake", "main", lock_seconds=0.1)
    put(lake, ORDERS, [order(1)])
    put(lake, ORDER_CHARGES, [charge(1)])
    return lake


@contextmanager
def held(lake: Lake, file: Path) -> Iterator["subprocess.Popen[str]"]:
    """Let another process hold a file that it has half written."""
    command = [sys.executable, "-c", HOLDER, str(lake.layout.root), str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def test_a_lock_goes_with_the_process_that_held_it_and_so_does_what_it_staged(lake: Lake) -> None:
    """Guards against a lock file that keeps everybody out for ever, and half-written files that nobody clears away.

    First the holder lives, stopped like one that hangs; then it is killed.
    """
    [file] = lake.layout.files(ORDERS)
    staged = staged_file(lake.layout.root, file)
    with held(lake, file) as process:
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(LakeBusy, match=r"Look for a run that hangs and end it; its lock goes with it\."):
            put(lake, ORDERS, [order(2)])
        put(lake, ORDER_CHARGES, [charge(2)])
        assert staged.read_bytes() == b"half a file"
        process.kill()
        process.wait()
        put(lake, ORDER_CHARGES, [charge(3)])
        assert not staged.exists()
        put(lake, ORDERS, [order(2)])
    assert stored(lake, ORDERS, "transaction_id") == [("PO_2",)]


def test_whatever_is_written_next_sweeps_what_the_dead_have_left(lake: Lake) -> None:
    """Guards against half a month in staging until that very month is written again, which may be never."""
    root = lake.layout.root
    left = [
        staged_file(root, lake.layout.file(ORDERS, (OTHER_MONTH,))),
        staged_file(root, root / CATALOGUE_NAME),
        staged_file(root, root / (CATALOGUE_NAME + WAL)),
    ]
    for write in (lambda: put(lake, ORDERS, [order(2)]), lambda: catalogue.build(root)):
        for file in left:
            file.write_bytes(b"half a file")
        write()
        assert list((root / ".staging").iterdir()) == []


def test_what_is_not_ours_is_not_swept(lake: Lake) -> None:
    """Guards against a sweep that deletes what a person put there."""
    root = lake.layout.root
    note = root / ".staging" / "note.txt"
    note.write_text("mine")
    assert sweep(root) == []
    assert note.read_text() == "mine"


def test_a_lake_that_does_not_exist_yet_has_nothing_to_sweep(tmp_path: Path) -> None:
    """Guards against a first run that fails over a folder that nobody has made."""
    assert sweep(tmp_path / "nowhere") == []
    assert not (tmp_path / "nowhere").exists()


def test_a_rename_that_is_refused_half_way_says_how_far_it_came(lake: Lake) -> None:
    """Guards against a message that nothing was replaced, when something was."""
    root = lake.layout.root
    files = [lake.layout.file(table, (OTHER_MONTH,)) for table in (ORDERS, ORDER_CHARGES)]
    for file in files:
        staged_file(root, file).write_bytes(b"whole")
    (files[1] / "in the way").mkdir(parents=True)
    with pytest.raises(DiskTrouble, match="1 of 2 files had been replaced by then, each of them whole"):
        put_in_place(root, files)
    assert files[0].read_bytes() == b"whole"
