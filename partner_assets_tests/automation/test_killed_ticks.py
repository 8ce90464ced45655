"""A tick that is killed, or fails, at any step between reading and committing: nothing is lost, and nothing is run twice.

The daemon is Dagster's own, and so are its storages; every one of their calls fails in turn. To test another sensor, give
it a `Spoiler`. Not here: failing requests of the feed and a lake that cannot be read (`test_broken_ticks.py`).
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partner_assets.automation.day_ranges import DayRange
from partner_assets.automation.order_gaps import missing_days
from partner_assets.partitions import order_partitions
from partner_assets_tests.automation.faults import Fault, Killed, Locked, breaking_instance
from partner_assets_tests.automation.sensor_daemon import SensorDaemon
from partner_assets_tests.automation.test_order_changes import statuses, truth
from partner_assets_tests.materialization.site import TODAY, OpenSite

START = date(2026, 3, 1)
DAYS = [START + timedelta(days=number) for number in range(4)]
WAYS: list[tuple[type[BaseException], bool]] = [(Killed, False), (Locked, True), (Killed, True), (Locked, False)]
"""How a call fails: what is raised, and whether what was called for was done."""

CRASH_POINTS = (
    "TICK_CREATED",
    "TICK_HELD",
    "AUTOMATION_EVALUATIONS_ADDED",
    "RUN_IDS_RESERVED",
    "RUN_CREATED",
    "RUN_LAUNCHED",
    "RUN_IDS_ADDED_TO_EVALUATIONS",
)
"""Where Dagster lets its sensor daemon be crashed by its own tests."""

# Dagster's own, when it finds a tick that was interrupted.
pytestmark = pytest.mark.filterwarnings("ignore:The 'warn' method is deprecated:DeprecationWarning")


class Crash(KeyboardInterrupt, Exception):
    """The process is gone: an interrupt is what Dagster writes nothing about, an exception what it lets itself be given."""


class Spoiler:
    """Makes a day need a run, for a sensor that has nothing to do, and tells whether it got it.

    Args:
        daemon: Ticks that sensor alone.
    """

    def __init__(self, daemon: SensorDaemon) -> None:
        self.daemon = daemon
        self.site = daemon.site

    def spoil(self, day: date) -> None:
        """Make a day need a run."""
        raise NotImplementedError

    def is_whole(self) -> bool:
        """Tell whether no day needs a run any more."""
        raise NotImplementedError

    def converge(self) -> list[date]:
        """Let ticks and runs be as they should until no day needs one; return the days that were run."""
        ran = []
        for _ in range(4):
            self.daemon.let_the_interval_pass()
            self.daemon.tick()
            for first, last in self.daemon.work():
                ran += DayRange(date.fromisoformat(first), date.fromisoformat(last)).days
            if self.is_whole():
                return ran
            # Both clocks: in forty rounds, ours alone would run hours ahead of the API's.
            self.site.wait(timedelta(minutes=3))
            self.site.sandbox.control("clock", advance_seconds=180)
        raise AssertionError(f"after {ran}, a day still needs a run")


class ChangedOrders(Spoiler):
    """For `order_changes`: an order changes."""

    def spoil(self, day: date) -> None:
        """Change the only order of a day."""
        self.site.sandbox.control("clock", advance_seconds=60)
        self.site.wait(timedelta(minutes=1))
        [order] = self.site.sandbox.world.order_documents(day, day)
        transaction = order["transaction"]
        assert isinstance(transaction, dict)
        self.site.sandbox.control("orders/change", id=transaction["id"])

    def is_whole(self) -> bool:
        """Compare the lake with the sandbox."""
        return statuses(self.site) == truth(self.site)


class FailedDays(Spoiler):
    """For `order_gaps`: the last run of a day failed."""

    def spoil(self, day: date) -> None:
        """Let a run of a day die."""
        self.daemon.run_unasked(day, dies=True)

    def is_whole(self) -> bool:
        """Look for missing days."""
        return not missing_days(self.site.instance, order_partitions(START), today=TODAY)


SPOILERS: dict[str, type[Spoiler]] = {"order_changes": ChangedOrders, "order_gaps": FailedDays}


@pytest.fixture
def fault() -> Fault:
    """What lets storages fail."""
    return Fault()


@pytest.fixture
def instance(tmp_path: Path, fault: Fault) -> Iterator[dg.DagsterInstance]:
    """An instance that keeps ticks and cursors, and breaks."""
    with breaking_instance(tmp_path, fault) as instance:
        yield instance


@pytest.fixture(params=SPOILERS)
def spoiler(request: pytest.FixtureRequest, open_site: OpenSite) -> Spoiler:
    """A lake of a few days, and the sensor that filled it and has nothing more to do."""
    site = open_site(start=START, orders_per_day=0)
    for day in DAYS:
        site.add_order(f"{day}T06:00:00Z")
    daemon = SensorDaemon(site, request.param)
    assert daemon.settle()
    return SPOILERS[request.param](daemon)


def killed_tick(spoiler: Spoiler, fault: Fault, at: int, error: type[BaseException], *, is_done: bool) -> bool:
    """Tick, and let a call of a storage fail; return whether there was such a call."""
    spoiler.daemon.let_the_interval_pass()
    fault.arm(at, error, is_done=is_done)
    try:
        spoiler.daemon.tick()
    except KeyboardInterrupt:
        assert error is Killed
    return fault.disarm()


def check_every_call(spoiler: Spoiler, fault: Fault, ways: list[tuple[type[BaseException], bool]]) -> None:
    """Let every call of a tick fail in turn, in one way after another, and converge in between."""
    failed, at = set(), 1
    while True:
        day = DAYS[at % len(DAYS)]
        error, is_done = ways[at % len(ways)]
        spoiler.spoil(day)
        has_failed = killed_tick(spoiler, fault, at, error, is_done=is_done)
        assert spoiler.converge() == [day]
        if not has_failed:
            break
        failed.add(fault.calls[at - 1])
        at += 1
    # From the first look at the sensor's state, over its facts and its runs, to the cursor and beyond.
    assert failed >= {
        "Ticks.all_instigator_state",
        "Ticks.create_tick",
        "Runs.get_runs",
        "Runs.add_run",
        "Events.store_event",
        "Ticks.update_tick",
        "Ticks.update_instigator_state",
    }
    assert set(spoiler.daemon.keys().values()) == {1}


@pytest.mark.campaign
@pytest.mark.parametrize("spoiler", ["order_changes"], indirect=True)
def test_a_tick_that_fails_at_any_call_of_dagsters_storages_loses_and_doubles_nothing(
    spoiler: Spoiler, fault: Fault
) -> None:
    """Guards against a change that is forgotten, or read twice, because the machine was switched off at a bad moment."""
    check_every_call(spoiler, fault, WAYS)


@pytest.mark.campaign
@pytest.mark.parametrize("way", WAYS)
def test_a_tick_that_fails_at_any_call_in_any_way_loses_and_doubles_nothing(
    spoiler: Spoiler, fault: Fault, way: tuple[type[BaseException], bool]
) -> None:
    """Guards against the same for every sensor, each call in each way."""
    check_every_call(spoiler, fault, [way])


@pytest.mark.parametrize("crash", [Crash, RuntimeError])
def test_a_tick_that_is_crashed_where_dagster_crashes_its_own_loses_and_doubles_nothing(
    spoiler: Spoiler, crash: type[Exception]
) -> None:
    """Guards against a daemon that dies with runs reserved, created or launched, and does not know of them afterwards."""
    for number, point in enumerate(CRASH_POINTS):
        day = DAYS[number % len(DAYS)]
        spoiler.spoil(day)
        spoiler.daemon.let_the_interval_pass()
        [error] = spoiler.daemon.tick(crash_at=point, crash=crash("the machine was switched off"))
        assert crash.__name__ in error
        assert spoiler.converge() == [day], point
    assert set(spoiler.daemon.keys().values()) == {1}


def test_a_run_that_was_created_and_never_queued_does_not_keep_its_day_from_being_read(spoiler: Spoiler) -> None:
    """Guards against a run that Dagster shows as not started for ever, and that is taken for one under way for ever.

    Dagster takes up a tick that failed once, and gives up one that failed twice.
    """
    spoiler.spoil(START)
    for _ in range(2):
        spoiler.daemon.let_the_interval_pass()
        assert spoiler.daemon.tick(crash_at="RUN_CREATED", crash=RuntimeError("out of memory"))
    never = dg.RunsFilter(statuses=[dg.DagsterRunStatus.NOT_STARTED])
    assert spoiler.site.instance.get_runs_count(never) == 1
    assert spoiler.converge() == [START]


steps = st.tuples(st.integers(1, 40), st.sampled_from(WAYS), st.sets(st.sampled_from(DAYS)))


@pytest.mark.campaign
@given(told=st.lists(steps, min_size=1, max_size=4))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@pytest.mark.parametrize("spoiler", ["order_changes"], indirect=True)
def test_whatever_fails_and_changes_in_between_all_arrives_and_no_day_is_run_for_nothing(
    spoiler: Spoiler, fault: Fault, told: list[tuple[int, tuple[type[BaseException], bool], set[date]]]
) -> None:
    """Guards against what nobody thought of: several ticks that fail one after the other, with changes between them."""
    for at, (error, is_done), days in told:
        for day in days:
            spoiler.spoil(day)
        killed_tick(spoiler, fault, at, error, is_done=is_done)
    changes = Counter(day for _, _, days in told for day in days)
    assert Counter(spoiler.converge()) <= changes
    assert set(spoiler.daemon.keys().values()) <= {1}
