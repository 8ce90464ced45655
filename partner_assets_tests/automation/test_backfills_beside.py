"""A person's own backfill beside the sensors: nobody reads a day that somebody else reads, or has asked for.

Dagster's own backfill daemon makes the runs, in this process. Not here: the command `partner-assets backfill`
(`commands/test_backfill.py`), and the sensors without a backfill (`test_order_changes.py`).
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.execution.backfill import BulkActionStatus

from partner_assets.automation.day_facts import running_days
from partner_assets.automation.day_ranges import RANGE_END, RANGE_START, DayRange
from partner_assets.automation.jobs import ORDERS
from partner_assets.materialization.details_tag import ALL_DETAILS
from partner_assets.runs import run_jobs
from partner_assets_tests.automation.person import Person
from partner_assets_tests.automation.sensor_daemon import lasting_instance
from partner_assets_tests.automation.test_order_changes import Daemon, filled
from partner_assets_tests.commands.shell import environment
from partner_assets_tests.materialization.site import TODAY, OpenSite, Site

# Dagster's own backfills call what Dagster has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:Function `AssetSelection.sources` is deprecated:DeprecationWarning")

START = date(2026, 3, 1)


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance with a queue, in which runs wait until a test has them executed."""
    with lasting_instance(tmp_path / "dagster") as instance:
        yield instance


def spans(runs: Sequence[dg.DagsterRun]) -> list[tuple[str, str]]:
    """Return first and last day of runs."""
    return [(run.tags[RANGE_START], run.tags[RANGE_END]) for run in runs]


def change(site: Site, *days: str) -> None:
    """Change an order on each of some days, a minute later."""
    site.sandbox.control("clock", advance_seconds=60)
    for day in days:
        site.change_orders(1, day)


@pytest.mark.parametrize("of", ["assets", "order_documents", "job"])
def test_changed_days_of_a_backfill_are_not_asked_for_while_it_waits_or_runs(open_site: OpenSite, of: str) -> None:
    """Guards against double work from the moment on in which a person asks, before there is any run to be seen."""
    site = open_site(start=START)
    sensor = filled(site)
    person = Person(site)
    change(site, "2026-03-02", "2026-03-04")
    person.asks(date(2026, 3, 1), date(2026, 3, 2), of=of)
    assert sensor.spans(sensor.tick()) == [("2026-03-04", "2026-03-04")]
    assert person.daemon() == BulkActionStatus.REQUESTED
    assert spans(person.queue()) == [("2026-03-01", "2026-03-02")]
    assert sensor.tick() == []


@pytest.mark.parametrize("of", ["assets", "job"])
def test_what_a_backfill_has_read_is_not_asked_for_again(open_site: OpenSite, of: str) -> None:
    """Guards against a second run for days that a person has just had read: their read is as good as any."""
    site = open_site(start=START)
    sensor = filled(site)
    person = Person(site)
    change(site, "2026-03-01", "2026-03-02")
    assert len(sensor.tick(keep_cursor=False)) == 1
    person.asks(date(2026, 3, 1), date(2026, 3, 2), of=of)
    assert sensor.tick() == []
    person.daemon()
    person.works(person.queue())
    assert person.daemon() == BulkActionStatus.COMPLETED_SUCCESS
    site.wait(timedelta(hours=2))
    assert sensor.tick() == []
    assert Daemon(site, "order_gaps").tick() == []


@pytest.mark.parametrize("of", ["assets", "job"])
def test_missing_days_of_a_backfill_are_not_asked_for(open_site: OpenSite, of: str) -> None:
    """Guards against a new lake that is filled twice: once by a person, and once by the sensor for gaps."""
    site = open_site(start=START, orders_per_day=2)
    person = Person(site)
    gaps = Daemon(site, "order_gaps")
    person.asks(date(2026, 3, 2), TODAY, of=of)
    assert gaps.spans(gaps.tick()) == [("2026-03-01", "2026-03-01")]
    person.daemon()
    assert gaps.tick() == []
    person.works(person.queue())
    person.daemon()
    site.wait(timedelta(hours=2))
    assert gaps.spans(gaps.tick()) == [("2026-03-01", "2026-03-01")]


def test_a_backfill_holds_back_no_day_that_it_has_read_already(open_site: OpenSite) -> None:
    """Guards against changes that wait for the end of a backfill of years: its days are freed as its runs end."""
    site = open_site(start=TODAY - timedelta(days=39), orders_per_day=2)
    sensor = filled(site)
    person = Person(site)
    person.asks(site.start, TODAY)
    person.daemon()
    older, newer = person.queue()
    person.works([older])
    change(site, "2026-02-01", "2026-03-03")
    assert newer.tags[RANGE_START] > "2026-02-01"
    assert sensor.spans(sensor.tick()) == [("2026-02-01", "2026-02-01")]


