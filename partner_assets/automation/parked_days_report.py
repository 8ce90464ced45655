"""Days of orders that keep failing, for the operator to see: the check `no_days_parked`, and the sensor `parked_days`.

Runs that come to their checks evaluate it like any other. A failing day's runs never do, and a day is freed after its run
was at its checks; so the sensor reports what is not told yet, and nothing as long as that holds. Not here: which days those
are (`parked_days.py`), and what the check says (`checks/parked.py`).
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster import AssetCheckExecutionContext

# Dagster gives these no public names: what an evaluation is about, and a check that its run has not come to.
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationTargetMaterializationData
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from partner_assets.automation.backfills import DOCUMENTS_KEY
from partner_assets.automation.parked_days import parked_now, with_reasons
from partner_assets.checks.look import OFFENDING, Finding
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
        newest = _newest_documents(context.instance)
        events = []
        if not is_told(context.instance, finding, newest):
            # The reasons last: looking for them takes longest, and they are new only if the rest is.
            events.append(_evaluation(no_days_parked(with_reasons(context.instance, parked)), newest))
        context.log.info(finding.description)
        return dg.SensorResult(skip_reason=dg.SkipReason(finding.description), asset_events=events)

    return parked_days


def is_told(instance: dg.DagsterInstance, finding: Finding, newest: dg.EventLogRecord | None) -> bool:
    """Tell whether the check's newest evaluation says the same, and Dagster still shows it.

    Args:
        instance: What Dagster remembers.
        finding: What the check would say now, without reasons.
        newest: The newest materialisation of the asset.
    """
    record = instance.event_log_storage.get_latest_asset_check_execution_by_key([KEY]).get(KEY)
    if record is None:
        return False
    told = record.evaluation
    if record.status == AssetCheckExecutionRecordStatus.PLANNED or told is None:
        # A run that has not come to its checks yet hides what was told before. Good news can wait for it.
        run = instance.get_run_by_id(record.run_id)
        return finding.passed and run is not None and not run.is_finished
    # Dagster takes what was told before the newest materialisation for outdated, and does not show it.
    about = told.target_materialization_data.storage_id if told.target_materialization_data else None
    is_shown = newest is None or newest.storage_id == about or newest.run_id == record.run_id
    shown, wanted = (_without_reasons(one) for one in (told.metadata, finding.metadata))
    return is_shown and (told.description, shown) == (finding.description, wanted)


def _newest_documents(instance: dg.DagsterInstance) -> dg.EventLogRecord | None:
    records = instance.fetch_materializations(DOCUMENTS_KEY, limit=1).records
    return records[0] if records else None


def _evaluation(finding: Finding, newest: dg.EventLogRecord | None) -> dg.AssetCheckEvaluation:
    target = None
    if newest is not None:
        target = AssetCheckEvaluationTargetMaterializationData(
            storage_id=newest.storage_id, run_id=newest.run_id, timestamp=newest.timestamp
        )
    return dg.AssetCheckEvaluation(
        asset_key=DOCUMENTS_KEY,
        check_name=CHECK,
        passed=finding.passed,
        severity=dg.AssetCheckSeverity.WARN,
        description=finding.description,
        metadata=finding.metadata,
        target_materialization_data=target,
    )


def _without_reasons(metadata: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows: Any = metadata[OFFENDING].value if OFFENDING in metadata else []
    return [{name: value for name, value in row.items() if name != "reason"} for row in rows]
