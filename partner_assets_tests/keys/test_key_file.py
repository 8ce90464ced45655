"""The key file and its neighbours: nothing is lost wherever a change ends, and nothing is readable by others.

Not here: the API that accepts keys (`test_accepted_keys.py`), and the command (`commands/test_key.py`).
"""

import errno
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from partner_assets.key_file import HeldKeys, KeyFile, KeyFileError
from partner_assets_tests.keys.disks import CountingDisk, RefusingDisk

DEAD, OLD, NEW, LATER = (letter * 64 for letter in "dona")
HASH, EARLIER_HASH = "$2b$12$" + "n" * 53, "$2b$12$" + "e" * 53


@dataclass(frozen=True)
class Start:
    """What is held before a change: the files, and which key of them the API accepts."""

    newest: str
    previous: str | None
    waiting: str | None

    def write(self, path: Path) -> None:
        """Write the files."""
        for suffix, text in (("", self.newest), (".previous", self.previous), (".waiting", self.waiting)):
            if text is not None:
                path.with_name(path.name + suffix).write_text(text + "\n")


STARTS = {
    "the first rotation": Start(OLD, None, None),
    "a later rotation": Start(OLD, DEAD, None),
    "a rotation after one that was never checked": Start(OLD, DEAD, EARLIER_HASH),
    "a rotation that gives up a key that waits": Start(LATER, OLD, EARLIER_HASH),
    "a rotation with the previous key": Start(DEAD, OLD, None),
}
starts = pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)


def rotated(file: KeyFile) -> None:
    """Put the new key in place."""
    with file.changing():
        file.try_out()
        file.put(newest=NEW, waiting_hash=HASH, working=OLD)


def assert_whole(path: Path) -> HeldKeys:
    """Hold what lies there against what must hold at any moment."""
    held = KeyFile(path).read()
    assert OLD in (held.newest, held.previous), "the key that works is lost"
    assert OLD in held.best_first, "the key that works is not tried"
    assert held.newest in (OLD, NEW, LATER, DEAD), "half a key"
    if held.newest == NEW:
        assert held.waiting_hash == HASH, "the new key's hash is lost, or that of another key is told for it"
        assert held.best_first == [OLD, NEW], "the key that works is not the first to be tried"
    else:
        assert held.waiting_hash != HASH, "a hash is told whose key does not exist"
    return held


def steps_of(start: Start, folder: Path) -> list[str]:
    """Return the steps of a change."""
    folder.mkdir()
    start.write(folder / "key")
    disk = CountingDisk()
    rotated(KeyFile(folder / "key", disk))
    return disk.steps


@starts
def test_a_new_key_waits_beside_the_one_that_works(start: Start, tmp_path: Path) -> None:
    """Guards against a rotation that takes away the key of the runs before the vendor knows of the next."""
    path = tmp_path / "key"
    start.write(path)
    rotated(KeyFile(path))
    held = KeyFile(path).read()
    assert (held.newest, held.previous, held.waiting_hash) == (NEW, OLD, HASH)
    assert held.best_first == [OLD, NEW]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["key", "key.lock", "key.previous", "key.waiting"]
    KeyFile(path).accept(OLD)
    assert KeyFile(path).read().best_first == [OLD, NEW]
    KeyFile(path).accept(NEW)
    assert KeyFile(path).read() == HeldKeys(NEW, OLD, None)
    assert KeyFile(path).read().best_first == [NEW, OLD]


@starts
def test_only_the_owner_can_read_what_was_written(start: Start, tmp_path: Path) -> None:
    """Guards against a key that every user of the machine can read, if only for the moment before a chmod."""

    class Watching(CountingDisk):
        def before(self, step: str) -> None:
            super().before(step)
            assert {file.stat().st_mode & 0o777 for file in tmp_path.glob("key.part")} <= {0o600}

    path = tmp_path / "key"
    start.write(path)
    for file in tmp_path.iterdir():
        file.chmod(0o644)
    before = os.umask(0)
    try:
        rotated(KeyFile(path, Watching()))
    finally:
        os.umask(before)
    modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("key", "key.lock", "key.previous", "key.waiting"), 0o600)


@starts
def test_a_process_that_is_killed_at_any_step_loses_no_key(start: Start, tmp_path: Path) -> None:
    """Guards against a power cut after which neither the old key nor a hash's key is there, and against half files."""
    steps = steps_of(start, tmp_path / "counted")
    assert len(steps) >= 18
    paths = [tmp_path / str(number) / "key" for number in range(len(steps))]
    for path in paths:
        path.parent.mkdir()
        start.write(path)
    command = [sys.executable, "-m", "partner_assets_tests.keys.disks", str(tmp_path), OLD, NEW, HASH, str(len(steps))]
    subprocess.run(command, timeout=60, check=True)
    shown = set()
    for path in paths:
        shown.add(assert_whole(path).waiting_hash)
        rotated(KeyFile(path))
        assert KeyFile(path).read() == HeldKeys(NEW, OLD, HASH)
        assert not path.with_name("key.part").exists()
    # Killed when only the folder was still to be synced: all is in place, and the next rotation tells the hash.
    assert HASH in shown


