"""How many runs may ask the API at once: what `dagster.yaml` says, as Dagster understands it.

Not here: the quota itself, which the client keeps (`api/test_pacing.py`).
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.execution.plan.instance_concurrency_context import InstanceConcurrencyContext
from dagster._core.op_concurrency_limits_counter import GlobalOpConcurrencyLimitsCounter
from dagster._core.run_coordinator.queued_run_coordinator import RunQueueConfig

from partner_assets.automation.jobs import CATALOGUE_ROOTS, ORDERS, VIEWS
from partner_assets.build import build_defs
from partner_assets.materialization.specs import API_POOL
from partner_assets_tests.materialization.site import NOW

CONFIG = Path(__file__).parents[2] / "dagster.yaml"
DEFINITIONS = build_defs(orders_start=NOW.date().replace(day=1))
DAY = {"dagster/partition": NOW.date().isoformat()}


@pytest.fixture
def configured(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance on disk with the project's configuration."""
    shutil.copy(CONFIG, tmp_path / "dagster.yaml")
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        yield instance


def queue_of(instance: dg.DagsterInstance) -> RunQueueConfig:
    """Return how an instance's queue is configured."""
    config = instance.get_concurrency_config().run_queue_config
    assert config is not None
    return config


def made_run(instance: dg.DagsterInstance, job: str, *, is_under_way: bool = True) -> dg.DagsterRun:
    """Return a run of a job, as the queue finds it: under way, or yet to be started."""
    status = dg.DagsterRunStatus.STARTED if is_under_way else dg.DagsterRunStatus.NOT_STARTED
    tags = DAY if job == ORDERS else {}
    return instance.create_run_for_job(DEFINITIONS.resolve_job_def(job), status=status, tags=tags)


def is_blocked(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Ask Dagster's queue whether a run has to wait for its pools."""
    config = instance.get_concurrency_config()
    under_way = instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    for _ in range(2):  # a pool that it meets for the first time, it does not count before the next round
        counter = GlobalOpConcurrencyLimitsCounter(
            instance,
            [run],
            under_way,
            instance.event_log_storage.get_concurrency_keys(),
            instance.event_log_storage.get_pool_limits(),
            pool_granularity=config.pool_config.pool_granularity,
        )
    return counter.is_blocked(run)


def test_every_asset_that_asks_the_api_is_in_the_pool_and_no_other() -> None:
    """Guards against a new endpoint whose runs nobody counts, and views that wait behind the requests of others."""
    assets = DEFINITIONS.resolve_asset_graph().assets_defs
    asking = {key.to_user_string() for asset in assets for key in asset.keys if "api" in asset.specs_by_key[key].kinds}
    pooled = {key.to_user_string() for asset in assets for key in asset.keys if asset.op.pool == API_POOL}
    assert asking == pooled
    assert "order_documents" in pooled
    assert "orders" not in pooled


def test_one_place_of_the_queue_is_left_for_what_asks_nothing(configured: dg.DagsterInstance) -> None:
    """Guards against a queue whose places are all taken by runs that wait for the quota."""
    pools = configured.get_concurrency_config().pool_config
    assert pools.default_pool_limit is not None
    assert queue_of(configured).max_concurrent_runs == pools.default_pool_limit + 1 == 4


def test_a_fourth_run_that_asks_the_api_waits_and_the_views_do_not(configured: dg.DagsterInstance) -> None:
    """Guards against a pool that Dagster does not apply: a wrong name, a wrong granularity, an option that it ignores."""
    fourth = made_run(configured, ORDERS, is_under_way=False)
    views = made_run(configured, VIEWS, is_under_way=False)
    for job in (ORDERS, CATALOGUE_ROOTS):
        made_run(configured, job)
    assert not is_blocked(configured, fourth)
    made_run(configured, ORDERS)
    assert is_blocked(configured, fourth)
    assert not is_blocked(configured, views)


def test_a_step_of_a_run_under_way_waits_for_no_place_in_the_pool(configured: dg.DagsterInstance) -> None:
    """Guards against a run from the shell that hangs because the pool is full, or was never emptied after a crash."""
    configured.event_log_storage.set_concurrency_slots(API_POOL, 0)
    with InstanceConcurrencyContext(configured, made_run(configured, ORDERS)) as context:
        assert context.claim(API_POOL, "order_documents")
