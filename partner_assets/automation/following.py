"""What follows its parents by itself: products, prices and packages after the roots of the catalogue, views after anything.

Dagster's own declarative automation, since it does just this and one run covers all partitions. It is not for orders:
a change that lands while a run is on its way would be lost, and a failed partition is not tried again.
"""

from collections.abc import Iterable

import dagster as dg

FOLLOWERS = ("products", "product_prices", "package_contents", "analyst_views")

# Not the plain `eager`: that waits for ever for a parent's partition that can no longer be filled.
FOLLOW = dg.AutomationCondition.eager().without(~dg.AutomationCondition.any_deps_missing())


def with_following(assets: Iterable[dg.AssetsDefinition]) -> dg.Definitions:
    """Give the followers among assets their condition, and add the sensor that watches it."""
    sensor = dg.AutomationConditionSensorDefinition(
        "catalogue_followers",
        target=dg.AssetSelection.assets(*FOLLOWERS),
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Materialises products, prices, packages and views after what they are made of.",
    )
    return dg.Definitions(assets=dg.map_asset_specs(_following, assets), sensors=[sensor])


def _following(spec: dg.AssetSpec) -> dg.AssetSpec:
    is_follower = spec.key.to_user_string() in FOLLOWERS
    return spec.replace_attributes(automation_condition=FOLLOW) if is_follower else spec
