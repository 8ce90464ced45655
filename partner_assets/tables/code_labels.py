"""The table `code_labels`: what the codes in the other tables mean. The pairs themselves are in `codes.py`."""

from partner_assets.tables.table import Column, ColumnType, Group, Table

CODE_LABELS = Table(
    name="code_labels",
    description=(
        "What the codes in the other tables mean: every pair that the vendor documents, and no invented one. "
        "The vendor prints its lists only in part, so a code without a row here is normal."
    ),
    group=Group.REFERENCE,
    key=("code_set", "code"),
    values=(
        Column("code_set", ColumnType.TEXT, "List that the code belongs to, for example order_status.", required=True),
        Column(
            "code",
            ColumnType.TEXT,
            "Value as the tables hold it: the code of API v1, or the name of v0 where no code for it is documented.",
            required=True,
        ),
        Column("label", ColumnType.TEXT, "What to show a person.", required=True),
        Column("description", ColumnType.TEXT, "The vendor's explanation, where there is one."),
        Column("v0_name", ColumnType.TEXT, "Name that API v0 gives for the code, where it is documented."),
    ),
)
