"""Dagster's own sensor daemon over a site, tick by tick, with a queue of runs that are executed in turn.

What becomes of a tick is Dagster's code, and it is written to Dagster's storages. Ours are the code location, which would
be another process; the clock between ticks; and the worker. Not here: what goes wrong (`faults.py`).
"""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.instance.types import InstanceType
from dagster._core.run_coordinator import QueuedRunCoordinator
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus
from dagster._core.storage.event_log import InMemoryEventLogStorage
from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager
from dagster._core.storage.root import LocalArtifactStorage
from dagster._core.storage.runs import InMemoryRunStorage
from dagster._core.storage.schedules import SqliteScheduleStorage
from dagster._core.storage.tags import RUN_KEY_TAG
from dagster._daemon.sensor import execute_sensor_iteration
from sqlalchemy import Connection, Engine, StaticPool, create_engine

from partner_assets.automation.day_ranges import RANGE_END, RANGE_START
from partner_assets.automation.jobs import ORDERS
from partner_assets_tests.automation.site_location import SiteLocation, Worker, Workspace
from partner_assets_tests.materialization.site import Site


class TickStorage(SqliteScheduleStorage):
    """Keeps ticks and cursors. It opens its database once: Dagster's own does so for every look at it."""

    _engine: Engine | None = None

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Begin a transaction."""
        if self._engine is None:
            self._engine = create_engine(self._conn_string, poolclass=StaticPool)
        with self._engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Close the database."""
        if self._engine is not None:
            self._engine.dispose()


def lasting_instance(
    folder: Path,
    *,
    runs: InMemoryRunStorage | None = None,
    events: InMemoryEventLogStorage | None = None,
    ticks: TickStorage | None = None,
) -> dg.DagsterInstance:
    """Return an instance that keeps ticks and cursors, which one that is only for a test does not.

    Args:
        folder: Where it may write.
        runs: Where it keeps runs.
        events: Where it keeps their events.
        ticks: Where it keeps ticks and cursors.
    """
    return dg.DagsterInstance(
        instance_type=InstanceType.EPHEMERAL,
        local_artifact_storage=LocalArtifactStorage(str(folder)),
        run_storage=runs or InMemoryRunStorage(),
        event_storage=events or InMemoryEventLogStorage(),
        schedule_storage=ticks or tick_storage(folder),
        compute_log_manager=NoOpComputeLogManager(),
        run_coordinator=QueuedRunCoordinator(),
        run_launcher=Worker(),
        settings={"telemetry": {"enabled": False}},
    )


def tick_storage(folder: Path, kind: type[TickStorage] = TickStorage) -> TickStorage:
    """Return a storage for ticks and cursors below a folder."""
    storage = kind.from_local(str(folder / "schedules"))
    assert isinstance(storage, kind)
    return storage


class Dies:
    """Ends a run as soon as a slice has been read."""

    def slice_done(self, asset: str, done: int, total: int) -> None:
        """Raise."""
        raise RuntimeError("the machine was switched off")


class SensorDaemon:
    """Ticks some sensors of a site, and executes what they ask for.

    Args:
        site: Where; its instance must be one that lasts.
        sensors: The names of the sensors.
    """

    def __init__(self, site: Site, *sensors: str) -> None:
        self.site = site
        self._instance = site.instance
        self._location = SiteLocation(site, sensors)
        self._workspace = Workspace(site.instance, self._location)
        self._logger = logging.getLogger("sensor_daemon")
        self._logger.propagate = False

    def tick(self, *, crash_at: str | None = None, crash: Exception | None = None) -> list[str]:
        """Tick every sensor once, as soon as it is time; return what the daemon would log as errors.

        Args:
            crash_at: One of the points at which Dagster lets itself be crashed by its own tests.
            crash: What is raised there.
        """
        names = [one.instigator_name for one in self._instance.all_instigator_state()] if crash_at else []
        flags: Any = {name: {crash_at: crash} for name in names}
        iteration = execute_sensor_iteration(self._workspace, self._logger, None, None, debug_crash_flags=flags)
        try:
            return [str(error) for error in iteration if error is not None]
        except Exception as error:
            # As the daemon's own loop does.
            return [str(error)]

    def queued(self) -> list[dg.DagsterRun]:
        """Return the runs that wait, the oldest first."""
        waiting = dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED])
        return list(reversed(self._instance.get_runs(filters=waiting)))

    def work(self) -> list[tuple[str, str]]:
        """Execute every run that waits; return the first and the last partition of each, as far as it has any."""
        runs = self.queued()
        for run in runs:
            self._instance.launch_run(run.run_id, self._workspace.create_request_context())
        return [(run.tags.get(RANGE_START, ""), run.tags.get(RANGE_END, "")) for run in runs]

    def remember(self, sensor: str, cursor: str) -> None:
        """Let a sensor have another memory than it has."""
        state = self._state(sensor)
        data: Any = state.instigator_data
        self._instance.update_instigator_state(state.with_data(data._replace(cursor=cursor)))

    def cursor(self, sensor: str) -> str:
        """Return a sensor's memory."""
        data: Any = self._state(sensor).instigator_data
        return str(data.cursor)

    def message(self, sensor: str) -> str | None:
        """Return what a sensor's last tick said for asking for nothing."""
        state = self._state(sensor)
        [tick] = self._instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=1)
        return tick.tick_data.skip_reason

    def stop(self, sensor: str) -> None:
        """Switch a sensor off, as somebody does in the UI."""
        self._instance.update_instigator_state(self._state(sensor).with_status(InstigatorStatus.STOPPED))

    def run_unasked(self, day: date, *, dies: bool = False) -> None:
        """Run a day of orders that no sensor has asked for; it may be one that dies."""
        progress = self.site.partner.progress
        self.site.partner.progress = Dies() if dies else progress
        job = self._location.unchecked.resolve_job_def(ORDERS)
        config = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        job.execute_in_process(
            instance=self._instance, partition_key=day.isoformat(), run_config=config, raise_on_error=False
        )
        self.site.partner.progress = progress

    def settle(self) -> list[tuple[str, str]]:
        """Tick and work until nothing more is asked for; return the days of every run."""
        done: list[tuple[str, str]] = []
        for _ in range(10):
            self.let_the_interval_pass()
            errors = self.tick()
            assert not errors, errors
            spans = self.work()
            if not spans:
                return done
            done += spans
        raise AssertionError("it asks for ever")

    def keys(self) -> Counter[str]:
        """Return the run keys of all runs, with how many runs have each."""
        return Counter(run.tags[RUN_KEY_TAG] for run in self._instance.get_runs() if RUN_KEY_TAG in run.tags)

    def _state(self, sensor: str) -> InstigatorState:
        return next(one for one in self._instance.all_instigator_state() if one.instigator_name == sensor)

    def let_the_interval_pass(self) -> None:
        """Make it time for the next tick."""
        for state in self._instance.all_instigator_state():
            data: Any = state.instigator_data
            past = data._replace(last_tick_timestamp=0.0, last_tick_start_timestamp=0.0)
            self._instance.update_instigator_state(state.with_data(past))
