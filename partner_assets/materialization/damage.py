"""Damaged files on a run's way: set aside before anything is read, and said loudly.

What the run covers it fills again by itself. What else lay in the file is then found missing by the sensors, or by a run
over everything, and asked for again. Not here: moving files (`lake/quarantine.py`), finding what is missing
(`automation/lost_partitions.py`).
"""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from partner_assets.lake.layout import Slice
from partner_assets.lake.quarantine import SetAside, set_aside_damaged
from partner_assets.lake.store import Lake
from partner_assets.materialization.slice_reads import WHOLE_NAME
from partner_assets.tables.rejected import REJECTED
from partner_assets.tables.table import Table


def set_aside_on_the_way(
    context: dg.AssetExecutionContext, lake: Lake, tables: Sequence[Table], slices: Sequence[Slice]
) -> list[SetAside]:
    """Set aside what is damaged of the files that an asset is about to write.

    Only those: documents are damaged for whoever makes orders of them too, but only their own asset can ask for them.

    Args:
        context: The asset's context; every file is an error in its log.
        lake: The lake.
        tables: The tables that the asset fills.
        slices: The slices of one file of each.

    Raises:
        LakeError: If a damaged file cannot be moved.
    """
    places = [*((table, slices) for table in tables), (REJECTED, [(table.name, WHOLE_NAME) for table in tables])]
    moved = [one for table, within in places for one in set_aside_damaged(lake, table, within)]
    for one in moved:
        context.log.error(one.sentence)
    return moved


def damage_metadata(moved: Sequence[SetAside], table: Table) -> dict[str, Any]:
    """Return what the UI shows of a partition whose file was set aside by the run that filled it again."""
    mine = [one for one in moved if one.table is table]
    return {"set_aside": dg.MetadataValue.md("\n".join(f"- {one.sentence}" for one in mine))} if mine else {}
