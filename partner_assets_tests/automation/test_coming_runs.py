"""Runs that nobody has queued yet: the other sensor must not ask for their days in the seconds between.

Not here: ticks that are killed (`test_killed_ticks.py`), and backfills (`test_backfills_beside.py`).
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.scheduler.instigation import TickStatus
from dagster._core.storage.tags import AUTO_RETRY_RUN_ID_TAG, SENSOR_NAME_TAG, TICK_ID_TAG, WILL_RETRY_TAG

from partner_assets.automation.catalogue_facts import catalogue_facts
from partner_assets.automation.coming_runs import QUEUED_WITHIN, coming_runs
from partner_assets.automation.day_facts import running_days
from partner_assets.automation.day_ranges import DayRange
from partner_assets.automation.jobs import CATALOGUE_ROOTS, ORDERS
from partner_assets.automation.sensor_states import sensor_state
from partner_assets_tests.automation.person import Person
from partner_assets_tests.automation.sensor_daemon import SensorDaemon, lasting_instance
from partner_assets_tests.materialization.site import TODAY, OpenSite, Site

START = date(2026, 3, 4)


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance that keeps ticks."""
    with lasting_instance(tmp_path / "dagster") as instance:
        yield instance


def last_tick(site: Site, sensor: str) -> Any:
    """Return a sensor's newest tick."""
    state = sensor_state(site.instance, sensor)
    assert state is not None
    [tick] = site.instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=1)
    return tick


def failed(site: Site, tags: Mapping[str, str], *, by_daemon: bool = True) -> None:
    """Let a run of today have failed just now."""
    origin = Person(site).origin if by_daemon else None
    site.instance.create_run_for_job(
        site.definitions.resolve_job_def(ORDERS),
        tags={**DayRange(TODAY, TODAY).tags, **tags},
        status=dg.DagsterRunStatus.FAILURE,
        remote_job_origin=origin,
    )


def test_days_of_a_run_are_on_their_way_while_the_tick_goes_on_that_makes_it(open_site: OpenSite) -> None:
    """Guards against double work by the other sensor, in the seconds between a run's making and its queueing."""
    site = open_site(start=START, orders_per_day=0)
    site.run_days(START, TODAY)
    SensorDaemon(site, "order_gaps").tick()
    tick = last_tick(site, "order_gaps")
    site.instance.create_run_for_job(
        site.definitions.resolve_job_def(ORDERS),
        tags={**DayRange(TODAY, TODAY).tags, SENSOR_NAME_TAG: "order_gaps", TICK_ID_TAG: str(tick.tick_id)},
        status=dg.DagsterRunStatus.NOT_STARTED,
    )
    assert running_days(site.instance) == set()
    site.instance.update_tick(tick.with_status(TickStatus.STARTED, skip_reason=None))
    assert running_days(site.instance) == {TODAY}
    site.instance.update_tick(tick.with_status(TickStatus.SUCCESS, skip_reason=None))
    assert running_days(site.instance) == set()


def test_days_of_a_run_that_a_person_has_just_made_are_on_their_way_and_not_for_ever(open_site: OpenSite) -> None:
    """Guards against a night's run of many days that a sensor asks for too: announced day by day, it was not yet queued."""
    site = open_site(start=START, orders_per_day=0)
    made = site.instance.create_run_for_job(
        site.definitions.resolve_job_def(ORDERS),
        tags=DayRange(START, TODAY).tags,
        status=dg.DagsterRunStatus.NOT_STARTED,
    )
    assert running_days(site.instance) == {START, TODAY}
    daemon = SensorDaemon(site, "order_gaps")
    assert (daemon.tick(), daemon.queued()) == ([], [])
    now = datetime.now(UTC)
    assert coming_runs(site.instance, now=now) == [made]
    assert coming_runs(site.instance, now=now + QUEUED_WITHIN) == []


def test_parts_of_a_run_that_a_person_has_just_made_are_on_their_way(open_site: OpenSite) -> None:
    """Guards against thousands of prices that a person and the sensor both ask for, because they did so in the same second."""
    site = open_site(orders_per_day=0)
    job = site.definitions.resolve_job_def(CATALOGUE_ROOTS)
    site.instance.create_run_for_job(job, status=dg.DagsterRunStatus.NOT_STARTED)
    running = catalogue_facts(site.instance, site.partner.lake).running
    assert {name for name, keys in running.items() if keys} == {CATALOGUE_ROOTS}


def test_days_of_a_run_that_dagster_will_try_again_are_on_their_way(open_site: OpenSite) -> None:
    """Guards against a sensor and Dagster's own retry that both take up what a crashed worker left."""
    site = open_site(orders_per_day=0)
    failed(site, {WILL_RETRY_TAG: "true"})
    assert running_days(site.instance) == {TODAY}


@pytest.mark.parametrize(
    "tags",
    [{}, {WILL_RETRY_TAG: "false"}, {WILL_RETRY_TAG: "true", AUTO_RETRY_RUN_ID_TAG: "another"}],
    ids=["not promised", "given up", "already made"],
)
def test_days_of_a_run_that_nobody_will_try_again_are_free(open_site: OpenSite, tags: dict[str, str]) -> None:
    """Guards against a failed day that no sensor asks for again."""
    site = open_site(orders_per_day=0)
    failed(site, tags)
    assert running_days(site.instance) == set()


def test_days_of_a_command_that_was_stopped_are_free(open_site: OpenSite) -> None:
    """Guards against Dagster's promise to try again what it cannot: a run of the shell is nobody's but the shell's."""
    site = open_site(orders_per_day=0)
    failed(site, {WILL_RETRY_TAG: "true"}, by_daemon=False)
    assert running_days(site.instance) == set()
