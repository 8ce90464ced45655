"""The table `rejected`: what the API sent that could not become a row, so that nothing is lost in silence."""

from partner_assets.tables.table import Column, ColumnType, Grain, Group, Table

REJECTED = Table(
    name="rejected",
    description=(
        "Records that the API sent and that could not become a row of their table (no id, a text where a number belongs, …), "
        "as they came, with the reason. Empty is good. The rows of a partition are replaced when it is materialised again."
    ),
    group=Group.BOOKKEEPING,
    key=("table_name", "legal_entity", "fetched_at", "position"),
    slice_by=("table_name", "slice"),
    grain=Grain.TABLE_NAME,
    values=(
        Column("table_name", ColumnType.TEXT, "Table that the record was meant for.", required=True),
        Column(
            "slice", ColumnType.TEXT, "Partition that was being materialised, for example 2026-03-01.", required=True
        ),
        Column(
            "position", ColumnType.INT, "Number of the record among the rejected ones of its partition.", required=True
        ),
        Column(
            "reason",
            ColumnType.TEXT,
            "Why the record could not become a row; it may quote it.",
            required=True,
            is_pii=True,
        ),
        Column("record", ColumnType.JSON, "The record as the API sent it.", required=True, is_pii=True),
    ),
)
