"""What follows the roots of the catalogue by itself: evaluated with Dagster's own evaluator on a real instance.

Not here: what the schedules ask for (`test_schedules.py`).
"""

import dagster as dg

from partner_assets.automation.following import FOLLOWERS
from partner_assets_tests.materialization.site import TODAY, OpenSite, Site, succeeded


def evaluated(
    site: Site, since: dg.EvaluateAutomationConditionsResult | None = None
) -> dg.EvaluateAutomationConditionsResult:
    """Look at the conditions of all assets once; `since` is the look before."""
    cursor = since.cursor if since else None
    # Named, since Dagster's own default for all of them warns of a parameter in beta.
    every = dg.AssetSelection.all()
    return dg.evaluate_automation_conditions(site.definitions, site.instance, asset_selection=every, cursor=cursor)


def requested(result: dg.EvaluateAutomationConditionsResult, asset: str) -> set[str | None]:
    """Return the partitions of an asset that are to be materialised."""
    return set(result.get_requested_partitions(dg.AssetKey(asset)))


def test_the_roots_are_followed_by_all_products_and_all_prices(open_site: OpenSite) -> None:
    """Guards against partitions that nobody asks for, which would be missing until somebody looks."""
    site = open_site(orders_per_day=0)
    before = evaluated(site)
    assert before.total_requested == 0
    site.run_roots()
    after = evaluated(site, before)
    products = set(site.instance.get_dynamic_partitions("accreditations"))
    prices = set(site.instance.get_dynamic_partitions("accreditation_price_lists"))
    assert len(products) == len(site.sandbox.world.accreditations())
    assert requested(after, "products") == products
    assert requested(after, "product_prices") == prices
    keys = {key.to_user_string() for key in site.definitions.resolve_asset_graph().materializable_asset_keys}
    for asset in keys - set(FOLLOWERS):
        assert after.get_num_requested(dg.AssetKey(asset)) == 0


def test_nothing_is_asked_for_while_nothing_happens(open_site: OpenSite) -> None:
    """Guards against a loop that reads the whole catalogue again with every tick."""
    site = open_site(orders_per_day=0)
    first = evaluated(site)
    site.run_roots()
    second = evaluated(site, first)
    assert second.total_requested > 0
    third = evaluated(site, second)
    assert third.total_requested == 0


def test_packages_follow_products_and_views_follow_orders(open_site: OpenSite) -> None:
    """Guards against contents of packages, or a file for analysts, that are one step behind for ever."""
    site = open_site(orders_per_day=1)
    first = evaluated(site)
    site.run_roots()
    site.run_products("PRTF136")
    second = evaluated(site, first)
    assert second.get_num_requested(dg.AssetKey("package_contents")) == 1
    assert succeeded(site.run("views")).success
    third = evaluated(site, second)
    site.run_day(TODAY)
    fourth = evaluated(site, third)
    assert fourth.get_num_requested(dg.AssetKey("analyst_views")) == 1
    assert fourth.get_num_requested(dg.AssetKey("orders")) == 0
