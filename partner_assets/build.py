"""Assembly of the code location: settings, assets, checks, jobs and schedules, with overrides for tests."""

from datetime import date

import dagster as dg

from partner_assets.assets.accreditations import accreditations
from partner_assets.assets.analyst_views import analyst_views
from partner_assets.assets.code_labels import code_labels
from partner_assets.assets.order_documents import order_documents_asset
from partner_assets.assets.orders import order_assets
from partner_assets.assets.package_contents import package_contents
from partner_assets.assets.price_lists import price_lists
from partner_assets.assets.product_prices import product_prices
from partner_assets.assets.products import products
from partner_assets.automation.catalogue_changes import catalogue_changes
from partner_assets.automation.dead_runs import dead_runs_sensor
from partner_assets.automation.following import with_following
from partner_assets.automation.jobs import JOBS
from partner_assets.automation.order_changes import order_changes_sensor
from partner_assets.automation.order_gaps import order_gaps_sensor
from partner_assets.automation.parked_days_report import parked_days_check, parked_days_sensor
from partner_assets.automation.parked_partitions import parked_partitions_checks
from partner_assets.automation.schedules import schedule_definitions
from partner_assets.checks.by_table import table_checks
from partner_assets.materialization.rebuild import rebuild_job
from partner_assets.partitions import order_partitions
from partner_assets.resources import Partner
from partner_assets.settings import load_orders_start


def build_defs(partner: Partner | None = None, *, orders_start: date | None = None) -> dg.Definitions:
    """Put the code location together.

    Args:
        partner: What the assets work with; by default it reads the settings from the environment when it is first used.
        orders_start: First day of orders; by default that of the settings.

    Raises:
        SettingsError: If `PARTNER_ORDERS_START` is set and no day. Everything else is checked when it is used.
    """
    first = orders_start or load_orders_start()
    days = order_partitions(first)
    assets = with_following(
        [
            accreditations,
            price_lists,
            products,
            product_prices,
            package_contents,
            code_labels,
            order_documents_asset(days),
            order_assets(days),
            analyst_views,
        ]
    )
    surroundings = dg.Definitions(
        asset_checks=[*table_checks(), parked_days_check(days), *parked_partitions_checks()],
        sensors=[
            order_changes_sensor(first),
            catalogue_changes,
            order_gaps_sensor(days),
            parked_days_sensor(days),
            dead_runs_sensor(),
        ],
        jobs=[*JOBS.values(), rebuild_job()],
        resources={"partner": partner or Partner()},
        # A run is a handful of requests at a time: processes per step would cost ten seconds and gain nothing.
        executor=dg.in_process_executor,
    )
    return dg.Definitions.merge(assets, surroundings, schedule_definitions(first))
