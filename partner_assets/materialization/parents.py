"""What an asset needs to know of the rows of its parents in the graph, read from the lake and not from the API."""

from collections.abc import Collection
from dataclasses import dataclass

from partner_assets.lake.store import Lake
from partner_assets.materialization.slices import CannotRead
from partner_assets.tables.accreditations import ACCREDITATIONS
from partner_assets.tables.price_lists import PRICE_LISTS
from partner_assets.tables.products import PRODUCTS


@dataclass(frozen=True)
class PriceList:
    """What prices need to know of their list.

    Attributes:
        currency: Its currency, ISO 4217.
        statuses: The versions of the list that there are: current, and future where one is announced.
    """

    currency: str | None
    statuses: tuple[str, ...]


class Parents:
    """The current rows of the catalogue, each table read once.

    Args:
        lake: Where they are.
    """

    def __init__(self, lake: Lake) -> None:
        self._types: dict[str, str] = {
            row["accreditation_id"]: row["accreditation_type"]
            for row in lake.current(ACCREDITATIONS, ["accreditation_id", "accreditation_type"])
        }
        # A list stands once per country; it has a future version if any of its rows says so.
        self._price_lists: dict[int, PriceList] = {}
        for row in lake.current(PRICE_LISTS, ["price_list_id", "currency", "has_future_price_list"]):
            known = self._price_lists.get(row["price_list_id"])
            has_future = row["has_future_price_list"] or (known is not None and "F" in known.statuses)
            statuses = ("C", "F") if has_future else ("C",)
            self._price_lists[row["price_list_id"]] = PriceList(row["currency"], statuses)

    @property
    def accreditation_ids(self) -> Collection[str]:
        """The accreditations that exist now."""
        return self._types.keys()

    @property
    def price_list_ids(self) -> Collection[int]:
        """The price lists that exist now."""
        return self._price_lists.keys()

    def accreditation_type(self, accreditation_id: str) -> str:
        """Return the kind of an accreditation, which every question about its products needs.

        Raises:
            CannotRead: If there is no such accreditation.
        """
        try:
            return self._types[accreditation_id]
        except KeyError:
            raise CannotRead(
                f"There is no accreditation {accreditation_id} now. "
                "Materialise accreditations; if it is still missing, the partner no longer has it."
            ) from None

    def price_list(self, price_list_id: int) -> PriceList:
        """Return what prices need to know of a price list.

        Raises:
            CannotRead: If there is no such price list.
        """
        try:
            return self._price_lists[price_list_id]
        except KeyError:
            raise CannotRead(
                f"There is no price list {price_list_id} now. "
                "Materialise price_lists; if it is still missing, the vendor has withdrawn it."
            ) from None


def packages(lake: Lake, product_types: Collection[str], offerings: Collection[str]) -> list[tuple[str, str]]:
    """Return the number and release of every package and offer, each once however many accreditations list it.

    Args:
        lake: Where the products are.
        product_types: Values of `product_type` that mark one.
        offerings: Values of `ds_offering` that mark one.
    """
    rows = lake.current(PRODUCTS, ["product_number", "release", "product_type", "ds_offering"])
    return sorted(
        {
            (row["product_number"], row["release"])
            for row in rows
            if row["release"] is not None and (row["product_type"] in product_types or row["ds_offering"] in offerings)
        }
    )
