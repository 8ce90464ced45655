"""When things run by themselves: the catalogue daily, yesterday's and today's orders hourly. On from the start."""

from datetime import date, timedelta

import dagster as dg

from partner_assets.automation.jobs import CATALOGUE_ROOTS, ORDERS

RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"


def recent_days(now: date, first: date) -> tuple[date, date]:
    """Return the first and the last day that the hourly run reads: yesterday and today, not before the first of all."""
    return max(first, now - timedelta(days=1)), now


def schedule_definitions(orders_start: date) -> dg.Definitions:
    """Return the schedules.

    Args:
        orders_start: First day of orders.
    """

    @dg.schedule(
        name="catalogue_daily",
        job_name=CATALOGUE_ROOTS,
        cron_schedule="15 4 * * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Accreditations and price lists once a day; products, prices and packages follow them.",
    )
    def catalogue_daily(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return dg.RunRequest(run_key=f"{context.scheduled_execution_time:%Y-%m-%d}")

    @dg.schedule(
        name="recent_orders_hourly",
        job_name=ORDERS,
        cron_schedule="5 * * * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Yesterday's and today's orders once an hour, as one run.",
    )
    def recent_orders_hourly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        now = context.scheduled_execution_time
        first, last = recent_days(now.date(), orders_start)
        tags = {RANGE_START: first.isoformat(), RANGE_END: last.isoformat()}
        return dg.RunRequest(run_key=f"{now:%Y-%m-%dT%H}", tags=tags)

    return dg.Definitions(schedules=[catalogue_daily, recent_orders_hourly])
