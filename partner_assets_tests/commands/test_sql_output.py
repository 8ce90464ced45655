"""`partner-assets sql --output`: what is named gets the answer, and stays what it is.

Not here: what an answer looks like (`test_sql.py`).
"""

import os
import stat
import subprocess
import threading
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from partner_assets_tests.commands.shell import COMMAND, environment
from partner_assets_tests.commands.test_sql import ask

ANSWER = "n\n42\n"


def answer_into(lake: Path, output: Path | str, *options: str) -> subprocess.CompletedProcess[str]:
    """Ask for one number, into a file."""
    return ask(lake, "SELECT 42 AS n", "--format", "csv", "--output", str(output), *options)


@pytest.mark.parametrize("style", ["csv", "parquet"])
def test_a_pipe_with_a_name_is_written_into_and_stays_a_pipe(style: str, lake: Path, tmp_path: Path) -> None:
    """Guards against a reader who waits for ever at a pipe that has become a file; and so against a lost /dev/stdout."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    done = answer_into(lake, pipe, "--format", style)
    assert (done.returncode, done.stderr) == (0, "")
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    reader.join(10)
    if style == "csv":
        assert read == [ANSWER.encode()]
    else:
        (tmp_path / "answer").write_bytes(read[0])
        assert pq.read_table(tmp_path / "answer").to_pylist() == [{"n": 42}]


def test_standard_output_by_a_name_keeps_what_stands_before_it(lake: Path, tmp_path: Path) -> None:
    """Guards against a log that is emptied, or replaced under the shell that writes on in it."""
    (tmp_path / "stdout").symlink_to("/proc/self/fd/1")
    log = tmp_path / "log"
    log.write_text("before\n")
    with log.open("ab") as stdout:
        arguments = ["sql", "SELECT 42 AS n", "--format", "csv", "--output", str(tmp_path / "stdout")]
        env = environment(PARTNER_LAKE="lake")
        subprocess.run([*COMMAND, *arguments], cwd=lake.parent, env=env, stdout=stdout, check=True, timeout=60)
        stdout.write(b"after\n")
    assert log.read_text() == f"before\n{ANSWER}after\n"
    assert (tmp_path / "stdout").is_symlink()


@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_is_followed_and_stays(is_there: bool, lake: Path, tmp_path: Path) -> None:
    """Guards against a report that everybody reads by a link, and that nobody renews any more."""
    (tmp_path / "folder").mkdir()
    file, link = tmp_path / "folder" / "report.csv", tmp_path / "link.csv"
    if is_there:
        file.write_text("old")
    link.symlink_to(Path("folder") / "report.csv")
    assert answer_into(lake, link).returncode == 0
    assert link.is_symlink()
    assert file.read_text() == ANSWER
    assert list(file.parent.iterdir()) == [file]


def test_a_file_keeps_its_mode(lake: Path, tmp_path: Path) -> None:
    """Guards against prices that everybody on the machine can read, after the second answer in a file closed to others."""
    file = tmp_path / "prices.csv"
    file.touch()
    file.chmod(0o640)
    assert answer_into(lake, file).returncode == 0
    assert (stat.S_IMODE(file.stat().st_mode), file.read_text()) == (0o640, ANSWER)


def test_a_name_as_long_as_a_name_can_be_is_one(lake: Path, tmp_path: Path) -> None:
    """Guards against a trace, where only the name of the unfinished file was too long."""
    file = tmp_path / ("a" * 255)
    assert answer_into(lake, file).returncode == 0
    assert file.read_text() == ANSWER


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("", 2, "An empty text is no name: write it like answer.csv."),
        ("a" * 256, 1, "cannot be written: file name too long.\n"),
        ("nowhere/answer.csv", 1, "Error: nowhere/answer.csv cannot be written: no such file or directory.\n"),
        ("file/answer.csv", 1, "Error: file/answer.csv cannot be written: not a directory.\n"),
        ("loop", 1, "cannot be written: too many levels of symbolic links.\n"),
    ],
)
def test_a_name_that_cannot_be_written_is_told(name: str, code: int, words: str, lake: Path) -> None:
    """Guards against a trace, and against the tidying up that hides the reason."""
    (lake.parent / "file").touch()
    if name == "loop":
        (lake.parent / name).symlink_to(name)
    before = sorted(lake.parent.iterdir())
    done = answer_into(lake, name)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(lake.parent.iterdir()) == before


def test_an_answer_that_fails_leaves_the_file_as_it_was(lake: Path, tmp_path: Path) -> None:
    """Guards against half an answer under the name of a whole one."""
    file = tmp_path / "answer.parquet"
    file.write_text("old")
    statement = "SELECT CAST(CASE WHEN range > 500000 THEN 'x' ELSE '1' END AS INT) FROM range(1000000)"
    done = ask(lake, statement, "--format", "parquet", "--output", str(file))
    assert done.returncode == 1
    assert done.stderr.startswith("Error: Conversion Error: Could not convert string 'x' to INT32\n")
    assert (file.read_text(), list(tmp_path.iterdir())) == ("old", [file])
