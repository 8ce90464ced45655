"""The job `rebuild`: orders, lines and charges made of all their documents again, a month at a time, without one request.

For when the code has learned a field that lay in `extra` until then, or reads one better than it did. Not here: how a day
is made (`order_tables.py`), and the command (`commands/rebuild.py`).
"""

from collections.abc import Sequence
from pathlib import Path

import dagster as dg

from partner_assets.lake import reading
from partner_assets.lake.errors import LakeError
from partner_assets.lake.layout import Slice
from partner_assets.lake.slicing import slices_in
from partner_assets.lake.store import Lake
from partner_assets.materialization.order_tables import ORDER_TABLES, derive_days
from partner_assets.materialization.signs_of_life import sign_of_life_of
from partner_assets.materialization.slices import clear_failures
from partner_assets.resources import Partner
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.table import Table


def rebuild_job(tables: Sequence[Table] = ORDER_TABLES) -> dg.JobDefinition:
    """Return the job that makes some of the tables that are made of documents, each of them the asset of its name.

    One op and no asset: a run of assets covers a range of days without a gap, and would report days as filled that were
    never read.

    Args:
        tables: The tables.
    """
    name = rebuild_name(tables)

    @dg.op(name=f"{name}_from_documents")
    def rebuild_from_documents(context: dg.OpExecutionContext, partner: dg.ResourceParam[Partner]) -> None:
        failures = []
        with clear_failures(), sign_of_life_of(context, partner):
            for file in files_of_documents(partner.lake):
                try:
                    days = _days_in(file)
                    derive_days(dg.AssetExecutionContext(context), partner, days, tables=tables, as_events=True)
                except (dg.Failure, LakeError) as error:
                    # The month keeps its rows, and does not keep the others from being made.
                    failures.append(str(error))
        if failures:
            raise dg.Failure(description=" ".join(failures), allow_retries=False)

    made = ", ".join(table.name for table in tables)

    @dg.job(name=name, description=f"Makes {made} of the documents that are kept, without asking the API.")
    def rebuild() -> None:
        rebuild_from_documents()

    return rebuild


def rebuild_name(tables: Sequence[Table]) -> str:
    """Return the name of the job that makes some tables."""
    return "_".join(["rebuild", *(table.name for table in tables if len(tables) < len(ORDER_TABLES))])


def files_of_documents(lake: Lake) -> list[Path]:
    """Return the files of documents, a month each, the newest first."""
    return lake.layout.files(ORDER_DOCUMENTS)[::-1]


def _days_in(file: Path) -> dict[str | None, Slice]:
    """Return the days that have documents in a file, by partition key."""
    days = slices_in(ORDER_DOCUMENTS, reading.read(ORDER_DOCUMENTS, file, ORDER_DOCUMENTS.slice_by))
    return {str(day): (day,) for (day,) in sorted(days)}
