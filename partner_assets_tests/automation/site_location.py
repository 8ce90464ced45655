"""A site as a code location of Dagster's, in this process: its graph with some of its sensors, and a worker for its runs.

Not here: the daemon that ticks them (`sensor_daemon.py`).
"""

import sys
from typing import Any

import dagster as dg
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.definitions.sensor_definition import SensorExecutionData
from dagster._core.execution.api import execute_run
from dagster._core.launcher.base import LaunchRunContext, RunLauncher
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.remote_representation.code_location import InProcessCodeLocation
from dagster._core.remote_representation.external import RemoteRepository
from dagster._core.remote_representation.external_data import RepositorySnap
from dagster._core.remote_representation.handle import RepositoryHandle
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import IWorkspaceProcessContext, WorkspaceRequestContext
from dagster._core.workspace.workspace import (
    CodeLocationEntry,
    CodeLocationLoadStatus,
    CurrentWorkspace,
    DefinitionsSource,
)

from partner_assets.automation.jobs import JOBS
from partner_assets_tests.materialization.site import Site

LOCATION = "site"


class Worker(RunLauncher):
    """Executes a run at once, without its checks, which take nine tenths of the time."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # Dagster does not say the types of its base class

    def launch_run(self, context: LaunchRunContext) -> None:
        """Execute a run."""
        assert context.workspace is not None
        location = context.workspace.get_code_location(LOCATION)
        assert isinstance(location, SiteLocation)
        run = context.dagster_run
        job = location.unchecked.resolve_job_def(run.job_name)
        execute_run(InMemoryJob(job), run, self._instance, raise_on_error=False)

    def terminate(self, run_id: str) -> bool:
        """Say that nothing can be ended."""
        return False


class SiteLocation(InProcessCodeLocation):
    """The code location: a site's graph with some of its sensors."""

    def __init__(self, site: Site, sensors: tuple[str, ...]) -> None:
        # Not the constructor of Dagster's, which loads a module; here is something that a test has made.
        definitions = dg.Definitions(
            assets=site.definitions.assets,
            jobs=list(JOBS.values()),
            sensors=[one for one in site.definitions.sensors or () if one.name in sensors],
            resources={"partner": site.partner},
            executor=dg.in_process_executor,
        )
        self.unchecked = site.unchecked
        self._site = site
        self._instance = site.instance
        self._repository = definitions.get_repository_def()
        name = self._repository.name
        target = LoadableTargetOrigin(executable_path=sys.executable, module_name="partner_assets.definitions")
        self._origin = InProcessCodeLocationOrigin(target, location_name=LOCATION)
        self._repository_code_pointer_dict = {name: ModuleCodePointer("partner_assets.definitions", "defs")}
        handle = RepositoryHandle.from_location(repository_name=name, code_location=self)
        snapshot = RepositorySnap.from_def(self._repository)
        self._repositories = {name: RemoteRepository(snapshot, handle, auto_materialize_use_sensors=True)}

    def get_reconstructable_job(self, repository_name: str, name: str) -> InMemoryJob:  # type: ignore[override] # a job in memory needs no rebuilding
        """Return a job as it is."""
        return InMemoryJob(self._repository.get_job(name))

    def get_sensor_execution_data(self, *args: Any) -> SensorExecutionData:
        """Evaluate a sensor in this process, with the daemon's own instance."""
        _, _, name, _, _, cursor, *_ = args
        with dg.build_sensor_context(
            instance=self._instance,
            cursor=cursor,
            repository_def=self._repository,
            sensor_name=name,
            resources={"partner": self._site.partner},
        ) as context:
            return self._repository.get_sensor_def(name).evaluate_tick(context)


class Workspace(IWorkspaceProcessContext[WorkspaceRequestContext]):
    """The daemon's view of its only code location."""

    def __init__(self, instance: dg.DagsterInstance, location: SiteLocation) -> None:
        self._instance = instance
        self._entry = CodeLocationEntry(
            origin=location.origin,
            code_location=location,
            load_error=None,
            load_status=CodeLocationLoadStatus.LOADED,
            display_metadata={},
            update_timestamp=0.0,
            version_key="",
            definitions_source=DefinitionsSource.CODE_SERVER,
        )

    @property
    def instance(self) -> dg.DagsterInstance:
        """The instance."""
        return self._instance

    @property
    def version(self) -> str:
        """No version."""
        return ""

    def create_request_context(self, source: object | None = None) -> WorkspaceRequestContext:
        """Return the workspace as it is."""
        workspace = CurrentWorkspace({LOCATION: self._entry})
        return WorkspaceRequestContext(self._instance, workspace, self, None, source, read_only=False)

    def reload_code_location(self, name: str) -> None:
        """Do nothing."""

    def reload_workspace(self) -> None:
        """Do nothing."""

    def refresh_workspace(self) -> None:
        """Do nothing."""
