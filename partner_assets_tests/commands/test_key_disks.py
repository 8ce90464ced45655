"""`partner-assets key rotate` on disks and folders that refuse. Every step of the files: `keys/test_key_file.py`."""

import errno
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from partner_assets_tests.commands.key_desk import HASH, Desk, a_desk
from partner_assets_tests.commands.shell import environment


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk whose key the sandbox accepts."""
    with a_desk(tmp_path) as made:
        yield made


FAILING = """
import sys, click
from partner_assets.commands.key import rotate
from partner_assets_tests.keys.disks import RefusingDisk
click.command()(lambda: sys.exit(rotate(again=False, disk=RefusingDisk({step}, {code}))))()
"""


@pytest.mark.parametrize(
    ("step", "made", "code"), [(0, 0, errno.EACCES), (4, 1, errno.ENOSPC), (13, 1, errno.ENOSPC), (17, 1, errno.EIO)]
)
def test_a_disk_that_refuses_ends_in_one_sentence_and_runs_go_on(desk: Desk, step: int, made: int, code: int) -> None:
    """Guards against a trace, in which a key may stand, and a hash that is told although its key could not be kept."""
    done = subprocess.run(
        [sys.executable, "-c", FAILING.format(step=step, code=code)],
        env=environment(**desk.variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    desk.printed += done.stdout + done.stderr
    assert (done.returncode, done.stdout) == (1, "")
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("Error: The key was not replaced: ")
    assert sentence.endswith("The one that works is where it was.")
    assert desk.keys_made() == made
    desk.ask()
    assert HASH.fullmatch(desk.type("key rotate").stdout)


PLAIN_USER = """
import os, sys, click
from partner_assets.commands.key import rotate
from partner_assets.settings import load
load()
if os.geteuid() == 0:
    os.setuid(65534)  # root may write anywhere
click.command()(lambda: sys.exit(rotate(again=False)))()
"""


def test_a_folder_that_cannot_be_changed_is_known_before_a_key_is_made(desk: Desk) -> None:
    """Guards against a key that the API has made and nobody can keep: secrets are often mounted read-only."""
    with tempfile.TemporaryDirectory() as outside:
        (folder := Path(outside) / "secret").mkdir()
        (folder / "key").write_text(desk.sandbox.api_key)
        (folder / "key").chmod(0o644)
        folder.chmod(0o555)
        Path(outside).chmod(0o755)
        done = subprocess.run(
            [sys.executable, "-c", PLAIN_USER],
            env=environment(**desk.variables | {"PARTNER_API_KEY_FILE": str(folder / "key")}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        folder.chmod(0o755)
    assert (done.returncode, done.stdout) == (1, "")
    (sentence,) = done.stderr.splitlines()
    assert "cannot be changed (Permission denied)" in sentence
    assert desk.keys_made() == 0
