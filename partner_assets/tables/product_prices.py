"""The table `product_prices`: list and partner prices. One price of the API's nested `prices` list is one row."""

from partner_assets.tables.table import Column, ColumnType, Grain, Group, Table

PRODUCT_PRICES = Table(
    name="product_prices",
    description=(
        "List price and partner price of every product, per accreditation, price list and revenue type; current prices, "
        "and future ones where a future price list is announced. Standard discounts only: tiering and other "
        "adjustments of the distribution agreement are not included."
    ),
    group=Group.CATALOGUE,
    key=("accreditation_id", "price_list_id", "price_list_status", "product_number", "revenue_type"),
    slice_by=("accreditation_id", "price_list_id"),
    grain=Grain.PRICE_LIST,
    keeps_history=True,
    values=(
        Column(
            "accreditation_type",
            ColumnType.TEXT,
            "Kind of the accreditation that was asked for: portfolio (R) or industry process experience (I).",
            required=True,
            codes="accreditation_type",
        ),
        Column("accreditation_id", ColumnType.TEXT, "Accreditation that was asked for.", required=True),
        Column("price_list_id", ColumnType.INT, "Price list that was asked for.", required=True),
        Column(
            "price_list_status",
            ColumnType.TEXT,
            "C for the price list in force, F for the announced future one.",
            required=True,
            codes="price_list_status",
        ),
        Column("currency", ColumnType.TEXT, "Currency of the price list, ISO 4217."),
        Column(
            "product_number",
            ColumnType.TEXT,
            "Product number, for example 6NB-PCS-OC.",
            (("number",),),
            required=True,
            is_looked_up=True,
            is_repeated=True,
        ),
        Column(
            "revenue_type",
            ColumnType.TEXT,
            "How the charge is recognised and billed, for example ALC (annual) or PLC (primary).",
            (("revenueType",),),
            required=True,
            codes="revenue_type",
        ),
        Column("ds_list_price", ColumnType.MONEY, "List price of Dassault Systèmes.", (("dsListPrice",),)),
        Column(
            "distributor_discount_percentage",
            ColumnType.PERCENT,
            "Discount that the partner gets on the list price; 25 means 25 %.",
            (("distributorDiscountPercentage",),),
            unit="percent",
        ),
        Column("distributor_price", ColumnType.MONEY, "Price that the partner pays.", (("distributorPrice",),)),
        Column(
            "first_year_discount_percentage",
            ColumnType.PERCENT,
            "Further discount in the first year, where there is one; 45 means 45 %.",
            (("firstYearDiscountPercentage",),),
            unit="percent",
        ),
        Column(
            "first_year_discount_price",
            ColumnType.MONEY,
            "Price in the first year, where there is a first-year discount.",
            (("firstYearDiscountPrice",),),
        ),
    ),
)
