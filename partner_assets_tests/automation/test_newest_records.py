"""The newest materialisations of many partitions at once: which they are, and how often the database is asked for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import dagster as dg
from sqlalchemy import Engine, event

from partner_assets.automation.change_feed import DirtyDay, FeedState
from partner_assets.automation.day_facts import facts_of
from partner_assets.automation.newest_records import AT_ONCE, newest_records
from partner_assets_tests.automation.test_order_changes import Daemon
from partner_assets_tests.materialization.site import NOW, TODAY, OpenSite

ASSET = dg.AssetKey("order_documents")


@contextmanager
def statements() -> Iterator[list[str]]:
    """Note every statement that any database is given."""
    noted: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        noted.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield noted
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def last_days(count: int) -> list[date]:
    """Return the last days, the newest first."""
    return [TODAY - timedelta(days=number) for number in range(count)]


def report(instance: dg.DagsterInstance, partition: str, number: int = 0, asset: str = "order_documents") -> None:
    """Record a materialisation, as of as many seconds after noon as its number says."""
    moment = dg.MetadataValue.timestamp(NOW + timedelta(seconds=number))
    facts: dict[str, Any] = {"number": number, "as_of": moment, "drifted": 0}
    instance.report_runless_asset_event(dg.AssetMaterialization(asset, partition=partition, metadata=facts))


def test_the_newest_of_each_partition_is_found_however_many_there_are(instance: dg.DagsterInstance) -> None:
    """Guards against a part of the days that is left out, or judged by an old read, where one query is not enough."""
    keys = [f"{number:04}" for number in range(AT_ONCE + 2)]
    for number, key in enumerate(keys[:-1]):
        report(instance, key, number)
    for key in (keys[0], keys[-2]):
        report(instance, key, 9_999)
    found = newest_records(instance, ASSET, keys)
    numbers = {
        key: one.asset_materialization.metadata["number"].value
        for key, one in found.items()
        if one.asset_materialization
    }
    expected = {key: number for number, key in enumerate(keys[:-1])} | {keys[0]: 9_999, keys[-2]: 9_999}
    assert numbers == expected
    assert newest_records(instance, ASSET, []) == {}


def test_days_are_judged_together_as_each_would_be_alone(instance: dg.DagsterInstance) -> None:
    """Guards against a read of one day that proves another, or one whose rows have not reached the last table."""
    through, halfway, again, never = last_days(4)
    for day in (through, again):
        report(instance, str(day), asset="order_documents")
        report(instance, str(day), asset="order_charges")
    report(instance, str(halfway), asset="order_documents")
    report(instance, str(again), 5, asset="order_documents")
    assert facts_of(instance, [through, halfway, again, never]).read_at == {through: NOW}
    report(instance, str(again), 5, asset="order_charges")
    expected = {through: NOW, again: NOW + timedelta(seconds=5)}
    assert facts_of(instance, [through, halfway, again, never]).read_at == expected


def test_a_tick_asks_the_database_no_more_often_for_two_thousand_days_than_for_two(
    open_site: OpenSite,
) -> None:
    """Guards against a tick that takes more than the minute it has, is ended, and is repeated for ever."""
    many = last_days(2 * AT_ONCE)
    site = open_site(start=many[-1], orders_per_day=0)
    for day in many[:2]:
        for asset in ("order_documents", "order_charges"):
            report(site.instance, str(day), asset=asset)
    asked = {}
    for days in (many[:2], many):
        later = NOW + timedelta(hours=1)
        dirty = {day: DirtyDay(later, need=NOW) for day in days}
        daemon = Daemon(site, "order_changes")
        daemon.cursor = FeedState(NOW, dirty=dirty, since=NOW).to_json()
        with statements() as noted:
            assert len(daemon.tick()) > 0
        asked[len(days)] = len(noted)
    # A few for every thousand days.
    assert asked[len(many)] <= asked[2] + 20