@starts
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EIO], ids=errno.errorcode.get)
def test_a_disk_that_refuses_any_step_loses_no_key(start: Start, code: int, tmp_path: Path) -> None:
    """Guards against a full disk, or a folder whose rights are taken away, in the middle of a rotation."""
    for number, step in enumerate(steps_of(start, tmp_path / "counted")):
        if step.startswith("remove"):
            continue
        folder = tmp_path / str(number)
        folder.mkdir()
        path = folder / "key"
        start.write(path)
        with pytest.raises(KeyFileError) as caught:
            rotated(KeyFile(path, RefusingDisk(number, code)))
        assert os.strerror(code) in str(caught.value)
        assert not [key for key in (DEAD, OLD, NEW, LATER) if key in str(caught.value)]
        assert_whole(path)
        assert not path.with_name("key.part").exists()


@starts
def test_what_takes_the_place_of_a_file_lies_on_the_disk_first(start: Start, tmp_path: Path) -> None:
    """Guards against a power cut that leaves the new name on an empty file, or forgets the new name."""
    steps = steps_of(start, tmp_path / "counted")
    renamed = [number for number, step in enumerate(steps) if step.startswith("rename")]
    assert [steps[number] for number in renamed][-2:] == ["rename to key.waiting", "rename to key"]
    for number in renamed:
        assert steps[number - 3 : number] == ["write key.part", "write the rest of key.part", "sync key.part"]
        assert steps[number + 1] == "sync counted"


def test_who_reads_meanwhile_always_finds_whole_keys(tmp_path: Path) -> None:
    """Guards against a tick that fails because it came between two renames."""
    path = tmp_path / "key"
    STARTS["the first rotation"].write(path)
    keys = [letter * 64 for letter in "abcdefghijklmnopqrstuvwxyz"]
    is_over, seen, wrong = threading.Event(), 0, list[object]()

    def read() -> None:
        nonlocal seen
        while not is_over.is_set():
            try:
                wrong.extend(key for key in KeyFile(path).read().best_first if key not in (OLD, *keys))
            except KeyFileError as error:
                wrong.append(error)
            seen += 1

    reader = threading.Thread(target=read)
    reader.start()
    for working, newest in pairwise((OLD, *keys)):
        file = KeyFile(path)
        with file.changing():
            file.put(newest=newest, waiting_hash=HASH, working=working)
        file.accept(newest)
    is_over.set()
    reader.join()
    assert wrong == []
    assert seen > 0


def test_what_cannot_be_written_is_known_before_a_key_is_made(tmp_path: Path) -> None:
    """Guards against a key that the API has made and nobody can keep."""
    path = tmp_path / "key"
    STARTS["the first rotation"].write(path)
    with KeyFile(path).changing(), pytest.raises(KeyFileError, match="No space left on device"):
        KeyFile(path, RefusingDisk(0, errno.ENOSPC)).try_out()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["key", "key.lock"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_the_file_of_another_user_is_not_replaced(tmp_path: Path) -> None:
    """Guards against a rotation by root, after which the user of the runs cannot read the key."""
    path = tmp_path / "key"
    STARTS["the first rotation"].write(path)
    os.chown(path, 65_534, 65_534)
    with pytest.raises(KeyFileError, match="belongs to another user"):
        rotated(KeyFile(path))
    assert KeyFile(path).read() == HeldKeys(OLD, None, None)


def test_two_do_not_change_it_at_once(tmp_path: Path) -> None:
    """Guards against two rotations of which each takes the other's new key for the one that works."""
    path = tmp_path / "key"
    STARTS["the first rotation"].write(path)
    with KeyFile(path).changing(), pytest.raises(KeyFileError, match="being changed by another process"):
        rotated(KeyFile(path))


@pytest.mark.parametrize(
    ("newest", "waiting_hash"), [("", HASH), ("two words", HASH), ("ключ", HASH), (NEW, ""), (NEW, "a\nb"), (NEW, NEW)]
)
def test_what_is_no_key_is_not_put_in_place(newest: str, waiting_hash: str, tmp_path: Path) -> None:
    """Guards against a strange answer that makes the key file unreadable, or shows the key as its hash."""
    path = tmp_path / "key"
    STARTS["a later rotation"].write(path)
    file = KeyFile(path)
    with file.changing(), pytest.raises(KeyFileError, match="is no key with its hash"):
        file.put(newest=newest, waiting_hash=waiting_hash, working=OLD)
    assert file.read() == HeldKeys(OLD, DEAD, None)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """Guards against a new key beside the real file, which the other programs that use it never see."""
    (tmp_path / "real").mkdir()
    STARTS["the first rotation"].write(tmp_path / "real" / "key")
    (tmp_path / "key").symlink_to(tmp_path / "real" / "key")
    rotated(KeyFile(tmp_path / "key"))
    assert (tmp_path / "key").is_symlink()
    assert KeyFile(tmp_path / "real" / "key").read() == HeldKeys(NEW, OLD, HASH)


def test_a_spare_that_cannot_be_read_is_missed_only_while_it_is_needed(tmp_path: Path) -> None:
    """Guards against runs that stop over a file they do not need, and against runs with a key that nobody accepts."""
    path = tmp_path / "key"
    Start(NEW, OLD, HASH).write(path)
    path.with_name("key.previous").write_bytes(b"\xff\xfe")
    with pytest.raises(KeyFileError, match=r"key\.previous cannot be read \(it is not text\)"):
        KeyFile(path).read()
    path.with_name("key.waiting").unlink()
    assert KeyFile(path).read() == HeldKeys(NEW, None, None)


def test_no_repr_shows_a_key() -> None:
    """Guards against a key in a traceback or a debugger."""
    assert not [key for key in (OLD, NEW) if key in repr(HeldKeys(NEW, OLD, HASH))]
