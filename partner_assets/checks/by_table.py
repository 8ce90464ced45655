"""The checks of every table, generated from its declaration: one step per table, one result per check.

A check that cannot look says so in its result; it never ends the run by itself. Not here: what each looks for (the files
beside this one).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import dagster as dg
import duckdb
from dagster import AssetCheckExecutionContext

# Dagster gives this no public name; without it, the result that a run is yet to give is the last one.
from dagster._core.storage.asset_check_execution_record import COMPLETED_ASSET_CHECK_EXECUTION_RECORD_STATUSES

from partner_assets.checks.amounts import amounts
from partner_assets.checks.known_codes import known_codes
from partner_assets.checks.look import Check, Finding, Look
from partner_assets.checks.new_fields import new_fields
from partner_assets.checks.own_files import own_files
from partner_assets.checks.references import references
from partner_assets.checks.search import search
from partner_assets.checks.shrinking import shrinking
from partner_assets.checks.soundness import soundness
from partner_assets.checks.vanished_columns import vanished_columns
from partner_assets.lake.errors import LakeError
from partner_assets.resources import Partner
from partner_assets.tables.dictionary import TABLES
from partner_assets.tables.rejected import REJECTED
from partner_assets.tables.table import Table

KINDS: tuple[Callable[[Table], list[Check]], ...] = (
    soundness,
    own_files,
    references,
    amounts,
    known_codes,
    search,
    shrinking,
    new_fields,
    vanished_columns,
)
"""Each gives the checks that a table has of its kind."""


def table_checks() -> list[dg.AssetChecksDefinition]:
    """Return the checks of every table that is an asset."""
    return [_definition(table) for table in TABLES if table is not REJECTED]


def checks_of(table: Table) -> list[Check]:
    """Return the checks of a table, those first that block what is downstream."""
    return [check for kind in KINDS for check in kind(table)]


def _definition(table: Table) -> dg.AssetChecksDefinition:
    checks = checks_of(table)

    @dg.multi_asset_check(
        name=f"{table.name}_checks",
        specs=[
            dg.AssetCheckSpec(check.name, asset=table.name, blocking=check.is_blocking, description=check.description)
            for check in checks
        ],
    )
    def look_at(
        context: AssetCheckExecutionContext, partner: dg.ResourceParam[Partner]
    ) -> Iterator[dg.AssetCheckResult]:
        def read_reports() -> Mapping[str | None, Mapping[str, Any]]:
            return reports_of_run(context.instance, context.run.run_id, table)

        def recall(check: str) -> Mapping[str, Any] | None:
            return last_result(context.instance, table, check)

        with duckdb.connect() as connection:
            run = context.run
            look = Look(table, partner.lake, run.tags, connection, read_reports, run.run_id, recall)
            for check in checks:
                finding = found(check, look)
                yield dg.AssetCheckResult(
                    passed=finding.passed,
                    severity=dg.AssetCheckSeverity.ERROR if check.is_blocking else dg.AssetCheckSeverity.WARN,
                    asset_key=table.name,
                    check_name=check.name,
                    description=finding.description,
                    metadata=finding.metadata,
                )

    return look_at


def found(check: Check, look: Look) -> Finding:
    """Let a check look; a file that it cannot read is a finding too, and leaves the other checks their say."""
    try:
        return check.find(look)
    except (duckdb.Error, LakeError) as error:
        return Finding(False, f"{check.name} of {look.table.name} could not look: {error}")


def last_result(instance: dg.DagsterInstance, table: Table, check: str) -> dict[str, Any] | None:
    """Return the metadata of the last result of a check; empty without one, None if the instance would not keep it."""
    results = instance.event_log_storage.get_asset_check_execution_history(
        dg.AssetCheckKey(dg.AssetKey(table.name), check),
        limit=1,
        status=COMPLETED_ASSET_CHECK_EXECUTION_RECORD_STATUSES,
    )
    for result in results:
        if result.evaluation is not None:
            return {name: value.value for name, value in result.evaluation.metadata.items()}
    return None if instance.is_ephemeral else {}


def reports_of_run(instance: dg.DagsterInstance, run_id: str, table: Table) -> dict[str | None, dict[str, Any]]:
    """Return the metadata of every partition of a table that a run has materialised so far, by partition key."""
    reports: dict[str | None, dict[str, Any]] = {}
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION):
        materialization = entry.asset_materialization
        if materialization is not None and materialization.asset_key == dg.AssetKey(table.name):
            values = {name: value.value for name, value in materialization.metadata.items()}
            reports[materialization.partition] = values
    return reports
