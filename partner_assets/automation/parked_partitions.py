"""Partitions of the catalogue that keep failing, for the operator to see: the check `no_partitions_parked` of four assets.

By the memory of `catalogue_changes`, which tells it at its ticks; so do runs that come to their checks. Not here: when a
partition is parked (`wanted.py`), and what the check says (`checks/parked.py`).
"""

from collections.abc import Mapping
from functools import partial

import dagster as dg
from dagster import AssetCheckExecutionContext

# Dagster gives this no public name: what has become of a check.
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from partner_assets.automation.catalogue_facts import all_keys, keys_read_by, newest_reads, roots_read_at
from partner_assets.automation.catalogue_state import BRANCHES, ROOTS, Branch, CatalogueState, called, proven
from partner_assets.automation.failures import last_failures
from partner_assets.automation.outside_reports import reported
from partner_assets.automation.sensor_states import cursor_of, sensor_state
from partner_assets.automation.wanted import Wanted
from partner_assets.checks.look import SHOWN, Finding
from partner_assets.checks.parked import (
    PARTITIONS_NAME,
    PARTITIONS_SENTENCE,
    ParkedPartition,
    no_partitions_parked,
)

SENSOR = "catalogue_changes"

_BRANCHES = (ROOTS, *BRANCHES)


def parked_partitions_checks() -> list[dg.AssetChecksDefinition]:
    """Return the check of each job's first asset."""
    return [_check(branch) for branch in _BRANCHES]


def parked_partitions_told(instance: dg.DagsterInstance, state: CatalogueState) -> list[dg.AssetCheckEvaluation]:
    """Return what a tick has to tell of the checks.

    Args:
        instance: What Dagster remembers.
        state: The sensor's memory after the tick.
    """
    told = []
    for branch in _BRANCHES:
        parked = state.parked.get(branch.job, {})
        if not parked and _shows_good_news(instance, branch):
            continue  # the runs' own checks say so, and a sensor does not have to
        finding = _finding(branch, parked)
        told += reported(instance, _key(branch), finding, partial(_with_reasons, instance, branch, parked))
    return told


def _check(branch: Branch) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset=branch.assets[0], name=PARTITIONS_NAME, description=PARTITIONS_SENTENCE)
    def check(context: AssetCheckExecutionContext) -> dg.AssetCheckResult:
        try:
            finding = _with_reasons(context.instance, branch, _parked_now(context.instance, branch))
        except ValueError as error:
            # A cursor that nobody can read, of which the sensor itself complains; no reason for a run to fail.
            finding = Finding(False, f"{PARTITIONS_NAME} could not look: {error}")
        return dg.AssetCheckResult(
            passed=finding.passed,
            severity=dg.AssetCheckSeverity.WARN,
            description=finding.description,
            metadata=finding.metadata,
        )

    return check


def _parked_now(instance: dg.DagsterInstance, branch: Branch) -> Mapping[str, Wanted]:
    """Return what is parked; the memory may be a minute old, so what was read since is left out.

    Raises:
        ValueError: If the cursor cannot be read.
    """
    cursor = cursor_of(sensor_state(instance, SENSOR))
    if not cursor:
        return {}
    state = CatalogueState.from_json(cursor)
    parked = proven(state, newest_reads(instance, state.parked)).parked.get(branch.job, {})
    if branch is not ROOTS:
        return parked
    read_at = roots_read_at(instance)
    return {key: one for key, one in parked.items() if read_at is None or read_at <= one.seen}


def _shows_good_news(instance: dg.DagsterInstance, branch: Branch) -> bool:
    """Tell whether the newest of a branch is that nothing is parked, or nothing was ever told of it."""
    key = _key(branch)
    record = instance.event_log_storage.get_latest_asset_check_execution_by_key([key]).get(key)
    return record is None or record.status == AssetCheckExecutionRecordStatus.SUCCEEDED


def _with_reasons(instance: dg.DagsterInstance, branch: Branch, parked: Mapping[str, Wanted]) -> Finding:
    keys = all_keys(instance, branch)
    reasons = last_failures(instance, sorted(parked)[:SHOWN], lambda run: keys_read_by(run, branch, keys))
    return _finding(branch, parked, reasons)


def _finding(branch: Branch, parked: Mapping[str, Wanted], reasons: Mapping[str, str] | None = None) -> Finding:
    return no_partitions_parked(
        [
            ParkedPartition(called(branch.job, key), one.tries, one.next_try, (reasons or {}).get(key))
            for key, one in parked.items()
        ]
    )


def _key(branch: Branch) -> dg.AssetCheckKey:
    return dg.AssetCheckKey(dg.AssetKey(branch.assets[0]), PARTITIONS_NAME)
