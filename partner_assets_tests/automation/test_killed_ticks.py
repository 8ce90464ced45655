"""A tick that is killed, or fails, at any step between reading and committing: nothing is lost, and nothing is run twice.

The daemon is Dagster's own, and so are its storages; every one of their calls fails in turn. To test another sensor, give
it a `Spoiler`. Not here: failing requests of the feed and a lake that cannot be read (`test_broken_ticks.py`).
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
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
from partner_assets_tests.materialization.site import TODAY, OpenSite, shrink_catalogue

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

    def prepare(self) -> None:
        """Make the site one that this is quick for."""

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


class RenamedAccreditations(Spoiler):
    """For `catalogue_changes`: an accreditation gets another name. Each of the days stands for one of them."""

    _spoilt: str
    _at: datetime
    _number = 0

    def prepare(self) -> None:
        """Leave one accreditation for each day, and one price list."""
        shrink_catalogue(self.site.sandbox, accreditations=len(DAYS), price_lists=1)

    def spoil(self, day: date) -> None:
        """Rename an accreditation, and let it be read: its products and its prices are older than it then."""
        self.site.sandbox.control("clock", advance_seconds=60)
        self.site.wait(timedelta(minutes=1))
        self._number, self._at = self._number + 1, self.site.partner.now()
        self._spoilt = self._all("accreditations")[DAYS.index(day)]
        fields = {"name": f"Name {self._number}"}
        self.site.sandbox.control("accreditations/change", id=self._spoilt, fields=fields)
        self.site.run_roots()

    def is_whole(self) -> bool:
        """Look for something that was read before the accreditation was renamed."""
        prices = [key for key in self._all("accreditation_price_lists") if key.startswith(self._spoilt)]
        hanging = [("products", self._spoilt), *(("product_prices", key) for key in prices), ("package_contents", None)]
        return all(self._read_at(asset, key) > self._at for asset, key in hanging)

    def _all(self, partition_set: str) -> list[str]:
        return list(self.site.instance.get_dynamic_partitions(partition_set))

    def _read_at(self, asset: str, key: str | None) -> datetime:
        of = dg.AssetRecordsFilter(dg.AssetKey(asset), asset_partitions=[key] if key else None)
        [record] = self.site.instance.fetch_materializations(of, limit=1).records
        assert record.asset_materialization is not None
        return datetime.fromtimestamp(float(str(record.asset_materialization.metadata["as_of"].value)), UTC)

    def converge(self) -> list[date]:
        """Let ticks and runs be; return the day if its accreditation was read once, with all that hangs on it."""
        ran = Counter[str]()
        for _ in range(8):
            self.daemon.let_the_interval_pass()
            self.daemon.tick()
            ran.update(first for first, _ in self.daemon.work())
            self.site.wait(timedelta(minutes=3))
            self.site.sandbox.control("clock", advance_seconds=180)
        assert self.is_whole()
        prices = [key for key in self._all("accreditation_price_lists") if key.startswith(self._spoilt)]
        assert ran == Counter([self._spoilt, *prices, ""]), "packages are the run without a partition"
        return [DAYS[self._all("accreditations").index(self._spoilt)]]


SPOILERS: dict[str, type[Spoiler]] = {
    "order_changes": ChangedOrders,
    "order_gaps": FailedDays,
    "catalogue_changes": RenamedAccreditations,
}


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
    spoiler = SPOILERS[request.param](SensorDaemon(site, request.param))
    spoiler.prepare()
    assert spoiler.daemon.settle()
    return spoiler


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
