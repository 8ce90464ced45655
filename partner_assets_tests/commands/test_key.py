"""`partner-assets key`: a new key, its hash for the vendor, and runs that go on meanwhile.

Not here: disks that refuse (`test_key_disks.py`), crashes at every step (`keys/test_key_file.py`), and what clients make of
two keys (`keys/`).
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from partner_assets.key_file import HeldKeys
from partner_assets.sandbox.keys import hash_of
from partner_assets_tests.commands.key_desk import HASH, Desk, a_desk

RUN = "run --only orders"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk whose key the sandbox accepts."""
    with a_desk(tmp_path) as made:
        yield made


def test_a_rotation_prints_the_hash_and_nothing_of_the_key(desk: Desk) -> None:
    """Guards against a key in the scrollback, and a hash that a script cannot take without cutting words away."""
    done = desk.type("key rotate")
    assert done.returncode == 0
    assert HASH.fullmatch(done.stdout)
    assert len(done.stderr.splitlines()) == 1
    held = desk.file.read()
    assert hash_of(held.newest) == done.stdout.strip()
    assert held == HeldKeys(held.newest, desk.sandbox.api_key, done.stdout.strip())
    assert {file.stat().st_mode & 0o777 for file in desk.file.path.parent.iterdir()} == {0o600}


def test_runs_go_on_with_the_old_key_until_the_new_one_is_accepted(desk: Desk) -> None:
    """Guards against runs that fail from the rotation until the vendor has read the mail."""
    waiting = desk.type("key rotate").stdout
    assert desk.type(RUN).returncode == 0
    checked = desk.type("key check")
    assert checked.returncode == 1
    assert re.search(r"new key +refused .*\nprevious key +accepted ", checked.stdout)
    assert checked.stdout.endswith(waiting)
    assert re.search(r"warn  PARTNER_API_KEY +a new one waits", desk.type("doctor").stdout)
    desk.activate(waiting)
    checked = desk.type("key check")
    assert checked.returncode == 0
    assert re.search(r"new key +accepted .*\nprevious key +accepted ", checked.stdout)
    assert "takes the new key from now on" in checked.stdout
    assert "revoke" in checked.stdout
    desk.revoke(desk.sandbox.api_key)
    assert desk.type(RUN).returncode == 0
    assert re.search(r"key +accepted .*\nprevious key +refused ", desk.type("key check").stdout)
    assert re.search(r"ok    PARTNER_API_KEY +there is one", desk.type("doctor").stdout)


def test_nobody_has_to_check(desk: Desk) -> None:
    """Guards against a cron job that fails from the day on which the vendor exchanges the keys."""
    desk.activate(desk.type("key rotate").stdout)
    desk.revoke(desk.sandbox.api_key)
    assert desk.type(RUN).returncode == 0
    assert desk.file.read().waiting_hash is None
    assert desk.type("key check").returncode == 0


def test_a_second_rotation_tells_the_hash_that_waits_and_changes_nothing(desk: Desk) -> None:
    """Guards against a key that is thrown away although the vendor may be about to activate it."""
    first = desk.type("key rotate")
    held = desk.file.read()
    again = desk.type("key rotate")
    assert (again.returncode, again.stdout, desk.file.read()) == (0, first.stdout, held)
    assert "No other key was made" in again.stderr
    desk.activate(first.stdout)
    third = desk.type("key rotate")
    assert third.stdout != first.stdout
    assert (desk.file.read().previous, desk.file.read().waiting_hash) == (held.newest, third.stdout.strip())


def test_a_key_that_waits_can_be_given_up_and_the_one_that_works_stays(desk: Desk) -> None:
    """Guards against a second rotation that keeps the key that nobody accepts, and loses the one that works."""
    first = desk.type("key rotate").stdout
    given_up = desk.file.read().newest
    second = desk.type("key rotate --again").stdout
    held = desk.file.read()
    assert HASH.fullmatch(second)
    assert second != first
    assert (held.previous, held.waiting_hash) == (desk.sandbox.api_key, second.strip())
    assert given_up not in (held.newest, held.previous)
    desk.ask()


