"""What an asset needs to know of the rows of its parents in the graph, read from the lake and not from the API."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from partner_assets.lake.store import Lake
from partner_assets.materialization.slices import CannotRead
from partner_assets.partitions import catalogue_partitions
from partner_assets.tables.accreditations import ACCREDITATIONS
from partner_assets.tables.price_lists import PRICE_LISTS
from partner_assets.tables.products import PRODUCTS
from partner_assets.tables.record import Rows
from partner_assets.tables.table import Table
from partner_assets.tables.unread import Unread


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
        self._was_accreditation = _ever(lake, ACCREDITATIONS, "accreditation_id")
        self._was_price_list = _ever(lake, PRICE_LISTS, "price_list_id")
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
    def partitions(self) -> dict[str, list[str]]:
        """The partitions of products and prices that ought to exist now, by dynamic set."""
        return catalogue_partitions(self._types.keys(), self._price_lists.keys())

    def accreditation_type(self, accreditation_id: str) -> str | None:
        """Return the kind of an accreditation, which every question about its products needs.

        Returns:
            The kind; None for an accreditation that the partner no longer has, whose products are no more.

        Raises:
            CannotRead: If there never was such an accreditation.
        """
        if accreditation_id in self._types or accreditation_id in self._was_accreditation:
            return self._types.get(accreditation_id)
        raise CannotRead(f"There is no accreditation {accreditation_id}: materialise accreditations first.")

    def price_list(self, price_list_id: int) -> PriceList | None:
        """Return what prices need to know of a price list.

        Returns:
            What is known of it; None for one that the vendor has withdrawn, whose prices are no more.

        Raises:
            CannotRead: If there never was such a price list.
        """
        if price_list_id in self._price_lists or price_list_id in self._was_price_list:
            return self._price_lists.get(price_list_id)
        raise CannotRead(f"There is no price list {price_list_id}: materialise price_lists first.")


def refuse_sudden_loss(lake: Lake, table: Table, rows: Rows, *, column: str, percent: int) -> Rows:
    """Return what was read, unless so much of what is known is missing from it that the answer must be wrong.

    Everything below hangs on these rows: products and prices of a row that goes are closed. So an empty answer removes
    nothing, nor one that lacks more than a share of the rows.

    Args:
        lake: What is known.
        table: A table without slices, that keeps history.
        rows: What was read.
        column: The id whose values are counted.
        percent: The largest share that may go at once; a single one always may, if any is left.

    Raises:
        CannotRead: If too much is missing.
    """
    kept = lake.current(table, table.key)
    known = {row[column] for row in kept}
    index = table.column_names.index(column)
    is_unread = Unread(rows.unread).matcher(table.key)
    came = {row[index] for row in rows.rows} | {row[column] for row in kept if is_unread(tuple(row.values()))}
    lost = known - came
    if not lost or (came and len(lost) <= max(1, len(known) * percent / 100)):
        return rows
    named = ", ".join(map(str, sorted(lost)[:5]))
    raise CannotRead(
        f"{len(lost)} of {len(known)} {table.name} are missing from the answer (such as {named}): nothing is removed. "
        "If they are really gone, set PARTNER_LARGEST_LOSS_PERCENT higher for one run."
    )


def _ever(lake: Lake, table: Table, column: str) -> frozenset[Any]:
    """Return the values that a column has ever had."""
    return frozenset(lake.read(table, columns=[column]).column(column).to_pylist())


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
