"""The table `price_lists`: which price lists hold in which country. The API nests lists in countries; here a row is a pair."""

from partner_assets.tables.table import Column, ColumnType, Group, Table

PRICE_LISTS = Table(
    name="price_lists",
    description=(
        "Which price lists hold in which country. One list often serves several countries and then stands once per country."
    ),
    group=Group.CATALOGUE,
    key=("country_code", "price_list_id"),
    keeps_history=True,
    values=(
        Column(
            "country_code",
            ColumnType.TEXT,
            "Country in which the price list holds, as ISO 3166-1 alpha-3 code, for example FRA.",
            (("countryCode",),),
            required=True,
        ),
        Column("country_name", ColumnType.TEXT, "Name of the country.", (("countryName",),)),
        Column("price_list_id", ColumnType.INT, "Number of the price list.", (("id",),), required=True),
        Column("name", ColumnType.TEXT, "Name of the price list, for example LATAM South Price List.", (("name",),)),
        Column("currency", ColumnType.TEXT, "Currency of the prices on the list, ISO 4217.", (("currency",),)),
        Column(
            "has_future_price_list",
            ColumnType.BOOL,
            "True when a future version of the list has been announced: its prices have price_list_status F.",
            (("hasFuturePriceList",),),
        ),
        Column(
            "effective_date",
            ColumnType.DATE,
            "Day on which the announced future version takes effect; null when none is announced.",
            (("effectiveDate",),),
        ),
    ),
)
