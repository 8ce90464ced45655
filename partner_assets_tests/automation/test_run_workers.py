"""Whether the process of a run is gone: with a real socket in place of the code server, and real processes.

Not here: what becomes of such a run (`test_dead_runs.py`), and a daemon that is killed (`soak/`).
"""

import contextlib
import json
import multiprocessing
import os
import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
from dagster._core.events import DagsterEvent, EngineEventData
from dagster._core.storage.tags import GRPC_INFO_TAG

from partner_assets.automation.dead_runs import end_dead_runs
from partner_assets.automation.run_workers import has_lost_process
from partner_assets.lake.store import Lake
from partner_assets_tests.automation.interrupted_events import InterruptedEvents
from partner_assets_tests.automation.sensor_daemon import lasting_instance


def a_run(instance: dg.DagsterInstance, server: Path | None, process: int | None) -> dg.DagsterRun:
    """Return a run that a code server has started, and whose process has told its id."""
    tags = {} if server is None else {GRPC_INFO_TAG: json.dumps({"host": "localhost", "socket": str(server)})}
    run = instance.add_run(
        dg.DagsterRun("orders_by_day", run_id=str(uuid.uuid4()), status=dg.DagsterRunStatus.STARTED, tags=tags)
    )
    if process is not None:
        instance.report_engine_event("Started process for run", run, EngineEventData.in_process(process))
    return run


@contextlib.contextmanager
def a_server(file: Path) -> Iterator[None]:
    """Listen on a socket, as a code server does; what remains afterwards is a file that nobody listens on."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(file))
        listener.listen()
        yield


def test_a_run_whose_server_lives_is_left_to_it(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """Guards against ending what another process watches, before its own process has even said that it lives."""
    with a_server(tmp_path / "socket"):
        assert not has_lost_process(instance, a_run(instance, tmp_path / "socket", None))


def test_a_run_that_had_not_begun_when_its_server_was_killed_is_lost(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    """Guards against three minutes of waiting for a start that cannot come."""
    with a_server(tmp_path / "socket"):
        pass
    assert has_lost_process(instance, a_run(instance, tmp_path / "socket", None))
    assert has_lost_process(instance, a_run(instance, tmp_path / "never", None))


def test_a_process_that_outlives_its_server_is_seen_to_live_and_to_die(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    """Guards against a second run of days that are being read, and against waiting for a dead one for ever."""
    process = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,), daemon=True)
    process.start()
    run = a_run(instance, tmp_path / "gone", process.pid)
    assert not has_lost_process(instance, run)
    process.kill()
    process.join(10)
    assert has_lost_process(instance, run)


def test_an_id_that_is_another_programs_by_now_is_no_sign_of_life(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """Guards against runs that are under way for ever after the machine was restarted: small ids are given again."""
    assert has_lost_process(instance, a_run(instance, tmp_path / "gone", 1))


def test_a_run_that_died_outside_of_any_asset_is_ended(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """Guards against a run that was killed at its checks, or before it began: it would be under way for ever."""
    lost, kept = a_run(instance, tmp_path / "gone", None), a_run(instance, None, None)
    assert end_dead_runs(instance, Lake(tmp_path / "lake", "main")) == [lost.run_id]
    assert [run.run_id for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))] == [
        kept.run_id
    ]
    assert end_dead_runs(instance, Lake(tmp_path / "lake", "main")) == []


def test_a_run_that_ends_well_while_it_is_looked_for_stays_so(tmp_path: Path) -> None:
    """Guards against a good run that is called a failure, and read once more, since its server went with it just then."""
    events = InterruptedEvents()
    with lasting_instance(tmp_path / "dagster", events=events) as instance:
        run = a_run(instance, tmp_path / "gone", None)
        ended = DagsterEvent(dg.DagsterEventType.RUN_SUCCESS.value, run.job_name)
        events.meanwhile = lambda: instance.report_dagster_event(ended, run.run_id)
        assert end_dead_runs(instance, Lake(tmp_path / "lake", "main")) == []
        [found] = instance.get_runs()
        assert found.status == dg.DagsterRunStatus.SUCCESS


def test_nothing_is_said_of_a_run_of_the_shell(instance: dg.DagsterInstance) -> None:
    """Guards against ending `partner-assets run`, which no code server has started."""
    assert not has_lost_process(instance, a_run(instance, None, os.getpid()))
