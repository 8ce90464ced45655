"""The sensor for the catalogue against a sandbox, tick by tick, with the runs that it asks for run in between.

Not here: its decisions alone (`test_catalogue_state.py`), and a real daemon (`soak/`).
"""

from collections.abc import Sequence
from datetime import timedelta

import dagster as dg
import pytest

from partner_assets.automation.catalogue_changes import NAME
from partner_assets.automation.day_ranges import RANGE_END, RANGE_START
from partner_assets.automation.wanted import PARK_AFTER, PARKED_PAUSE
from partner_assets_tests.materialization.site import OpenSite, Site, shrink_catalogue, succeeded

ROOTS, PRODUCTS, PRICES, PACKAGES = "catalogue_roots", "products_by_accreditation", "prices_by_price_list", "packages"
ROBOTICS = "PRTF034"
NEW_ACCREDITATION = {"id": "PRTF900", "name": "New", "accreditationType": "R"}
NEW_LIST = {"id": 99, "name": "New", "currency": "CHF", "hasFuturePriceList": False, "effectiveDate": None}


class Daemon:
    """Ticks the sensor by hand, and does with what it returns as Dagster's daemon does.

    Args:
        site: Where it works.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.cursor: str | None = None
        self.message = ""

    def tick(self) -> list[dg.RunRequest]:
        """Evaluate the sensor once, a minute after the last."""
        self.site.wait(timedelta(minutes=1))
        repository = self.site.definitions.get_repository_def()
        with dg.build_sensor_context(
            instance=self.site.instance,
            cursor=self.cursor,
            repository_def=repository,
            resources={"partner": self.site.partner},
        ) as context:
            result = repository.get_sensor_def(NAME).evaluate_tick(context)
        for request in result.dynamic_partitions_requests or ():
            if isinstance(request, dg.AddDynamicPartitionsRequest):
                self.site.instance.add_dynamic_partitions(request.partitions_def_name, request.partition_keys)
            else:
                for key in request.partition_keys:
                    self.site.instance.delete_dynamic_partition(request.partitions_def_name, key)
        self.cursor = result.cursor
        self.message = result.skip_message or ""
        return list(result.run_requests or ())

    def run(self, requests: Sequence[dg.RunRequest]) -> list[bool]:
        """Run what was asked for; return which runs succeeded."""
        return [self._run(request) for request in requests]

    def _run(self, request: dg.RunRequest) -> bool:
        assert request.job_name is not None
        tags = request.tags
        span = (tags[RANGE_START], tags[RANGE_END]) if RANGE_START in tags else None
        return self.site.run(request.job_name, span=span).success

    def settle(self) -> list[tuple[str, int]]:
        """Tick and run until nothing more is asked for; return job and number of partitions of every run."""
        done: list[tuple[str, int]] = []
        for _ in range(10):
            requests = self.tick()
            if not requests:
                return done
            done += [(str(request.job_name), len(self.keys(request))) for request in requests]
            assert all(self.run(requests))
        raise AssertionError("it asks for ever")

    def keys(self, request: dg.RunRequest) -> list[str]:
        """Return the partitions that a request names."""
        if RANGE_START not in request.tags:
            return ["all"]
        name = "accreditations" if request.job_name == PRODUCTS else "accreditation_price_lists"
        keys = list(self.site.instance.get_dynamic_partitions(name))
        return keys[keys.index(request.tags[RANGE_START]) : keys.index(request.tags[RANGE_END]) + 1]


def counts(site: Site) -> tuple[int, int]:
    """Return how many partitions products and prices have."""
    products, prices = (
        site.instance.get_dynamic_partitions(one) for one in ("accreditations", "accreditation_price_lists")
    )
    return len(products), len(prices)


@pytest.fixture
def filled(open_site: OpenSite) -> Daemon:
    """A small catalogue that the sensor has filled from nothing."""
    site = open_site(orders_per_day=0)
    shrink_catalogue(site.sandbox, accreditations=4, price_lists=3, keep=(ROBOTICS, 17))
    daemon = Daemon(site)
    daemon.settle()
    return daemon


def test_an_empty_lake_fills_itself_with_one_run_a_job(open_site: OpenSite) -> None:
    """Guards against thousands of runs for thousands of prices, and against a catalogue that waits for somebody."""
    site = open_site(orders_per_day=0)
    daemon = Daemon(site)
    done = daemon.settle()
    products, prices = counts(site)
    assert sorted(done) == sorted([(ROOTS, 1), (PRODUCTS, products), (PRICES, prices), (PACKAGES, 1)])
    assert done[0] == (ROOTS, 1)
    assert done[-1] == (PACKAGES, 1)
    assert site.current("product_prices") and site.current("package_contents")


def test_a_tick_over_a_fresh_catalogue_asks_nobody_for_anything(filled: Daemon) -> None:
    """Guards against a sensor that spends the quota, or reads the catalogue again and again."""
    filled.site.forget_requests()
    assert filled.tick() == []
    assert filled.site.asked() == 0
    assert filled.message == "No partition is new or gone: nothing to ask for."


def test_a_lost_cursor_asks_for_nothing_that_is_fresh(filled: Daemon) -> None:
    """Guards against a whole catalogue that is read again because somebody reset a sensor."""
    filled.cursor = None
    assert filled.tick() == []


def test_a_tick_amid_the_run_that_finds_something_withdrawn_leaves_its_partition(filled: Daemon) -> None:
    """Guards against rows that stay current for ever, because nobody can be asked to close them any more.

    The run has published, and is at its checks: the lake knows already, and nothing is wanted yet.
    """
    site = filled.site
    site.sandbox.control("accreditations/remove", id=ROBOTICS)
    site.run_roots()
    job = site.definitions.resolve_job_def(ROOTS)
    run = site.instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    assert filled.tick() == []
    assert ROBOTICS in site.instance.get_dynamic_partitions("accreditations")
    site.instance.report_run_failed(run)
    filled.settle()
    assert ROBOTICS not in site.instance.get_dynamic_partitions("accreditations")
    assert site.current("products", accreditation_id=ROBOTICS) == []
    assert site.current("product_prices", accreditation_id=ROBOTICS) == []


def test_something_new_to_sell_costs_its_own_partitions_only(filled: Daemon) -> None:
    """Guards against a catalogue that is read whole for one new accreditation, or not at all."""
    site = filled.site
    products, prices = counts(site)
    lists = prices // products
    site.sandbox.control("accreditations/add", record=NEW_ACCREDITATION)
    site.run_roots()
    assert filled.settle() == [(PRODUCTS, 1), (PRICES, lists), (PACKAGES, 1)]
    site.sandbox.control("price-lists/add", record=NEW_LIST, countries=["CHE"])
    site.run_roots()
    assert filled.settle() == [(PRICES, products + 1)]
    assert {row["accreditation_id"] for row in site.current("product_prices", price_list_id=99)} >= {ROBOTICS}


def test_a_future_price_list_is_read_as_soon_as_it_is_announced(filled: Daemon) -> None:
    """Guards against prices of next quarter that nobody has until next quarter."""
    site = filled.site
    [plain, *_] = [row for row in site.current("price_lists") if not row["has_future_price_list"]]
    number = plain["price_list_id"]
    assert not site.current("product_prices", price_list_id=number, price_list_status="F")
    site.sandbox.control("price-lists/change", id=number, fields={"hasFuturePriceList": True})
    site.run_roots()
    products, _ = counts(site)
    done = filled.settle()
    assert sum(count for job, count in done if job == PRICES) == products
    assert {job for job, _ in done} == {PRICES}
    assert site.current("product_prices", price_list_id=number, price_list_status="F")


def test_the_daily_read_of_the_roots_is_followed_by_everything(filled: Daemon) -> None:
    """Guards against prices that changed without notice, and stay as they were for ever."""
    site = filled.site
    site.wait(timedelta(hours=24))
    site.run_roots()
    products, prices = counts(site)
    assert sorted(filled.settle()) == sorted([(PRODUCTS, products), (PRICES, prices), (PACKAGES, 1)])


def test_roots_that_nobody_read_for_a_day_are_asked_for(filled: Daemon) -> None:
    """Guards against a schedule that slept, and a catalogue that sleeps until the next night."""
    filled.site.wait(timedelta(hours=26))
    [request] = filled.tick()
    assert request.job_name == ROOTS


def test_what_is_withdrawn_is_closed_first_and_then_no_partition_any_more(filled: Daemon) -> None:
    """Guards against rows on sale for ever, and against partitions that nobody can fill any more."""
    site = filled.site
    products, prices = counts(site)
    lists = prices // products
    before = site.rows("product_prices", accreditation_id=ROBOTICS)
    assert before
    site.sandbox.control("accreditations/remove", id=ROBOTICS)
    site.run_roots()
    requests = filled.tick()
    assert counts(site) == (products, prices)
    assert sorted((request.job_name, len(filled.keys(request))) for request in requests) == [
        (PRICES, lists),
        (PRODUCTS, 1),
    ]
    assert all(filled.run(requests))
    assert filled.settle() == [(PACKAGES, 1)]
    assert counts(site) == (products - 1, prices - lists)
    assert site.current("product_prices", accreditation_id=ROBOTICS) == []
    assert len(site.rows("product_prices", accreditation_id=ROBOTICS)) == len(before)


def test_an_accreditation_that_comes_back_is_filled_again(filled: Daemon) -> None:
    """Guards against a partition that counts as read because it once was, before it was removed."""
    site = filled.site
    [record] = [each for each in site.sandbox.world.accreditations() if each["id"] == ROBOTICS]
    known = counts(site)
    site.sandbox.control("accreditations/remove", id=ROBOTICS)
    site.run_roots()
    filled.settle()
    site.sandbox.control("accreditations/add", record=record)
    site.run_roots()
    filled.settle()
    assert counts(site) == known
    assert site.current("product_prices", accreditation_id=ROBOTICS)
    assert site.current("products", accreditation_id=ROBOTICS)


def test_a_partition_that_failed_is_asked_for_alone_after_a_pause(filled: Daemon) -> None:
    """Guards against a day without prices after one bad minute, and against reading all others again with it."""
    site = filled.site
    site.sandbox.control("accreditations/add", record=NEW_ACCREDITATION)
    site.run_roots()
    requests = filled.tick()
    site.sandbox.control("accreditations/remove", id="PRTF900")
    # The API refuses what the lake still believes in.
    assert not any(filled.run(requests))
    site.sandbox.control("accreditations/add", record=NEW_ACCREDITATION)
    assert filled.tick() == []
    assert "under way or waiting" in filled.message
    site.wait(timedelta(minutes=3))
    again = filled.tick()
    assert {key for request in again for key in filled.keys(request)} <= {
        key for request in requests for key in filled.keys(request)
    }
    assert all(filled.run(again))


def test_what_fails_for_ever_is_parked_and_asked_for_once_a_day(filled: Daemon) -> None:
    """Guards against thousands of runs in vain, and against giving up."""
    site = filled.site
    site.sandbox.control("accreditations/add", record=NEW_ACCREDITATION)
    site.run_roots()
    site.sandbox.control("accreditations/remove", id="PRTF900")
    runs = 0
    for _ in range(40):
        requests = [request for request in filled.tick() if request.job_name == PRODUCTS]
        assert filled.run(requests) == [False] * len(requests)
        runs += len(requests)
        site.wait(timedelta(minutes=10))
    assert runs == PARK_AFTER
    assert "PRTF900" in filled.message
    assert "parked" in filled.message
    known = counts(site)
    site.wait(PARKED_PAUSE)
    # By then, the daily read of the roots has learned that it is gone.
    filled.settle()
    assert counts(site)[0] == known[0] - 1
    assert "parked" not in filled.message


def test_an_empty_lake_of_known_partitions_removes_none(open_site: OpenSite) -> None:
    """Guards against all partitions being removed because files were moved away."""
    site = open_site(orders_per_day=0)
    site.instance.add_dynamic_partitions("accreditations", ["PRTF001", "PRTF002"])
    daemon = Daemon(site)
    daemon.tick()
    assert list(site.instance.get_dynamic_partitions("accreditations")) == ["PRTF001", "PRTF002"]


def test_partitions_that_a_crash_kept_from_dagster_are_added(filled: Daemon) -> None:
    """Guards against an accreditation in the lake that nobody asks the products of, since its run died too soon."""
    site = filled.site
    site.instance.delete_dynamic_partition("accreditations", ROBOTICS)
    known = counts(site)
    filled.tick()
    assert counts(site) == (known[0] + 1, known[1])


def test_a_run_of_an_operator_is_not_asked_for_a_second_time(filled: Daemon) -> None:
    """Guards against double work beside the command line and the UI."""
    site = filled.site
    site.sandbox.control("accreditations/add", record=NEW_ACCREDITATION)
    site.run_roots()
    succeeded(site.run(PRODUCTS, key="PRTF900"))
    assert {request.job_name for request in filled.tick()} == {PRICES, PACKAGES}