@pytest.mark.parametrize("of", ["assets", "job"])
def test_a_backfill_of_many_days_becomes_runs_of_a_month(open_site: OpenSite, of: str) -> None:
    """Guards against one run of years, which shows nothing until its end, and against a thousand runs of a day."""
    site = open_site(start=TODAY - timedelta(days=69), orders_per_day=1)
    person = Person(site)
    person.asks(site.start, TODAY, of=of)
    person.daemon()
    assert [len(DayRange(*map(date.fromisoformat, span)).days) for span in spans(person.queue())] == [31, 31, 8]


@pytest.mark.parametrize("of", ["assets", "job"])
def test_a_backfill_with_the_tag_reads_all_details(open_site: OpenSite, of: str) -> None:
    """Guards against a tag that Dagster does not hand on to the runs of a backfill."""
    site = open_site(start=START)
    site.run_days(START, TODAY)
    site.forget_requests()
    person = Person(site)
    person.asks(TODAY, TODAY, of=of, tags=ALL_DETAILS)
    person.daemon()
    person.works(person.queue())
    orders = [row for row in site.rows("orders") if row["creation_date"] == TODAY]
    assert site.asked("order_details") == len(orders) > 0


def test_a_backfill_that_reads_no_documents_holds_nothing_back(open_site: OpenSite) -> None:
    """Guards against a change that waits for a backfill which only makes orders of the documents there are."""
    site = open_site(start=START)
    sensor = filled(site)
    Person(site).asks(START, TODAY, of="orders")
    change(site, "2026-03-02")
    assert sensor.spans(sensor.tick()) == [("2026-03-02", "2026-03-02")]


def test_a_backfill_that_is_cancelled_holds_nothing_back(open_site: OpenSite) -> None:
    """Guards against days that nobody reads, because a backfill that was given up once asked for them."""
    site = open_site(start=START)
    sensor = filled(site)
    person = Person(site)
    person.asks(START, TODAY)
    change(site, "2026-03-02")
    assert sensor.tick() == []
    person.cancels()
    assert sensor.spans(sensor.tick()) == [("2026-03-02", "2026-03-02")]


def test_the_command_leaves_the_days_of_a_backfill_to_it(open_site: OpenSite) -> None:
    """Guards against two people who ask for the same days, one in the UI and one in a shell."""
    site = open_site(start=START, orders_per_day=1)
    Person(site).asks(date(2026, 3, 2), date(2026, 3, 3))
    *ran, last = run_jobs(site.unchecked, site.instance, [ORDERS], DayRange(START, TODAY))
    assert [str(one.days) for one in ran] == ["2026-03-04 to 2026-03-05", "2026-03-01"]
    assert [str(one) for one in last.left_out] == ["2026-03-02 to 2026-03-03"]


def test_dagster_job_backfill_queues_a_run_per_day_that_the_sensors_respect(tmp_path: Path) -> None:
    """Guards against Dagster's own command, which makes its runs by itself, a day each, and never heard of a policy."""
    home = tmp_path / "home"
    home.mkdir()
    root = Path(__file__).parents[2]
    (home / "dagster.yaml").write_text((root / "dagster.yaml").read_text())
    command = [sys.executable, "-m", "dagster", "job", "backfill", "-w", str(root / "workspace.yaml"), "-j", ORDERS]
    options = ["--from", "2026-03-01", "--to", "2026-03-03", "--noprompt", "--tags", json.dumps(ALL_DETAILS)]
    done = subprocess.run(
        [*command, *options],
        cwd=root,
        env=environment(DAGSTER_HOME=str(home), DAGSTER_DISABLE_TELEMETRY="1", PARTNER_ORDERS_START="2026-02-01"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with dg.DagsterInstance.from_config(str(home)) as instance:
        runs = instance.get_runs()
        assert Counter(run.tags["dagster/partition"] for run in runs) == Counter(
            {"2026-03-01": 1, "2026-03-02": 1, "2026-03-03": 1}
        )
        assert {run.status for run in runs} == {dg.DagsterRunStatus.QUEUED}
        assert all(run.tags.items() >= ALL_DETAILS.items() for run in runs)
        assert running_days(instance) == set(DayRange(date(2026, 3, 1), date(2026, 3, 3)).days)
