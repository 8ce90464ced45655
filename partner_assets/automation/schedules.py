"""When things run by themselves: the catalogue daily, recent orders hourly, two months of orders nightly. On from the start."""

from datetime import date, timedelta

import dagster as dg

from partner_assets.automation.day_ranges import RANGE_END, RANGE_START, contiguous
from partner_assets.automation.jobs import CATALOGUE_ROOTS, ORDERS

RECONCILED_DAYS = 60


def recent_days(now: date, first: date) -> tuple[date, date]:
    """Return the first and the last day that the hourly run reads: yesterday and today, not before the first of all."""
    return max(first, now - timedelta(days=1)), now


def rolling_window(now: date, first: date) -> list[date]:
    """Return the days that the nightly run reads again: the last `RECONCILED_DAYS`, not before the first of all."""
    days = (now - timedelta(days=number) for number in range(RECONCILED_DAYS))
    return [day for day in days if day >= first]


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

    @dg.schedule(
        name="reconciliation_nightly",
        job_name=ORDERS,
        cron_schedule="30 2 * * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=(
            "Reads the search pages of two months again: orders that vanished, which the change feed does not tell, and "
            "changes that did not move lastUpdateDateTime out of its overlap."
        ),
    )
    def reconciliation_nightly(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
        now = context.scheduled_execution_time
        days = rolling_window(now.date(), orders_start)
        return [one.request(f"reconciliation {now:%Y-%m-%d}") for one in contiguous(days)]

    return dg.Definitions(schedules=[catalogue_daily, recent_orders_hourly, reconciliation_nightly])
