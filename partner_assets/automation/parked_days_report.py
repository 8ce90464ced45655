"""Days of orders that keep failing, for the operator to see: the check `no_days_parked`, and the sensor `parked_days`.

Runs that come to their checks evaluate it like any other. A failing day's runs never do, and a day is freed after its run
was at its checks; so the sensor reports it. Not here: which days those are (`parked_days.py`), what the check says
(`checks/parked.py`), and what is new to say (`outside_reports.py`).
"""

import dagster as dg
from dagster import AssetCheckExecutionContext

from partner_assets.automation.backfills import DOCUMENTS_KEY
from partner_assets.automation.outside_reports import reported
from partner_assets.automation.parked_days import parked_now, with_reasons
from partner_assets.checks.look import Finding
from partner_assets.checks.parked import NAME as CHECK
from partner_assets.checks.parked import SENTENCE, no_days_parked
from partner_assets.resources import Partner

NAME = "parked_days"
INTERVAL_SECONDS = 60

KEY = dg.AssetCheckKey(DOCUMENTS_KEY, CHECK)


def parked_days_check(partitions: dg.DailyPartitionsDefinition) -> dg.AssetChecksDefinition:
    """Return the check.

    Args:
        partitions: The days of orders.
    """

    @dg.asset_check(asset=DOCUMENTS_KEY, name=CHECK, description=SENTENCE)
    def check(context: AssetCheckExecutionContext, partner: dg.ResourceParam[Partner]) -> dg.AssetCheckResult:
        try:
            parked = parked_now(context.instance, partitions, now=partner.now())
            finding = no_days_parked(with_reasons(context.instance, parked))
        except ValueError as error:
            # A cursor that nobody can read, of which the sensor itself complains; no reason for a run to fail.
            finding = Finding(False, f"{CHECK} could not look: {error}")
        return dg.AssetCheckResult(
            passed=finding.passed,
            severity=dg.AssetCheckSeverity.WARN,
            description=finding.description,
            metadata=finding.metadata,
        )

    return check


def parked_days_sensor(partitions: dg.DailyPartitionsDefinition) -> dg.SensorDefinition:
    """Return the sensor.

    Args:
        partitions: The days of orders.
    """

    @dg.sensor(
        name=NAME,
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Reports the check {CHECK} of order_documents when it has something new to say.",
    )
    def parked_days(context: dg.SensorEvaluationContext, partner: dg.ResourceParam[Partner]) -> dg.SensorResult:
        parked = parked_now(context.instance, partitions, now=partner.now())
        finding = no_days_parked(parked)
        events = reported(
            context.instance, KEY, finding, lambda: no_days_parked(with_reasons(context.instance, parked))
        )
        context.log.info(finding.description)
        return dg.SensorResult(skip_reason=dg.SkipReason(finding.description), asset_events=events)

    return parked_days