def test_a_key_that_is_given_up_too_late_is_the_one_that_works(desk: Desk) -> None:
    """Guards against giving up a key that the vendor has activated meanwhile, and keeping one that is to be revoked."""
    desk.activate(desk.type("key rotate").stdout)
    activated = desk.file.read().newest
    desk.type("key rotate --again")
    desk.revoke(desk.sandbox.api_key)
    assert desk.file.read().previous == activated
    desk.ask()


def test_a_key_that_is_no_file_is_not_replaced(desk: Desk) -> None:
    """Guards against a new key that is made and has nowhere to go."""
    variables = {"PARTNER_API_KEY": desk.sandbox.api_key, "PARTNER_API_KEY_FILE": ""}
    done = desk.type("key rotate", **variables)
    assert (done.returncode, done.stdout) == (2, "")
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("PARTNER_API_KEY holds the key itself")
    assert "set PARTNER_API_KEY_FILE" in sentence
    assert desk.keys_made() == 0
    checked = desk.type("key check", **variables)
    assert (checked.returncode, checked.stdout) == (0, "PARTNER_API_KEY  accepted\n")
    desk.revoke(desk.sandbox.api_key)
    assert desk.type("key check", **variables).returncode == 1


def test_a_key_that_is_refused_makes_no_other(desk: Desk) -> None:
    """Guards against a rotation that changes files although the API refuses, and a check that says nothing of what to do."""
    desk.revoke(desk.sandbox.api_key)
    done = desk.type("key rotate")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert desk.file.read() == HeldKeys(desk.sandbox.api_key, None, None)
    checked = desk.type("key check")
    assert checked.returncode == 1
    assert "ask the vendor for a key" in checked.stdout


def test_the_previous_key_makes_another_when_the_new_one_was_revoked(desk: Desk) -> None:
    """Guards against a partner with a key that works and a rotation that does not find it."""
    desk.activate(desk.type("key rotate").stdout)
    assert desk.type("key check").returncode == 0
    desk.revoke(desk.file.read().newest)
    checked = desk.type("key check")
    assert (checked.returncode, "falls back on the previous key" in checked.stdout) == (1, True)
    desk.ask()
    done = desk.type("key rotate")
    assert HASH.fullmatch(done.stdout)
    assert desk.file.read().previous == desk.sandbox.api_key


def test_two_rotations_at_once_make_one_key(desk: Desk) -> None:
    """Guards against two admins of whom one hands over the hash of a key that the other has replaced."""
    with desk.file.changing():
        done = desk.type("key rotate")
    assert (done.returncode, done.stdout) == (1, "")
    assert "is being changed by another process" in done.stderr
    assert desk.keys_made() == 0


def keys_found(desk: Desk, keys: set[str]) -> set[str]:
    """Return where keys are found: files by name, and what was printed."""
    texts = {file.name: file.read_bytes() for file in desk.folder.rglob("*") if file.is_file()}
    texts["printed"] = desk.printed.encode()
    return {name for name, text in texts.items() if any(key.encode() in text for key in keys)}


def test_no_key_is_anywhere_but_in_its_files(desk: Desk) -> None:
    """Guards against a key in a log, a database or a table that a rotation, or a run in the middle of one, leaves behind."""
    home = desk.folder / "home"
    home.mkdir()
    variables = {"DAGSTER_HOME": str(home), "PYTHONLOGLEVEL": "DEBUG"}
    keys = {desk.sandbox.api_key}
    desk.activate(desk.type("key rotate", **variables).stdout)
    keys.add(desk.file.read().newest)
    desk.revoke(desk.sandbox.api_key)
    assert desk.type(RUN, **variables).returncode == 0
    assert desk.type(RUN, PARTNER_API_PATH_ORDERS_SEARCH="/gone", **variables).returncode == 1
    desk.revoke(desk.file.read().newest)
    desk.type("key check", **variables)
    desk.type("key rotate", **variables)
    desk.type("doctor", **variables)
    assert any(home.rglob("*.db"))
    assert keys_found(desk, keys) == {"key", "key.previous"}
    (home / "planted.log").write_text(f"asked with {desk.sandbox.api_key}")
    desk.printed += desk.file.read().newest
    assert keys_found(desk, keys) == {"key", "key.previous", "planted.log", "printed"}
