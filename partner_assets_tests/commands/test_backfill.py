"""`partner-assets backfill`: the real command, stopped and killed in the middle, beside others, and mistyped.

Not here: which days make a run (`partner_assets_tests/test_runs.py`), and backfills from Dagster's UI
(`automation/test_backfills_beside.py`).
"""

import signal
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.parquet as pq
import pytest

from partner_assets.automation.day_ranges import DayRange
from partner_assets.automation.jobs import ORDERS
from partner_assets.build import build_defs
from partner_assets.sandbox.server import RunningSandbox, SandboxConfig, new_api_key
from partner_assets_tests.commands.shell import read_until, run, started

# Every command is told its last day: the tests may run over midnight, which the sandbox does not see.
NOW = datetime.now(UTC)
TODAY = NOW.date()
FIRST = TODAY - timedelta(days=31)
LAST_MONTH = DayRange(TODAY - timedelta(days=30), TODAY)
LAST_DAYS = DayRange(TODAY - timedelta(days=2), TODAY)


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    """A sandbox whose clock stands still, so that it is asked twice about the same orders."""
    config = SandboxConfig(days=32, orders_per_day=20, now=NOW, api_keys=(new_api_key(),))
    with RunningSandbox(config) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of a Dagster instance that outlives a command."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    return folder


@pytest.fixture
def settings(settings: dict[str, str], home: Path) -> dict[str, str]:
    """Settings for that sandbox, with runs recorded in that folder."""
    return {**settings, "PARTNER_ORDERS_START": str(FIRST), "DAGSTER_HOME": str(home)}


def asked(sandbox: RunningSandbox) -> dict[str, int]:
    """Return how often each endpoint was asked, and count from zero again."""
    stats: dict[str, Any] = sandbox.stats()
    sandbox.control("stats/reset")
    return {name: int(count) for name, count in stats["endpoints"].items() if count}


def orders(settings: dict[str, str], days: DayRange) -> int:
    """Count the documents that the lake has of some days, with pyarrow alone."""
    files = Path(settings["PARTNER_LAKE"]).glob("order_documents/**/*.parquet")
    found = [day for file in files for day in pq.read_table(file, columns=["creation_date"])[0].to_pylist()]
    return sum(days.first <= day <= days.last for day in found)


def others_read(home: Path, day: date) -> None:
    """Let a run of somebody else be under way for a day."""
    job = build_defs(orders_start=FIRST).resolve_job_def(ORDERS)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        instance.create_run_for_job(job, tags=DayRange(day, day).tags, status=dg.DagsterRunStatus.STARTED)


def statuses(home: Path) -> list[str]:
    """Return how the runs of days stand, the earliest first."""
    with dg.DagsterInstance.from_config(str(home)) as instance:
        runs = instance.get_runs(filters=dg.RunsFilter(job_name=ORDERS))
        return [run.status.value for run in reversed(runs)]


def test_days_are_read_whole_then_cheaply_then_in_full(
    sandbox: RunningSandbox, settings: dict[str, str], tmp_path: Path
) -> None:
    """Guards against a backfill that asks for what did not change, and a full one that asks for anything but all of it."""
    command = ("backfill", "--from", str(LAST_DAYS.first), "--to", str(TODAY))
    done = run(*command, cwd=tmp_path, env=settings)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[0].startswith(f"orders_by_day {LAST_DAYS}: done (order_documents 3 partitions, ")
    assert (Path(settings["PARTNER_LAKE"]) / "partner.duckdb").exists()
    count = orders(settings, LAST_DAYS)
    first = asked(sandbox)
    assert first["order_details"] == count > 20
    done = run(*command, cwd=tmp_path, env=settings)
    assert f"Orders: {count} found, 0 fetched; {count} had not changed and were not asked for again." in done.stdout
    assert asked(sandbox) == {name: count for name, count in first.items() if name != "order_details"}
    done = run(*command, "--full", cwd=tmp_path, env=settings)
    assert f"Orders: {count} found, {count} fetched.\n" in done.stdout
    assert asked(sandbox) == first
    assert orders(settings, LAST_DAYS) == count


def test_ctrl_c_ends_it_with_a_sentence_that_tells_how_to_go_on(
    sandbox: RunningSandbox, settings: dict[str, str], home: Path, tmp_path: Path
) -> None:
    """Guards against a trace, a run that looks alive, and a full backfill that has to begin at the beginning."""
    with started("backfill", "--from", str(FIRST), "--to", str(TODAY), "--full", cwd=tmp_path, env=settings) as process:
        read_until(process, f"orders_by_day {LAST_MONTH}: done", 60)
        sandbox.control("latency", latency_ms=500)
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert rest == f"Stopped. What was read is kept; to go on, start it again with --to {FIRST}.\n"
    assert statuses(home)[0] == "SUCCESS"
    assert set(statuses(home)[1:]) <= {"FAILURE"}


def test_a_killed_one_starts_again_where_it_was(
    sandbox: RunningSandbox, settings: dict[str, str], home: Path, tmp_path: Path
) -> None:
    """Guards against days that nobody reads any more, because a process that is long gone seems to be reading them."""
    command = ("backfill", "--from", str(LAST_DAYS.first), "--to", str(TODAY))
    sandbox.control("latency", latency_ms=200)
    with started(*command, cwd=tmp_path, env=settings) as process:
        while "order_details" not in asked(sandbox):
            assert process.poll() is None
        process.kill()
    assert statuses(home) == ["STARTED"]
    sandbox.control("latency", latency_ms=0)
    asked(sandbox)
    done = run(*command, cwd=tmp_path, env=settings)
    assert done.returncode == 0, done.stderr
    assert "another run" not in done.stderr
    assert statuses(home) == ["FAILURE", "SUCCESS"]
    assert orders(settings, LAST_DAYS) == len(list(sandbox.world.order_documents(LAST_DAYS.first, TODAY)))


def test_a_day_that_another_run_reads_is_left_to_it_and_said(
    sandbox: RunningSandbox, settings: dict[str, str], home: Path, tmp_path: Path
) -> None:
    """Guards against double work, and against a full backfill that ends well without having read all details."""
    others_read(home, TODAY)
    for options, code in ([], 0), (["--full"], 1):
        done = run("backfill", "--from", str(TODAY), "--to", str(TODAY), *options, cwd=tmp_path, env=settings)
        assert done.returncode == code
        *_, last = done.stderr.splitlines()
        assert last == (
            f"Left to another run or backfill, which is reading them or will: {TODAY} (1 day); "
            "ask for them again when it has ended, or end it in Dagster's UI."
        )
    assert "search_orders" not in asked(sandbox)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "Missing option '--from'."),
        (["--from", "yesterday"], "'yesterday' is not a day: write it like 2026-03-01."),
        (["--from", "2026-03-02", "--to", "2026-03-01"], "--from 2026-03-02 lies after --to 2026-03-01."),
        (["--from", "1999-01-01"], f"--from 1999-01-01 lies before PARTNER_ORDERS_START ({FIRST}): move one of them."),
        (["--from", str(TODAY), "--to", "2999-01-01"], "--to 2999-01-01 lies in the future: today is "),
    ],
)
def test_days_that_cannot_be_read_are_refused_in_a_sentence(
    options: list[str], words: str, settings: dict[str, str], tmp_path: Path
) -> None:
    """Guards against a backfill over no day, or over days without partitions, that looks like success."""
    done = run("backfill", *options, cwd=tmp_path, env=settings)
    assert done.returncode == 2
    assert words in done.stderr.splitlines()[-1]
    assert not Path(settings["PARTNER_LAKE"]).exists()
