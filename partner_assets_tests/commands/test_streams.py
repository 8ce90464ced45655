"""Standard input and output that are closed, full, or of another encoding: a sentence, whichever verb it is."""

import shlex
import subprocess
from pathlib import Path

import pytest

from partner_assets_tests.commands.shell import COMMAND, environment


def in_a_shell(lake: Path, arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a shell does, with whatever it redirects."""
    return subprocess.run(  # noqa: S602 - what a shell does is what is tested
        f"{shlex.join(COMMAND)} {arguments}",
        shell=True,
        cwd=lake.parent,
        env=environment(PARTNER_LAKE="lake", **variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "verb",
    ["sql 'FROM data_dictionary'", "sql 'FROM range(100000)' --format csv", "sql 'SELECT 1' --format parquet", "doctor",
     "catalogue --without-pii", "sql --help"],
)  # fmt: skip
def test_a_full_disk_behind_standard_output_is_told(verb: str, unbuffered: str, lake: Path) -> None:
    """Guards against a trace at every verb, a second one when Python ends, and half an answer that looks like success."""
    done = in_a_shell(lake, f"{verb} > /dev/full", PYTHONUNBUFFERED=unbuffered)
    assert done.returncode == 1
    assert done.stderr == "Standard output cannot be written: no space left on device.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("sql - <&-", "Error: Standard input is closed: "),
        ("sql - 0> no_input", "Error: Standard input cannot be read: bad file descriptor."),
        ("sql 'SELECT 1' >&-", "Error: Standard output is closed: "),
        ("sql 'SELECT 1' --format parquet >&-", "Error: Standard output is closed: "),
        (r"sql - < latin1.sql", "Error: The statement is not UTF-8: byte 9 is 0xe4."),
        (r"""sql "$(printf 'SELECT \344')" """, "Error: The statement is not UTF-8: byte 8 is 0xe4."),
    ],
)
def test_a_stream_that_is_no_use_is_told(arguments: str, words: str, lake: Path) -> None:
    """Guards against a trace, and against a statement that is asked with other letters than it has."""
    (lake.parent / "latin1.sql").write_bytes("SELECT 'ä'".encode("latin1"))
    done = in_a_shell(lake, arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(words)
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", ["sql \"SELECT 'ä' AS x\" --format csv", "sql - --format csv < utf8.sql"])
def test_a_statement_is_utf_8_in_every_locale(arguments: str, lake: Path) -> None:
    """Guards against a cron job, which knows no more than ASCII, and a trace at the first name with an umlaut."""
    (lake.parent / "utf8.sql").write_text("\ufeffSELECT 'ä' AS x", encoding="utf-8")
    done = in_a_shell(lake, arguments, LC_ALL="POSIX", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert (done.returncode, done.stdout, done.stderr) == (0, "x\nä\n", "")
