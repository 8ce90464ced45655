"""The price lists that the made-up partner sees, and the countries they hold in. Not here: the prices (`prices.py`)."""

from collections.abc import Iterable, Mapping

from partner_assets.sandbox.examples import example_records

# What a currency makes of a list price in euros, in per cent; any other currency counts like the euro.
CURRENCY_PERCENT = {"EUR": 100, "USD": 110, "CAD": 150, "GBP": 86, "JPY": 16_200, "INR": 9_150, "CNY": 780}

_LISTS: Mapping[int, dict[str, object]] = {
    5: {"id": 5, "name": "US Price List", "currency": "USD", "hasFuturePriceList": False, "effectiveDate": "null"},
    12: {"id": 12, "name": "India मूल्य", "currency": "INR", "hasFuturePriceList": False, "effectiveDate": "null"},
    14: {"id": 14, "name": "中国价格表", "currency": "CNY", "hasFuturePriceList": False, "effectiveDate": None},
    17: {
        "id": 17,
        "name": "EMEA Price List",
        "currency": "EUR",
        "hasFuturePriceList": True,
        "effectiveDate": "2027-01-01",
    },
    21: {
        "id": 21,
        "name": "日本 Price List",
        "currency": "JPY",
        "hasFuturePriceList": True,
        "effectiveDate": "2027-02-01",
    },
    26: {"id": 26, "name": "UK Price List", "currency": "GBP", "hasFuturePriceList": True, "effectiveDate": "null"},
}
_COUNTRIES = (
    ("CHE", "Switzerland", (17,)),
    ("CHN", "China", (14,)),
    ("DEU", "Germany", (17,)),
    ("ESP", "Spain", (17,)),
    ("FRA", "France", (17,)),
    ("GBR", "United Kingdom", (26, 17)),
    ("GTM", "Guatemala", (9,)),
    ("IND", "India", (12,)),
    ("ITA", "Italy", (17,)),
    ("JPN", "Japan", (21, 5)),
    ("USA", "United States", (5,)),
)


def made_up_price_lists() -> list[dict[str, object]]:
    """Return every country with its price lists as the API gives them, ascending by country code."""
    examples = example_records("price_lists")
    lists = dict(_LISTS) | {int(str(each["id"])): each for each in lists_among(examples)}
    made_up: list[dict[str, object]] = [
        {"countryCode": code, "countryName": name, "priceLists": [dict(lists[number]) for number in numbers]}
        for code, name, numbers in _COUNTRIES
    ]
    return sorted([*examples, *made_up], key=lambda country: str(country["countryCode"]))


def lists_among(countries: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    """Return the price lists of countries, one entry per country and list."""
    found: list[dict[str, object]] = []
    for country in countries:
        lists = country["priceLists"]
        if isinstance(lists, list):
            found.extend(lists)
    return found
