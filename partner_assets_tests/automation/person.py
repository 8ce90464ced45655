"""Somebody who asks for backfills in Dagster's UI, and the part of its daemon that makes runs of them.

What a backfill becomes is Dagster's code, on the instance of the test. Ours is the code location, which would be another
process. Not here: the daemon that ticks sensors (`sensor_daemon.py`).
"""

import logging
from collections.abc import Sequence
from datetime import date
from typing import Any

import dagster as dg
from dagster._core.definitions.reconstruct import ReconstructableRepository
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill
from dagster._core.remote_origin import RemoteJobOrigin
from dagster._core.remote_representation.external import RemoteRepository
from dagster._daemon.backfill import execute_backfill_iteration
from dagster._grpc.impl import get_partition_set_execution_param_data
from dagster._time import get_current_timestamp

from partner_assets.automation.day_ranges import RANGE_START, DayRange
from partner_assets.automation.jobs import ORDERS
from partner_assets_tests.automation.site_location import LOCATION, SiteLocation, Workspace
from partner_assets_tests.materialization.site import Site

ALL = ("order_documents", "orders", "order_lines", "order_charges")
BACKFILL = "a-backfill"


class Location(SiteLocation):
    """The code location, with the answers that the backfill daemon wants of it."""

    def __init__(self, site: Site) -> None:
        super().__init__(site, ())
        # A backfill of assets becomes runs of a job without a name; all that a test executes are runs of days.
        self.unchecked: Any = _Days(self.unchecked)

    def get_partition_set_execution_params(
        self, repository_handle: object, partition_set_name: str, partition_names: Sequence[str], instance: object
    ) -> Any:
        """Return the tags of the runs of some partitions."""
        return get_partition_set_execution_param_data(self._repository, partition_set_name, partition_names)

    def _get_repo_def(self, name: str) -> dg.RepositoryDefinition:
        return self._repository

    def _get_reconstructable_repository(self, repository_name: str) -> ReconstructableRepository:
        return ReconstructableRepository.for_module("partner_assets.definitions", "defs")


class _Days:
    """Definitions of which only the job of days is ever wanted."""

    def __init__(self, definitions: Any) -> None:
        self._definitions = definitions

    def resolve_job_def(self, name: str) -> dg.JobDefinition:
        """Return the job."""
        job: dg.JobDefinition = self._definitions.resolve_job_def(ORDERS)
        return job


class Person:
    """Somebody who asks for backfills in the UI, and the part of Dagster's daemon that makes runs of them.

    Args:
        site: Where.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self._location = Location(site)
        self._workspace = Workspace(site.instance, self._location)

    def asks(self, first: date, last: date, *, of: str = "assets", tags: dict[str, str] | None = None) -> None:
        """Ask for days: on the page of the assets, of one asset, or of the job."""
        days = [day.isoformat() for day in DayRange(first, last).days]
        if of == "job":
            self.site.instance.add_backfill(self._of_job(days, tags or {}))
            return
        backfill = PartitionBackfill.from_asset_partitions(
            backfill_id=BACKFILL,
            asset_graph=self.site.definitions.resolve_asset_graph(),
            partition_names=days,
            asset_selection=[dg.AssetKey(name) for name in (ALL if of == "assets" else (of,))],
            backfill_timestamp=get_current_timestamp(),
            tags=tags or {},
            dynamic_partitions_store=self.site.instance,
            all_partitions=False,
            title=None,
            description=None,
            run_config=None,
        )
        self.site.instance.add_backfill(backfill)

    @property
    def origin(self) -> RemoteJobOrigin:
        """Where Dagster's daemon finds the job of days."""
        return self._repository.get_full_job(ORDERS).get_remote_origin()

    @property
    def _repository(self) -> RemoteRepository:
        location = self._workspace.create_request_context().get_code_location(LOCATION)
        [repository] = location.get_repositories().values()
        return repository

    def _of_job(self, days: Sequence[str], tags: dict[str, str]) -> PartitionBackfill:
        [partition_set] = [one for one in self._repository.get_partition_sets() if one.job_name == ORDERS]
        return PartitionBackfill(
            backfill_id=BACKFILL,
            status=BulkActionStatus.REQUESTED,
            from_failure=False,
            tags=tags,
            backfill_timestamp=get_current_timestamp(),
            partition_set_origin=partition_set.get_remote_origin(),
            partition_names=days,
        )

    def cancels(self) -> None:
        """Cancel the backfill."""
        backfill: Any = self.site.instance.get_backfill(BACKFILL)
        self.site.instance.update_backfill(backfill.with_status(BulkActionStatus.CANCELING))

    def daemon(self) -> BulkActionStatus:
        """Let Dagster's daemon go on with the backfill; return what it says of it."""
        errors = [one for one in execute_backfill_iteration(self._workspace, logging.getLogger("backfill")) if one]
        assert errors == []
        backfill = self.site.instance.get_backfill(BACKFILL)
        assert backfill is not None
        return backfill.status

    def queue(self) -> list[dg.DagsterRun]:
        """Return the runs that wait, the one with the oldest days first."""
        waiting = self.site.instance.get_runs(filters=dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED]))
        return sorted(waiting, key=lambda run: run.tags[RANGE_START])

    def works(self, runs: Sequence[dg.DagsterRun]) -> None:
        """Execute runs that wait."""
        for run in runs:
            self.site.instance.launch_run(run.run_id, self._workspace.create_request_context())
            done = self.site.instance.get_run_by_id(run.run_id)
            assert done is not None
            assert done.status == dg.DagsterRunStatus.SUCCESS
