"""Days that a person reported as materialised, with a click in the UI: such a report says nothing of rows.

Not here: files that went (`test_lost_partitions.py`).
"""

from datetime import date

import dagster as dg
import pytest

from partner_assets.automation.lost_partitions import lost_days
from partner_assets_tests.automation.test_lost_partitions import month
from partner_assets_tests.automation.test_order_changes import Daemon, statuses, truth
from partner_assets_tests.materialization.site import TODAY, OpenSite, Site

START = date(2026, 3, 2)
ASSETS = ("order_documents", "orders", "order_lines", "order_charges")


def report(site: Site, day: date, *assets: str) -> None:
    """Do what "Report materialization" does: an event without a run and without metadata."""
    for asset in assets:
        site.instance.report_runless_asset_event(dg.AssetMaterialization(asset, partition=day.isoformat()))


@pytest.mark.parametrize("assets", [("order_documents",), ASSETS])
def test_a_day_without_rows_that_somebody_reported_is_read_once_and_then_let_be(
    open_site: OpenSite, assets: tuple[str, ...]
) -> None:
    """Guards against a click that fails every tick from then on, and against a day that is asked for for ever."""
    site = open_site(start=START, orders_per_day=0)
    site.run_days(START, TODAY)
    gaps = Daemon(site, "order_gaps")
    assert gaps.tick() == []
    report(site, START, *assets)
    requests = gaps.tick()
    assert gaps.spans(requests) == [(START.isoformat(), START.isoformat())]
    gaps.run(requests)
    assert gaps.tick() == []


@pytest.mark.parametrize("assets", [("order_charges",), ASSETS])
def test_a_day_that_was_never_read_is_missing_whatever_was_reported_of_it(
    open_site: OpenSite, assets: tuple[str, ...]
) -> None:
    """Guards against orders that nobody ever asks for, since somebody once clicked on the wrong day."""
    site = open_site(start=START, orders_per_day=4)
    report(site, START, *assets)
    gaps = Daemon(site, "order_gaps")
    assert gaps.settle() > 0
    assert statuses(site) == truth(site)


def test_a_report_of_a_day_whose_rows_are_there_changes_nothing(open_site: OpenSite) -> None:
    """Guards against a day that is read again for a click, and against its file going unnoticed after one."""
    site = open_site(start=START, orders_per_day=4)
    site.run_days(START, TODAY)
    report(site, START, *ASSETS)
    gaps = Daemon(site, "order_gaps")
    assert gaps.tick() == []
    month(site, "order_documents", "2026-03").unlink()
    assert START in lost_days(site.instance, site.partner.lake, [START])
    gaps.settle()
    assert statuses(site) == truth(site)
