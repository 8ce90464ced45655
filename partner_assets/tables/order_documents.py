"""The table `order_documents`: every version of every order's document, as received. The only orders table that the API feeds."""

from partner_assets.tables.table import Column, ColumnType, Grain, Group, Table

CREATION_DATE = Column(
    "creation_date",
    ColumnType.DATE,
    "UTC date of the order's own creation time: the partition that the row belongs to.",
    required=True,
)
"""First column of every orders table. Decided by the order itself, never by the search window that found it."""

TRANSACTION_ID = Column(
    "transaction_id",
    ColumnType.TEXT,
    "Id of the purchase order (PO_…) or renewal notification (RN_…).",
    (("transaction", "id"),),
    required=True,
    is_looked_up=True,
)

CREATION_DATETIME = Column(
    "creation_datetime",
    ColumnType.TS,
    "When the order was created in the vendor's system.",
    (("creationDateTime",),),
    required=True,
)

LAST_UPDATE_DATETIME = Column(
    "last_update_datetime",
    ColumnType.TS,
    "When the order was last modified in the vendor's system; every modification sets it.",
    (("lastUpdateDateTime",),),
)

ORDER_DOCUMENTS = Table(
    name="order_documents",
    description=(
        "The document of every order as the API sent it, one row per version ever seen. "
        "Orders, lines and charges are derived from it and can be rebuilt from it at any time without the API."
    ),
    group=Group.ORDERS,
    key=("transaction_id", "last_update_datetime"),
    slice_by=("creation_date",),
    grain=Grain.CREATION_MONTH,
    values=(
        CREATION_DATE,
        TRANSACTION_ID,
        CREATION_DATETIME,
        LAST_UPDATE_DATETIME,
        Column("api_version", ColumnType.TEXT, "Version of the API that sent the document: v0 or v1.", required=True),
        Column(
            "document",
            ColumnType.JSON,
            "The order as the details answer gave it, exact: numbers keep the digits that the API sent.",
            required=True,
            is_pii=True,
        ),
        Column(
            "is_current",
            ColumnType.BOOL,
            "True for the newest version of an order that the API still has.",
            required=True,
        ),
        Column(
            "gone_at",
            ColumnType.TS,
            "When the API was first seen not to have the order any more; null while it has it.",
        ),
    ),
)
