"""How old an asset may be before Dagster says so: a day and some hours for the catalogue, an hour or two for orders."""

from datetime import date, timedelta

import dagster as dg

from partner_assets.build import build_defs
from partner_assets.materialization.specs import DAILY, HOURLY
from partner_assets.resources import Partner
from partner_assets.tables.dictionary import TABLES
from partner_assets.tables.table import Group

ORDERS = {"order_documents", "orders", "order_lines", "order_charges"}


def test_every_table_has_a_policy_that_fits_its_schedule() -> None:
    """Guards against an asset that nobody misses, and against a policy that is lost when conditions are added."""
    definitions = build_defs(Partner(), orders_start=date(2026, 3, 1))
    policies = {spec.key.to_user_string(): spec.freshness_policy for spec in definitions.resolve_all_asset_specs()}
    tables = [table for table in TABLES if table.group is not Group.BOOKKEEPING]
    assert {table.name: policies[table.name] for table in tables} == {
        table.name: HOURLY if table.name in ORDERS else DAILY for table in tables
    }


def test_a_policy_warns_when_a_run_was_missed_and_fails_when_several_were() -> None:
    """Guards against windows shorter than the schedule, which would be broken all the time."""
    assert dg.FreshnessPolicy.time_window(timedelta(hours=36), timedelta(hours=26)) == DAILY
    assert dg.FreshnessPolicy.time_window(timedelta(hours=3), timedelta(minutes=90)) == HOURLY
