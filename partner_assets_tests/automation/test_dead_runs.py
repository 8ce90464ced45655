"""Runs whose process was killed: they are found by the lock that the process no longer holds, and ended.

Real processes, really killed. Not here: a command that is killed and started again (`commands/test_backfill.py`).
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest

from partner_assets.automation.day_facts import running_days
from partner_assets.automation.day_ranges import DayRange
from partner_assets.automation.dead_runs import NAME, end_dead_runs
from partner_assets.automation.jobs import ORDERS
from partner_assets.lake.errors import DiskTrouble
from partner_assets.materialization.signs_of_life import books_of, died, sign_of_life
from partner_assets_tests.materialization.site import TODAY, OpenSite, Site

WORKER = """
import pathlib, sys
from partner_assets.materialization.signs_of_life import sign_of_life
with sign_of_life(pathlib.Path(sys.argv[1]), sys.argv[2], books=sys.argv[3]):
    print("at work", flush=True)
    sys.stdin.read()
"""


@contextmanager
def worker(lake: Path, run_id: str, books: str = "") -> Iterator["subprocess.Popen[str]"]:
    """Start a process that works for a run until its input ends; it is killed if the test has not ended it."""
    command = [sys.executable, "-c", WORKER, str(lake), run_id, books]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "at work\n"
            yield process
        finally:
            process.kill()


def begun(site: Site) -> dg.DagsterRun:
    """Let a run be under way, as Dagster sees it."""
    job = site.definitions.resolve_job_def(ORDERS)
    tags = DayRange(TODAY, TODAY).tags
    return site.instance.create_run_for_job(job, tags=tags, status=dg.DagsterRunStatus.STARTED)


def status(site: Site, run: dg.DagsterRun) -> dg.DagsterRunStatus:
    """Return what Dagster says of a run now."""
    found = site.instance.get_run_by_id(run.run_id)
    assert found is not None
    return found.status


def test_a_run_whose_process_was_killed_is_ended_and_its_days_are_free(open_site: OpenSite) -> None:
    """Guards against days that nobody reads ever again after a power cut: they look as if they were being read."""
    site = open_site(orders_per_day=0)
    run = begun(site)
    with worker(site.lake, run.run_id) as process:
        assert end_dead_runs(site.instance, site.partner.lake) == []
        assert running_days(site.instance) == {TODAY}
        process.kill()
        process.wait()
        assert end_dead_runs(site.instance, site.partner.lake) == [run.run_id]
    assert status(site, run) == dg.DagsterRunStatus.FAILURE
    assert running_days(site.instance) == set()
    assert list((site.lake / ".locks" / "runs").iterdir()) == []


def test_a_run_between_two_assets_is_left_alone(open_site: OpenSite) -> None:
    """Guards against a run that is ended although it goes on: its process holds no lock while no asset works."""
    site = open_site(orders_per_day=0)
    run = begun(site)
    with worker(site.lake, run.run_id) as process:
        process.communicate()
    assert end_dead_runs(site.instance, site.partner.lake) == []
    assert status(site, run) == dg.DagsterRunStatus.STARTED
    assert list((site.lake / ".locks" / "runs").iterdir()) == []


def test_a_dead_run_of_another_instance_is_left_for_that_one_to_find(open_site: OpenSite) -> None:
    """Guards against a command without DAGSTER_HOME that removes the only trace of what the daemon has lost."""
    site = open_site(orders_per_day=0)
    run = begun(site)
    with worker(site.lake, run.run_id, "the books of a daemon") as process:
        process.kill()
        process.wait()
    with dg.DagsterInstance.ephemeral() as another:
        assert end_dead_runs(another, site.partner.lake) == []
    assert end_dead_runs(site.instance, site.partner.lake) == [run.run_id]


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_run_that_was_killed_before_it_stood_in_the_books_leaves_nothing(
    open_site: OpenSite, tmp_path: Path, *, is_kept: bool
) -> None:
    """Guards against marks that pile up in the lake since nobody knows the run that they are of."""
    site = open_site(orders_per_day=0)
    with dg.DagsterInstance.local_temp(str(tmp_path)) if is_kept else dg.DagsterInstance.ephemeral() as instance:
        with worker(site.lake, "unknown", books_of(instance)) as process:
            process.kill()
            process.wait()
        assert end_dead_runs(instance, site.partner.lake) == []
    assert list((site.lake / ".locks" / "runs").iterdir()) == []


def test_a_command_gives_one_sign_for_its_whole_run(tmp_path: Path) -> None:
    """Guards against a command killed between two assets that nobody misses, and one that waits for its own lock."""
    with sign_of_life(tmp_path, "run", books=""):
        with sign_of_life(tmp_path, "run", books=""):
            assert len(list((tmp_path / ".locks" / "runs").iterdir())) == 2
        assert len(list((tmp_path / ".locks" / "runs").iterdir())) == 2
        assert died(tmp_path) == {}
    assert list((tmp_path / ".locks" / "runs").iterdir()) == []


def test_an_asset_that_fails_is_no_death(tmp_path: Path) -> None:
    """Guards against a failed asset whose run is ended before it has told the reason."""
    with pytest.raises(ZeroDivisionError), sign_of_life(tmp_path, "run", books=""):
        raise ZeroDivisionError
    assert died(tmp_path) == {}


def test_every_asset_that_fills_a_table_gives_a_sign_of_life(open_site: OpenSite) -> None:
    """Guards against an asset, some day, whose dead runs nobody finds."""
    site = open_site(orders_per_day=1)
    seen = Watching(site)
    site.partner.progress = seen
    for job in ("catalogue_roots", "packages"):
        site.run(job)
    site.run_day(TODAY)
    site.run_products(site.instance.get_dynamic_partitions("accreditations")[0])
    site.run("prices_by_price_list", key=site.instance.get_dynamic_partitions("accreditation_price_lists")[0])
    assert seen.signs == {
        "accreditations": 1,
        "price_lists": 1,
        "code_labels": 1,
        "products": 1,
        "product_prices": 1,
        "package_contents": 1,
        "order_documents": 1,
        "orders": 1,
    }


def test_the_sensor_says_what_it_did(open_site: OpenSite) -> None:
    """Guards against runs that fail without anybody knowing why."""
    site = open_site(orders_per_day=0)
    run = begun(site)
    sensor = site.definitions.get_repository_def().get_sensor_def(NAME)
    with worker(site.lake, run.run_id) as process:
        process.kill()
        process.wait()
    said = []
    for _ in range(2):
        with dg.build_sensor_context(instance=site.instance, resources={"partner": site.partner}) as context:
            said.append(sensor.evaluate_tick(context).skip_message)
    assert said == [
        f"1 runs had lost their process and were ended: {run.run_id}.",
        "No run has lost its process.",
    ]


def test_a_lake_that_cannot_be_written_is_told_before_anything_is_read(tmp_path: Path) -> None:
    """Guards against hours of reading of which nothing can be kept, and against a trace in place of a sentence."""
    (tmp_path / "lake").write_text("a file where the lake should be")
    with pytest.raises(DiskTrouble, match="Not a directory"), sign_of_life(tmp_path / "lake", "run", books=""):
        raise AssertionError("it went on")


class Watching:
    """Progress that looks how many signs of life there are while an asset works.

    Args:
        site: Where.
    """

    def __init__(self, site: Site) -> None:
        self._lake = site.lake
        self.signs: dict[str, int] = {}

    def slice_done(self, asset: str, done: int, total: int) -> None:
        """Look."""
        self.signs[asset] = len(list((self._lake / ".locks" / "runs").glob("*.works")))
