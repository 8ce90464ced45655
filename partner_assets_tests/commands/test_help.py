"""The command before any verb: what it says of itself, and how fast."""

import subprocess
import sys
from pathlib import Path

import pytest

from partner_assets.commands.verbs import VERBS
from partner_assets_tests.commands.shell import environment, run


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], *([verb, "--help"] for verb in VERBS)], ids=" ".join)
def test_asking_what_there_is_waits_for_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    """Guards against an import at the top of cli.py that makes every --help take two seconds."""
    program = (
        "import sys\nfrom partner_assets.cli import main\n"
        f"try: main({arguments!r})\nexcept SystemExit as end: assert not end.code\n"
        "print(sorted({'dagster', 'duckdb', 'pyarrow', 'pydantic', 'requests', 'starlette'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_help_lists_the_verbs_by_use_and_shows_an_example_of_each(tmp_path: Path) -> None:
    """Guards against a verb that nobody finds, and one that is explained but not shown."""
    lines = run("--help", cwd=tmp_path).stdout.split("Commands:")[1].splitlines()
    assert [line.split()[0] for line in lines[1 : len(VERBS) + 1]] == list(VERBS)
    for verb in VERBS:
        assert f"partner-assets {verb}" in run(verb, "--help", cwd=tmp_path).stdout.split("Example:")[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--from", "2026-02-30"], "'2026-02-30' is not a day: write it like 2026-03-01."),
        (["--from", "2026-03-02", "--to", "2026-03-01"], "--from 2026-03-02 lies after --to 2026-03-01."),
    ],
)
def test_days_that_are_none_are_refused_before_anything_starts(
    arguments: list[str], words: str, tmp_path: Path
) -> None:
    """Guards against a run over no day at all, which would look like success."""
    done = run("run", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr.splitlines()[-1].endswith(words)) == (2, True)
