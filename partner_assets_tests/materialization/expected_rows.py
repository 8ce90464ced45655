"""What the tables ought to hold, made of the sandbox's own documents by the mapping of `documented_columns.py`.

It shares no code with `partner_assets/tables`: a wrong path, type or rounding there is a difference here. Not here: how
rows are compared (`test_truth.py`).
"""

import copy
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from partner_assets.sandbox.world import World
from partner_assets_tests.materialization.documented_columns import (
    ACCREDITATION,
    CHARGE,
    LINE,
    ORDER,
    PART,
    PRICE,
    PRICE_LIST,
    PRODUCT,
)

Row = dict[str, Any]


class Misfit(Exception):
    """A value that the dictionary's type cannot hold."""


@dataclass
class Expected:
    """Rows by table, and the table, slice and record of everything that can become none."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    rejected: list[tuple[str, str, Any]] = field(default_factory=list)

    def add(self, table: str, slice_name: str, record: Row, read: Callable[[], Row]) -> None:
        """Add the row of a record, or the record to the rejected ones."""
        rows = self.rows.setdefault(table, [])
        try:
            rows.append(read())
        except Misfit:
            self.rejected.append((table, slice_name, record))


def plain(document: Any) -> Any:
    """Return a document as its JSON text says it, every number with a fraction exact."""
    return json.loads(json.dumps(document), parse_float=Decimal)


def expected_orders(documents: Iterable[Mapping[str, Any]]) -> Expected:
    """Return documents, orders, lines and charges of the orders that exist, each seen in one version."""
    expected = Expected({"order_documents": [], "orders": [], "order_lines": [], "order_charges": []})
    for each in documents:
        document = plain(each)
        created = _VALUES["ts"](document["creationDateTime"])
        day: Row = {"creation_date": created.date(), "transaction_id": document["transaction"]["id"]}
        version = {
            "creation_datetime": created,
            "last_update_datetime": _VALUES["ts"](document["lastUpdateDateTime"]),
            "api_version": "v1",
            "document": document,
            "is_current": True,
            "gone_at": None,
        }
        expected.rows["order_documents"].append(day | version)
        _add_order(expected, document, day)
    return expected


def _add_order(expected: Expected, document: Row, day: Row) -> None:
    slice_name = day["creation_date"].isoformat()
    lines = document.get("licenseChargeConditions", [])
    charges = [(line, charge) for line in lines for charge in line.get("licenseChargeBreakdown", [])]
    counts = {"line_count": len(lines), "charge_count": len(charges), "version_count": 1}
    expected.add(
        "orders", slice_name, document, lambda: day | _row(ORDER, document, "licenseChargeConditions") | counts
    )
    for line in lines:
        expected.add("order_lines", slice_name, line, lambda: day | _row(LINE, line, "licenseChargeBreakdown"))  # noqa: B023 - called before the loop goes on
    for line, charge in charges:
        place = day | {"line_number": line["sequenceNumber"]}
        expected.add("order_charges", slice_name, charge, lambda: place | _row(CHARGE, charge))  # noqa: B023 - called before the loop goes on


def expected_catalogue(world: World) -> Expected:
    """Return what the tables of the catalogue hold now."""
    expected = Expected()
    rows = expected.rows
    accreditations = plain(world.accreditations())
    countries = plain(world.price_lists())
    rows["accreditations"] = expected_accreditations(accreditations)
    rows["price_lists"] = [
        _row(PRICE_LIST, {name: country[name] for name in country if name != "priceLists"} | price_list)
        for country in countries
        for price_list in country["priceLists"]
    ]
    rows["products"] = [
        _place(accreditation) | _row(PRODUCT, product)
        for accreditation in accreditations
        for product in plain(world.products(accreditation["id"]))
    ]
    price_lists = {each["price_list_id"]: each for each in rows["price_lists"]}
    rows["product_prices"] = [
        row
        for accreditation in accreditations
        for price_list in price_lists.values()
        for row in _prices(world, _place(accreditation), price_list)
    ]
    packages = {
        (row["product_number"], row["release"])
        for row in rows["products"]
        if row["product_type"] == "P" or row["ds_offering"] == "PCK"
    }
    rows["package_contents"] = [
        {"package_number": number, "package_release": release, "position": position} | _row(PART, part)
        for number, release in packages
        for position, part in enumerate(plain(world.package_content(number, release)), start=1)
    ]
    return expected


def expected_accreditations(records: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return the rows of accreditations as they were sent, whatever version sent them."""
    return [_row(ACCREDITATION, plain(each)) for each in records]


def _place(accreditation: Row) -> Row:
    return {"accreditation_type": accreditation["accreditationType"], "accreditation_id": accreditation["id"]}


def _prices(world: World, place: Row, price_list: Row) -> Iterable[Row]:
    for status in ("C", "F") if price_list["has_future_price_list"] else ("C",):
        for product in plain(world.prices(place["accreditation_id"], price_list["price_list_id"], status)):
            outer = {name: value for name, value in product.items() if name != "prices"}
            for price in product["prices"]:
                asked = {"price_list_id": price_list["price_list_id"], "price_list_status": status}
                yield place | asked | {"currency": price_list["currency"]} | _row(PRICE, outer | price)


def _row(mapping: str, record: Row, *children: str) -> Row:
    """Return a row: the columns of a mapping, and `extra` with what no column names."""
    rest = copy.deepcopy(record)
    for name in children:
        rest.pop(name, None)
    row: Row = {}
    objects = set()
    for line in mapping.split("\n")[1:-1]:
        name, kind, path = line.split(" ")
        *outer, last = path.split(".")
        objects.update(outer)
        inner = rest.get(outer[0], {}) if outer else rest
        value = inner.pop(last, None)
        row[name] = None if value is None else _VALUES[kind](value)
    left = {name: value for name, value in rest.items() if not (name in objects and value == {})}
    return row | {"extra": left or None}


def _decimal(places: int) -> Callable[[Any], Decimal]:
    def convert(value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise Misfit
        return Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)

    return convert


def _of(kind: type) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        if type(value) is not kind:
            raise Misfit
        return value

    return convert


def _date(value: Any) -> date | None:
    return None if value in ("", "null") else date.fromisoformat(value)


def _instant(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


_VALUES: Mapping[str, Callable[[Any], Any]] = {
    "text": _of(str),
    "int": _of(int),
    "bool": _of(bool),
    "date": _date,
    "ts": _instant,
    "money": _decimal(2),
    "percent": _decimal(10),
    "ratio": _decimal(10),
}
