"""Orders whose time of creation the vendor corrected: they are of another day then."""

from datetime import date, timedelta

import pytest

from partner_assets_tests.materialization.site import TODAY, OpenSite, Site

NEW = "2026-03-04"


def moved(site: Site, order: str, to: str) -> None:
    """Let a minute pass, and give an order another day."""
    site.sandbox.control("clock", advance_seconds=60)
    document = site.sandbox.world.order(order)
    assert document is not None
    site.sandbox.control("orders/remove", id=order)
    document["creationDateTime"] = f"{to}T00:00:00Z"
    document["lastUpdateDateTime"] = "2026-03-05T12:01:00Z"
    site.sandbox.control("orders/add", document=document)


def held(site: Site) -> list[tuple[str, str]]:
    """Return every order of the lake, with its day."""
    return sorted((row["transaction_id"], str(row["creation_date"])) for row in site.rows("orders"))


@pytest.mark.parametrize("old", ["2026-03-02", "2026-02-27"])
def test_an_order_of_another_day_now_is_one_of_its_old_day_no_more(old: str, open_site: OpenSite) -> None:
    """Guards against an order that counts twice for ever, and a month that no run can write since its key would not hold."""
    site = open_site(start=date.fromisoformat(old), orders_per_day=0, with_checks=True)
    order, other = site.add_order(f"{old}T10:00:00Z"), site.add_order(f"{NEW}T10:00:00Z")
    site.run_days(site.start, TODAY)
    assert held(site) == sorted([(order, old), (other, NEW)])
    moved(site, order, NEW)
    result = site.run_days(site.start, TODAY)
    assert result.success
    assert all(one.passed for one in result.get_asset_check_evaluations() if one.check_name == "key_is_unique")
    assert held(site) == sorted([(order, NEW), (other, NEW)])
    older, newer = sorted(site.rows("order_documents", transaction_id=order), key=lambda row: row["creation_date"])
    assert (older["is_current"], older["gone_at"] is None) == (False, False)
    assert (newer["is_current"], newer["gone_at"]) == (True, None)


def test_the_old_day_alone_is_enough_for_the_new_one_to_be_read(open_site: OpenSite) -> None:
    """Guards against two days of a month of which neither can be read before the other."""
    old = "2026-03-02"
    site = open_site(start=date.fromisoformat(old), orders_per_day=0)
    order = site.add_order(f"{old}T10:00:00Z")
    site.run_days(site.start, TODAY)
    moved(site, order, NEW)
    new_day = date.fromisoformat(NEW)
    assert not site.run("orders_by_day", span=(NEW, NEW)).success
    assert held(site) == [(order, old)]
    site.run_days(site.start, new_day - timedelta(days=1))
    site.run_days(new_day, new_day)
    assert held(site) == [(order, NEW)]
