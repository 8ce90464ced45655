"""The table `order_lines`: licence charge conditions, the lines of an order. What a line costs is in `order_charges.py`."""

from partner_assets.tables.order_documents import CREATION_DATE
from partner_assets.tables.table import Column, ColumnType, Grain, Group, Table

PARENT_TRANSACTION_ID = Column(
    "transaction_id", ColumnType.TEXT, "Order that the row belongs to.", required=True, is_looked_up=True
)

LINE_NUMBER = Column(
    "line_number",
    ColumnType.INT,
    "Number of the line in its order: the API's sequenceNumber, or the position where the API repeats or omits one.",
    (("sequenceNumber",),),
    required=True,
)

ORDER_LINES = Table(
    name="order_lines",
    description="Lines of the orders (licence charge conditions): what is ordered, under which promotion and waiver.",
    group=Group.ORDERS,
    key=("transaction_id", "line_number"),
    slice_by=("creation_date",),
    grain=Grain.CREATION_MONTH,
    children=("licenseChargeBreakdown",),
    values=(
        CREATION_DATE,
        PARENT_TRANSACTION_ID,
        LINE_NUMBER,
        Column(
            "line_group",
            ColumnType.TEXT,
            "Id of the licence charge condition; lines of the installed base that belong together share it.",
            (("lineGroup",),),
        ),
        Column(
            "online_instance_seat_id",
            ColumnType.TEXT,
            "Id of the 3DEXPERIENCE platform instance, or of the user's seat on it.",
            (("onlineInstanceSeatId",),),
            is_looked_up=True,
        ),
        Column(
            "order_type",
            ColumnType.TEXT,
            "What the line does to the licences: new, renewal, migration, stop, …",
            (("orderType",),),
            codes="order_type",
        ),
        Column(
            "usage_scope",
            ColumnType.TEXT,
            "Territory in which the product may be used under the agreement, for example GEO EMEA.",
            (("usageScope",),),
        ),
        Column("promotion_id", ColumnType.TEXT, "Id of the promotion that applies (PAO…).", (("promotion", "id"),)),
        Column("promotion_name", ColumnType.TEXT, "Name of the promotion.", (("promotion", "name"),)),
        Column(
            "promotion_combination",
            ColumnType.TEXT,
            "Name of the group of products that the promotion sells together.",
            (("promotion", "combination"),),
        ),
        Column(
            "waiver_duration",
            ColumnType.INT,
            "Months for which the charge is waived or discounted, where the waiver is given as a duration.",
            (("waiver", "duration"),),
            unit="months",
        ),
        Column(
            "waiver_end_date",
            ColumnType.DATE,
            "Day until which the charge is waived or discounted, where the waiver is given as a date.",
            (("waiver", "endDate"),),
        ),
    ),
)
