"""Checks that a sensor reports, because the runs that come to them are those that do not fail: what is new to say.

Nothing is said as long as Dagster shows it already. Not here: what is found (`parked_days.py`, `parked_partitions.py`).
"""

from collections.abc import Callable, Mapping
from typing import Any

import dagster as dg

# Dagster gives these no public names: what an evaluation is about, and a check that its run has not come to.
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationTargetMaterializationData
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from partner_assets.checks.look import OFFENDING, Finding


def reported(
    instance: dg.DagsterInstance, check: dg.AssetCheckKey, finding: Finding, with_reasons: Callable[[], Finding]
) -> list[dg.AssetCheckEvaluation]:
    """Return what a tick has to tell of a check: its evaluation, or nothing.

    Args:
        instance: What Dagster remembers.
        check: The check.
        finding: What it would say now, without reasons.
        with_reasons: Returns the same with them; looking for them takes longest, and they are new only if the rest is.
    """
    records = instance.fetch_materializations(check.asset_key, limit=1).records
    newest = records[0] if records else None
    return [] if is_told(instance, check, finding, newest) else [_evaluation(check, with_reasons(), newest)]


def is_told(
    instance: dg.DagsterInstance, check: dg.AssetCheckKey, finding: Finding, newest: dg.EventLogRecord | None
) -> bool:
    """Tell whether the check's newest evaluation says the same, and Dagster still shows it.

    Args:
        instance: What Dagster remembers.
        check: The check.
        finding: What the check would say now, without reasons.
        newest: The newest materialisation of the asset.
    """
    record = instance.event_log_storage.get_latest_asset_check_execution_by_key([check]).get(check)
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


def _evaluation(check: dg.AssetCheckKey, finding: Finding, newest: dg.EventLogRecord | None) -> dg.AssetCheckEvaluation:
    target = None
    if newest is not None:
        target = AssetCheckEvaluationTargetMaterializationData(
            storage_id=newest.storage_id, run_id=newest.run_id, timestamp=newest.timestamp
        )
    return dg.AssetCheckEvaluation(
        asset_key=check.asset_key,
        check_name=check.name,
        passed=finding.passed,
        severity=dg.AssetCheckSeverity.WARN,
        description=finding.description,
        metadata=finding.metadata,
        target_materialization_data=target,
    )


def _without_reasons(metadata: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows: Any = metadata[OFFENDING].value if OFFENDING in metadata else []
    return [{name: value for name, value in row.items() if name != "reason"} for row in rows]
