"""Partitions that keep failing, as the operator sees them: the check `no_partitions_parked`, through Dagster's own daemon.

Not here: when a partition is parked (`test_catalogue_changes.py`).
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from partner_assets.automation.catalogue_state import CatalogueState
from partner_assets.automation.wanted import PARK_AFTER, PARKED_PAUSE
from partner_assets.sandbox.keys import hash_of
from partner_assets_tests.api.scripted_server import Reply, Request, failed
from partner_assets_tests.automation.front import in_front_of
from partner_assets_tests.automation.sensor_daemon import SensorDaemon, lasting_instance
from partner_assets_tests.checks.damage import shown
from partner_assets_tests.materialization.site import KEY, OpenSite, Site, shrink_catalogue

SENSOR = "catalogue_changes"
NEW = "PRTF900"
RECORD = {"id": NEW, "name": "New", "accreditationType": "R"}


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance that keeps ticks and cursors."""
    with lasting_instance(tmp_path) as instance:
        yield instance


def seen(site: Site, asset: str) -> Any:
    """Return what the check's tab of an asset shows."""
    key = dg.AssetCheckKey(dg.AssetKey(asset), "no_partitions_parked")
    return site.instance.event_log_storage.get_latest_asset_check_execution_by_key([key])[key].evaluation


def told(site: Site) -> int:
    """Return how many evaluations and plans of the products' check there are."""
    key = dg.AssetCheckKey(dg.AssetKey("products"), "no_partitions_parked")
    return len(site.instance.event_log_storage.get_asset_check_execution_history(key, limit=100))


def test_a_partition_that_keeps_failing_is_shown_with_its_reason_until_it_is_gone(open_site: OpenSite) -> None:
    """Guards against products that nobody can read and nobody hears of, a mark that stays, and one told every minute."""
    site = open_site(with_checks=True, orders_per_day=0)
    shrink_catalogue(site.sandbox, accreditations=3, price_lists=1)
    daemon = SensorDaemon(site, SENSOR)
    daemon.settle()
    site.run_roots()
    assert (seen(site, "accreditations").passed, told(site)) == (True, 0)
    # The lake knows an accreditation of which the API knows no more, as between two reads of the roots.
    site.sandbox.control("accreditations/add", record=RECORD)
    site.run_roots()
    site.sandbox.control("accreditations/remove", id=NEW)
    for _ in range(30):
        daemon.let_the_interval_pass()
        assert daemon.tick() == []
        daemon.work()
        site.wait(timedelta(minutes=10))
    evaluation = seen(site, "products")
    assert (evaluation.passed, evaluation.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert evaluation.description.startswith(f"1 partition keeps failing and is tried but once a day: {NEW}. ")
    [row] = shown(evaluation)
    assert (row["partition"], row["tries"]) == (NEW, str(PARK_AFTER))
    assert NEW in row["reason"]
    assert seen(site, "accreditations").passed
    before = told(site)
    for _ in range(3):
        daemon.let_the_interval_pass()
        assert daemon.tick() == []
    assert told(site) == before
    site.wait(PARKED_PAUSE)
    site.sandbox.control("clock", advance_seconds=86_400)
    daemon.settle()
    assert NEW not in site.instance.get_dynamic_partitions("accreditations")
    assert seen(site, "products").passed


def test_roots_that_cannot_be_read_are_shown_and_freed_by_the_run_that_reads_them(open_site: OpenSite) -> None:
    """Guards against accreditations that are months old and look well, and a run that says they are parked still."""
    site = open_site(with_checks=True, orders_per_day=0)
    shrink_catalogue(site.sandbox, accreditations=3, price_lists=1)
    daemon = SensorDaemon(site, SENSOR)
    site.sandbox.control("keys/revoke", hashed_key=hash_of(KEY))
    for _ in range(PARK_AFTER + 1):
        daemon.let_the_interval_pass()
        assert daemon.tick() == []
        daemon.work()
        site.wait(timedelta(hours=2))
    assert not seen(site, "accreditations").passed
    assert shown(seen(site, "accreditations"))[0]["partition"] == "catalogue_roots"
    site.sandbox.control("keys/install", hashed_key=hash_of(KEY))
    site.run_roots()
    assert seen(site, "accreditations").passed


def test_a_cursor_that_was_reset_asks_anew(open_site: OpenSite) -> None:
    """Guards against a reset, which errors advise, after which Dagster drops every request as one that it knows."""
    site = open_site(orders_per_day=0)
    shrink_catalogue(site.sandbox, accreditations=2, price_lists=1)
    daemon = SensorDaemon(site, SENSOR)
    is_broken = True

    def before(request: Request) -> Reply | None:
        return failed(400, "invalidRequest", "Bad Request") if is_broken and "products/search" in request.path else None

    def hours(count: int) -> None:
        for _ in range(count):
            daemon.let_the_interval_pass()
            assert daemon.tick() == []
            daemon.work()
            site.wait(timedelta(hours=1))

    with in_front_of(site, before):
        hours(PARK_AFTER + 2)
        assert CatalogueState.from_json(daemon.cursor(SENSOR)).parked["products_by_accreditation"]
        is_broken = False
        daemon.remember(SENSOR, "")
        hours(2)
    assert site.rows("products")
