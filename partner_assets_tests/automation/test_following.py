"""What follows by Dagster's own declarative automation: evaluated with Dagster's own evaluator on a real instance.

Not here: the sensors (`test_catalogue_changes.py`, `test_order_changes.py`) and schedules.
"""

import dagster as dg

from partner_assets_tests.materialization.site import TODAY, OpenSite, Site, succeeded


def evaluated(
    site: Site, since: dg.EvaluateAutomationConditionsResult | None = None
) -> dg.EvaluateAutomationConditionsResult:
    """Look at the conditions of all assets once; `since` is the look before."""
    cursor = since.cursor if since else None
    # Named, since Dagster's own default for all of them warns of a parameter in beta.
    every = dg.AssetSelection.all()
    return dg.evaluate_automation_conditions(site.definitions, site.instance, asset_selection=every, cursor=cursor)


def test_views_follow_orders_and_nothing_else_follows_by_itself(open_site: OpenSite) -> None:
    """Guards against a file for analysts that is one step behind, and against two mechanisms that ask for one thing."""
    site = open_site(orders_per_day=1)
    site.run_roots()
    assert succeeded(site.run("views")).success
    before = evaluated(site)
    site.run_day(TODAY)
    after = evaluated(site, before)
    assert after.get_num_requested(dg.AssetKey("analyst_views")) == after.total_requested == 1


def test_nothing_is_asked_for_while_nothing_happens(open_site: OpenSite) -> None:
    """Guards against a loop that builds the views again with every tick."""
    site = open_site(orders_per_day=0)
    first = evaluated(site)
    site.run_roots()
    second = evaluated(site, first)
    assert second.total_requested == 1
    third = evaluated(site, second)
    assert third.total_requested == 0
