"""What follows by itself: the views, after anything that they show.

Dagster's own declarative automation, since nothing is lost by it: whatever is materialised next asks for the views again.
It is not for orders nor for the catalogue, whose failed partitions have to be asked for again (`order_changes.py`,
`catalogue_changes.py`).
"""

from collections.abc import Iterable

import dagster as dg

FOLLOWERS = ("analyst_views",)

# Not the plain `eager`: that waits for ever for a parent's partition that can no longer be filled.
FOLLOW = dg.AutomationCondition.eager().without(~dg.AutomationCondition.any_deps_missing())


def with_following(assets: Iterable[dg.AssetsDefinition]) -> dg.Definitions:
    """Give the followers among assets their condition, and add the sensor that watches it."""
    sensor = dg.AutomationConditionSensorDefinition(
        "views_following",
        target=dg.AssetSelection.assets(*FOLLOWERS),
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Builds the views anew after anything that they show.",
    )
    return dg.Definitions(assets=dg.map_asset_specs(_following, assets), sensors=[sensor])


def _following(spec: dg.AssetSpec) -> dg.AssetSpec:
    is_follower = spec.key.to_user_string() in FOLLOWERS
    return spec.replace_attributes(automation_condition=FOLLOW) if is_follower else spec
