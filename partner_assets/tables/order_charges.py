"""The table `order_charges`: licence charge breakdown, the amounts of a line. Amounts are in the currency of the order."""

from dataclasses import replace

from partner_assets.tables.order_documents import CREATION_DATE
from partner_assets.tables.order_lines import PARENT_TRANSACTION_ID
from partner_assets.tables.table import Column, ColumnType, Grain, Group, Table

ORDER_CHARGES = Table(
    name="order_charges",
    description=(
        "Charges of the order lines (licence charge breakdown): product, quantity, amounts and term. "
        "Amounts are in the order's currency and never in binary floating point."
    ),
    group=Group.ORDERS,
    key=("transaction_id", "line_number", "charge_number"),
    slice_by=("creation_date",),
    grain=Grain.CREATION_MONTH,
    values=(
        CREATION_DATE,
        replace(PARENT_TRANSACTION_ID, is_repeated=True),
        Column("line_number", ColumnType.INT, "Line that the charge belongs to.", required=True),
        Column(
            "charge_number",
            ColumnType.INT,
            "Number of the charge in its line: the API's sequenceNumber, or the position where the API repeats or omits one.",
            (("sequenceNumber",),),
            required=True,
        ),
        Column(
            "installed_base_number",
            ColumnType.TEXT,
            "Number under which the final customer's licences are registered; maintenance and renewals refer to it.",
            (("installedBaseNumber",),),
            is_looked_up=True,
        ),
        Column(
            "sub_order_type",
            ColumnType.TEXT,
            "What the charge does to the licences: new licence, change of VAR, evaluation, …",
            (("subOrderType",),),
            codes="sub_order_type",
        ),
        Column(
            "revenue_type",
            ColumnType.TEXT,
            "How the charge is recognised and billed, for example ALC (annual) or PLC (primary).",
            (("revenueType",),),
            codes="revenue_type",
        ),
        Column("portfolio", ColumnType.TEXT, "Product family, for example CATIA or ENOVIA.", (("portfolio",),)),
        Column("release", ColumnType.TEXT, "Release that is ordered, for example V5-6R2025.", (("release",),)),
        Column("product_trigram", ColumnType.TEXT, "Short code of the product.", (("product", "trigram"),)),
        Column(
            "product_type",
            ColumnType.TEXT,
            "Type of the product, for example named user or add-on.",
            (("product", "type"),),
            codes="product_type",
        ),
        Column(
            "product_number",
            ColumnType.TEXT,
            "Product number, for example 6NB-PCS-OC.",
            (("product", "number"),),
            is_looked_up=True,
            is_repeated=True,
        ),
        Column("product_name", ColumnType.TEXT, "Name of the product.", (("product", "name"),)),
        Column(
            "ds_offering",
            ColumnType.TEXT,
            "Kind of offering: licensed program, online services, packaged offering, …",
            (("product", "dsOffering"),),
            codes="ds_offering",
        ),
        Column("quantity", ColumnType.INT, "How many of the product are ordered.", (("quantity",),)),
        Column("unit_list_price", ColumnType.MONEY, "List price of one unit.", (("unitListPrice",),)),
        Column("total_list_price", ColumnType.MONEY, "List price of all units.", (("totalListPrice",),)),
        Column(
            "distributor_net_amount",
            ColumnType.MONEY,
            "What the invoiced company pays for the charge, with the taxes, fees and discounts that apply.",
            (("distributorNetAmount",), ("billToNetAmount",)),
        ),
        Column(
            "distributor_annual_amount",
            ColumnType.MONEY,
            "What the invoiced company pays for a full year; it differs from the net amount for other terms.",
            (("distributorAnnualAmount",), ("billToAnnualAmount",)),
        ),
        Column(
            "distributor_discount_percentage",
            ColumnType.PERCENT,
            "Discount on the total list price that the invoiced company gets; 39.5 means 39.5 %.",
            (("distributorDiscountPercentage",), ("billToDiscountPercentage",)),
            unit="percent",
        ),
        Column(
            "distributor_maximum_margin_percentage",
            ColumnType.PERCENT,
            "Largest margin of the partner, as percentage of the discounted price, from the agreement's discount model.",
            (("distributorMaximumMarginPercentage",), ("billToMarginPercentage",)),
            unit="percent",
        ),
        Column(
            "customer_maximum_net_amount",
            ColumnType.MONEY,
            "Most that the final customer pays for the charge, discounts included.",
            (("customerMaximumNetAmount",), ("maximumCustomerNetAmount",)),
        ),
        Column(
            "customer_maximum_annual_amount",
            ColumnType.MONEY,
            "Most that the final customer pays for a full year.",
            (("customerMaximumAnnualAmount",), ("maximumCustomerAnnualAmount",)),
        ),
        Column(
            "customer_minimum_discount_percentage",
            ColumnType.PERCENT,
            "Least discount that the partner offers the final customer; 13.97 means 13.97 %.",
            (("customerMinimumDiscountPercentage",), ("minimumCustomerDiscountPercentage",)),
            unit="percent",
        ),
        Column("start_date", ColumnType.DATE, "First day of the product or service.", (("startDate",),)),
        Column("end_date", ColumnType.DATE, "Last day of the product or service.", (("endDate",),)),
        Column(
            "duration",
            ColumnType.INT,
            "Length of the intended use; its unit depends on the revenue type.",
            (("duration",),),
            unit="depends on revenue_type",
        ),
        Column(
            "calculated_start_date",
            ColumnType.DATE,
            "First day as the vendor's system calculated it.",
            (("calculatedStartDate",),),
        ),
        Column(
            "calculated_end_date",
            ColumnType.DATE,
            "Last day as the vendor's system calculated it.",
            (("calculatedEndDate",),),
        ),
        Column(
            "year_number",
            ColumnType.INT,
            "Year of a contract over several years that the charge is for, counted from 1.",
            (("yearNumber",),),
        ),
        Column("coupon_name", ColumnType.TEXT, "Name of the discount coupon applied.", (("coupon", "name"),)),
        Column(
            "coupon_discount_percentage",
            ColumnType.PERCENT,
            "Discount of the coupon; 10 means 10 %.",
            (("coupon", "discountPercentage"),),
            unit="percent",
        ),
        Column(
            "inflation_date",
            ColumnType.DATE,
            "Day from which inflation applies, on renewals.",
            (("inflation", "date"),),
        ),
        Column(
            "inflation_ratio",
            ColumnType.RATIO,
            "Factor that inflation puts on the price, on renewals; 1.04 means 4 % more.",
            (("inflation", "ratio"),),
        ),
        Column(
            "inflation_exception",
            ColumnType.TEXT,
            "Exception applied when the price was raised, for example capping to the price list.",
            (("inflation", "exception"),),
            codes="inflation_exception",
        ),
    ),
)
