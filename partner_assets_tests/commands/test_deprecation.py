"""What the command line says of the deprecated version of the API. Not here: the logs of the runs (`materialization/`)."""

import re
from datetime import UTC, datetime
from pathlib import Path

from partner_assets_tests.commands.shell import run


def test_a_run_says_once_that_its_version_is_deprecated(settings: dict[str, str], tmp_path: Path) -> None:
    """Guards against a cron job that learns of it when the endpoints are gone, and against a line for each of six jobs."""
    today = datetime.now(UTC).date().isoformat()
    done = run("run", "--from", today, cwd=tmp_path, env={**settings, "PARTNER_API_VERSION": "v0"})
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in (done.stdout + done.stderr).splitlines() if "deprecated" in line]
    assert line.startswith("Warning: PARTNER_API_VERSION is v0: ")
    assert "Set it to v1" in line
    assert line in done.stderr


def test_a_run_of_v1_mentions_no_version(settings: dict[str, str], tmp_path: Path) -> None:
    """Guards against a warning that nobody can heed."""
    done = run("run", "--only", "catalogue", cwd=tmp_path, env=settings)
    assert (done.returncode, "deprecated" in done.stdout + done.stderr) == (0, False)


def test_it_is_said_where_nobody_answers(settings: dict[str, str], tmp_path: Path) -> None:
    """Guards against a failure without its likely reason, once the vendor has removed the endpoints."""
    gone = {"PARTNER_API_VERSION": "v0", "PARTNER_API_PATH_ACCREDITATIONS_SEARCH": "/gone"}
    done = run("run", cwd=tmp_path, env={**settings, **gone})
    assert done.returncode == 1
    assert [word in done.stderr for word in ("deprecated", "404", "Traceback")] == [True, True, False]


def test_the_doctor_looks_at_it(settings: dict[str, str], tmp_path: Path) -> None:
    """Guards against "all is well" on the eve of the removal."""
    done = run("doctor", cwd=tmp_path, env={**settings, "PARTNER_API_VERSION": "v0"})
    assert re.search(r"warn  PARTNER_API_VERSION +v0, which the vendor has deprecated", done.stdout)
    assert done.returncode == 0
