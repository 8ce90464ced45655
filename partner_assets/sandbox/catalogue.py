"""The catalogue as it stands now: what was made up, and what the control endpoint changed since.

Not here: how things are made up (`accreditations.py`, `price_lists.py`, `assortments.py`, `prices.py`, `packages.py`).
"""

from collections.abc import Iterable, Mapping

from partner_assets.sandbox.accreditations import made_up_accreditations
from partner_assets.sandbox.assortments import Article, assortment
from partner_assets.sandbox.examples import EXAMPLE_PRICE_LIST, EXAMPLE_PRICES_ACCREDITATION, example_records
from partner_assets.sandbox.packages import is_package, package_parts
from partner_assets.sandbox.price_lists import lists_among, made_up_price_lists
from partner_assets.sandbox.prices import price_row

Record = dict[str, object]
GONE: Mapping[str, object] = {"gone": True}


class Catalogue:
    """Everything but orders. Changes cost memory in proportion to their number, nothing else is kept.

    Args:
        seed: Which made-up partner.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._accreditations = {str(each["id"]): each for each in made_up_accreditations()}
        self._countries = {str(each["countryCode"]): each for each in made_up_price_lists()}
        self._product_changes: dict[tuple[str, str, str], Mapping[str, object]] = {}
        self._price_percent: dict[tuple[int, str], int] = {}

    # The truth -------------------------------------------------------------------------------------------------------

    def accreditations(self) -> list[Record]:
        """Return the accreditations as v1 gives them."""
        return list(self._accreditations.values())

    def price_lists(self) -> list[Record]:
        """Return the countries with their price lists, ascending by country code."""
        return [self._countries[code] for code in sorted(self._countries)]

    def accreditation_type(self, accreditation_id: str) -> str | None:
        """Return the kind of an accreditation, None if it is not held."""
        record = self._accreditations.get(accreditation_id)
        return None if record is None else str(record.get("accreditationType"))

    def every_price_list(self) -> list[Record]:
        """Return the price lists of all countries, one entry per country and list."""
        return lists_among(self.price_lists())

    def price_list(self, price_list_id: int) -> Record | None:
        """Return a price list as its first country shows it, None if no country has it."""
        return next((each for each in self.every_price_list() if each["id"] == price_list_id), None)

    def products(self, accreditation_id: str) -> list[Record]:
        """Return the product rows of an accreditation, ascending by number."""
        if accreditation_id not in self._accreditations:
            return []
        return [
            row for article in assortment(self._seed, accreditation_id) for row in self._rows(accreditation_id, article)
        ]

    def prices(self, accreditation_id: str, price_list_id: int, status: str = "C") -> list[Record]:
        """Return the price rows of an accreditation on a price list, ascending by number.

        Args:
            accreditation_id: Whose products.
            price_list_id: Which list.
            status: ``"C"`` for the prices in force, ``"F"`` for the announced ones: none unless the list has a future.
        """
        price_list = self.price_list(price_list_id)
        if price_list is None or accreditation_id not in self._accreditations:
            return []
        if status == "F" and not price_list["hasFuturePriceList"]:
            return []
        currency, percent = str(price_list["currency"]), self._price_percent.get((price_list_id, status), 100)
        rows = {
            article.number: price_row(self._seed, article, price_list_id, currency, status, percent)
            for article in assortment(self._seed, accreditation_id)
            if self._rows(accreditation_id, article)
        }
        if (accreditation_id, price_list_id, status, percent) == (
            EXAMPLE_PRICES_ACCREDITATION,
            EXAMPLE_PRICE_LIST,
            "C",
            100,
        ):
            rows |= {str(row["number"]): row for row in example_records("prices")}
        return list(rows.values())

    def packages(self) -> list[tuple[str, str]]:
        """Return the number and release of every package that some accreditation lists, ascending."""
        rows = (row for accreditation_id in self._accreditations for row in self.products(accreditation_id))
        return sorted({(str(row["number"]), str(row.get("release"))) for row in rows if is_package(row)})

    def package_content(self, number: str, release: str) -> list[Record]:
        """Return the parts of a package in their order; none if nobody lists such a package."""
        for accreditation_id in self._accreditations:
            for article in assortment(self._seed, accreditation_id):
                if article.number == number and any(
                    row.get("release") == release and is_package(row) for row in self._rows(accreditation_id, article)
                ):
                    return package_parts(self._seed, number, release)
        return []

    # Changes ---------------------------------------------------------------------------------------------------------

    def put_accreditation(self, record: Record) -> None:
        """Add an accreditation at the end, or replace the one with its id."""
        self._accreditations[str(record["id"])] = record

    def change_accreditation(self, accreditation_id: str, fields: Mapping[str, object]) -> None:
        """Change fields of an accreditation; a field set to None goes."""
        self._accreditations[accreditation_id] = merged(self._accreditations[accreditation_id], fields)

    def remove_accreditation(self, accreditation_id: str) -> None:
        """Remove an accreditation with everything it lists."""
        del self._accreditations[accreditation_id]

    def add_price_list(self, record: Record, countries: Iterable[str]) -> None:
        """Make a price list hold in countries, which need not have been there before."""
        for code in countries:
            country = self._countries.get(code, {"countryCode": code, "countryName": code, "priceLists": []})
            self._countries[code] = country | {"priceLists": [*lists_among([country]), dict(record)]}

    def change_price_list(self, price_list_id: int, fields: Mapping[str, object]) -> None:
        """Change fields of a price list in every country, for example announce a future one."""
        for code, country in self._countries.items():
            lists = [merged(each, fields) if each["id"] == price_list_id else each for each in lists_among([country])]
            self._countries[code] = country | {"priceLists": lists}

    def remove_price_list(self, price_list_id: int) -> None:
        """Remove a price list from every country; a country left without any goes too."""
        for code, country in list(self._countries.items()):
            lists = [each for each in lists_among([country]) if each["id"] != price_list_id]
            if lists:
                self._countries[code] = country | {"priceLists": lists}
            else:
                del self._countries[code]

    def change_product(self, accreditation_id: str, number: str, release: str, fields: Mapping[str, object]) -> None:
        """Change fields of one product row (a field set to None goes), or with `GONE` remove the row."""
        key = (accreditation_id, number, release)
        self._product_changes[key] = fields if fields is GONE else {**self._product_changes.get(key, {}), **fields}

    def change_prices(self, price_list_id: int, status: str, percent: int) -> None:
        """Set what to make of a list's prices, in per cent of the made-up ones."""
        self._price_percent[price_list_id, status] = percent

    def _rows(self, accreditation_id: str, article: Article) -> list[Record]:
        if not self._product_changes:
            return list(article.rows)
        changed = [
            (row, self._product_changes.get((accreditation_id, article.number, str(row["release"]))))
            for row in article.rows
        ]
        return [row if change is None else merged(row, change) for row, change in changed if change is not GONE]


def merged(record: Mapping[str, object], fields: Mapping[str, object]) -> Record:
    """Return a record with fields changed; a field set to None goes, an object within is changed, not replaced."""
    result = dict(record)
    for name, value in fields.items():
        inner = result.get(name)
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping) and isinstance(inner, Mapping):
            result[name] = merged(inner, value)
        else:
            result[name] = value
    return result
