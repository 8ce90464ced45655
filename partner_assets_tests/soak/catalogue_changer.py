"""Lets accreditations and price lists come and go, and products and prices change, at random but the same for a seed.

What vanishes stays below the share at which the graph refuses to believe it. Not here: reading it all again, which is
the operator's turn (`conduct.py`).
"""

import random
from collections.abc import Collection

from partner_assets.sandbox.world import World
from partner_assets_tests.soak.ledger import Ledger
from partner_assets_tests.soak.order_changer import Tell

_ACCREDITATIONS, _LISTS = 9, 4
"""What is left of the sandbox's catalogue, so that reading all of it takes seconds: a soak is about changes, not size."""

_MOST_ORIGINALS_REMOVED = 2
_TURNS_BEFORE_ANNOUNCING = 3
_FIRST_LIST_ID = 101
_COUNTRIES = ("FRA", "DEU", "BRA", "PRT")


class CatalogueChanger:
    """Changes the catalogue.

    Args:
        world: Where it is.
        tell: How it is changed.
        ledger: Where it is written down.
        seed: What is chosen depends on it.
    """

    def __init__(self, world: World, tell: Tell, ledger: Ledger, *, seed: int) -> None:
        self._catalogue = world.catalogue
        self._tell = tell
        self._ledger = ledger
        self._random = random.Random(seed + 1)  # noqa: S311 - nothing secret hangs on it
        self._turn = 0
        self._added: list[str] = []
        self._added_lists: list[int] = []
        self._originals_removed = 0

    def shrink(self) -> None:
        """Make the catalogue small, before anybody reads it."""
        for accreditation in self._catalogue.accreditations()[_ACCREDITATIONS:]:
            self._tell("accreditations/remove", id=accreditation["id"])
        for number in self._list_ids()[_LISTS:]:
            self._tell("price-lists/remove", id=number)

    def turn(self, lists_in_lake: Collection[int]) -> None:
        """Change something of every kind.

        Args:
            lists_in_lake: The price lists that the lake has now: as long as a removed one is among them, none is removed.
        """
        self._turn += 1
        self._add_accreditation()
        self._remove_accreditation()
        self._add_price_list()
        if len(self._added_lists) > 1 and set(lists_in_lake) <= set(self._list_ids()):
            self._do("price-lists/remove", id=self._added_lists.pop(0))
        if self._turn > _TURNS_BEFORE_ANNOUNCING:
            self._announce(self._added_lists[0])
        if self._turn == _TURNS_BEFORE_ANNOUNCING:
            self._announce(self._random.choice(self._list_ids()))
        self._do("prices/change", priceListId=self._random.choice(self._list_ids()), percent=90 + self._turn)
        self._change_product()

    def _list_ids(self) -> list[int]:
        return sorted({int(str(each["id"])) for each in self._catalogue.every_price_list()})

    def _add_accreditation(self) -> None:
        number = f"PRTF9{self._turn:02d}"
        record = {"id": number, "name": f"Soaked portfolio {self._turn}", "accreditationType": "R"}
        self._do("accreditations/add", record=record)
        self._added.append(number)

    def _remove_accreditation(self) -> None:
        """Remove one that was added earlier, or one of the first, but not many of those."""
        earlier = self._added[:-1]
        if earlier and self._random.random() < 0.6:
            number = self._random.choice(earlier)
            self._added.remove(number)
        elif self._originals_removed < _MOST_ORIGINALS_REMOVED:
            ids = [str(each["id"]) for each in self._catalogue.accreditations()]
            number = self._random.choice([one for one in ids if one not in self._added])
            self._originals_removed += 1
        else:
            return
        self._do("accreditations/remove", id=number)

    def _add_price_list(self) -> None:
        number = _FIRST_LIST_ID + self._turn
        record = {
            "id": number,
            "name": f"Soaked list {number}",
            "currency": self._random.choice(("EUR", "USD")),
            "hasFuturePriceList": self._random.random() < 0.5,
            "effectiveDate": "null",
        }
        self._do("price-lists/add", record=record, countries=self._random.sample(_COUNTRIES, 2))
        self._added_lists.append(number)

    def _announce(self, number: int) -> None:
        """Announce a future version of a price list that has none, or take it back."""
        known = self._catalogue.price_list(number) or {}
        fields = {"hasFuturePriceList": not known["hasFuturePriceList"], "effectiveDate": "2031-01-01"}
        self._do("price-lists/change", id=number, fields=fields)

    def _change_product(self) -> None:
        accreditations = [str(each["id"]) for each in self._catalogue.accreditations()]
        owner = next(one for one in self._random.sample(accreditations, len(accreditations)) if self._products(one))
        one, other = (self._random.choice(self._products(owner)) for _ in range(2))
        self._do("products/change", accreditationId=owner, **one, fields={"name": f"Soaked {self._turn}"})
        if one != other:
            self._do("products/remove", accreditationId=owner, **other)

    def _products(self, accreditation_id: str) -> list[dict[str, str]]:
        rows = self._catalogue.products(accreditation_id)
        return [{"number": str(row["number"]), "release": str(row["release"])} for row in rows]

    def _do(self, path: str, **body: object) -> None:
        self._tell(path, **body)
        self._ledger.catalogue[path] += 1
