"""Checks that what a row refers to exists: an order for every line, a product for every price.

Only references that the API promises. A part of a package, or a product on a charge, may well be one that none of the
partner's accreditations lists. Not here: keys within one table (`soundness.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from partner_assets.checks.look import SHOWN, Check, Finding, Look, Shown, columns, offending
from partner_assets.lake import sql
from partner_assets.tables.accreditations import ACCREDITATIONS
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_lines import ORDER_LINES
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.package_contents import PACKAGE_CONTENTS
from partner_assets.tables.price_lists import PRICE_LISTS
from partner_assets.tables.product_prices import PRODUCT_PRICES
from partner_assets.tables.products import PRODUCTS
from partner_assets.tables.table import Table


@dataclass(frozen=True)
class Reference:
    """What the rows of a table refer to.

    Attributes:
        parent: The table in which it must be.
        columns: The columns that name it, never null: here, and in the parent.
    """

    parent: Table
    columns: Mapping[str, str]


def _same(*names: str) -> dict[str, str]:
    return dict(zip(names, names, strict=True))


REFERENCES: Mapping[Table, tuple[Reference, ...]] = {
    PRODUCTS: (Reference(ACCREDITATIONS, _same("accreditation_id")),),
    PRODUCT_PRICES: (
        Reference(PRODUCTS, _same("accreditation_id", "product_number")),
        Reference(PRICE_LISTS, _same("price_list_id")),
    ),
    PACKAGE_CONTENTS: (Reference(PRODUCTS, {"package_number": "product_number", "package_release": "release"}),),
    ORDER_LINES: (Reference(ORDERS, _same("transaction_id")),),
    ORDER_CHARGES: (Reference(ORDER_LINES, _same("transaction_id", "line_number")),),
}


def references(table: Table) -> list[Check]:
    """Return the check of a table's references, if it has any."""
    if table not in REFERENCES:
        return []
    named = " and ".join(f"{one.parent.name} ({', '.join(one.columns)})" for one in REFERENCES[table])
    current = "current " if table.keeps_history else ""
    return [Check("references_whole", f"Every {current}row of {table.name} has its row in {named}.", references_whole)]


def references_whole(look: Look) -> Finding:
    """Check that no current row refers to what is not there."""
    sentences, rows = list[str](), Shown()
    total = 0
    for reference in REFERENCES[look.table]:
        parent = reference.parent
        # A part of the catalogue may be materialised before another one has ever been; an order comes whole.
        if parent.keeps_history and not look.files(parent):
            sentences.append(f"{parent.name} has not been materialised yet.")
            continue
        count, found = look.offenders(_without_parent(look, reference))
        total += count
        rows += [{**row, "missing in": parent.name} for row in found]
        if count:
            sentences.append(f"{count} rows of {look.table.name} have no row in {parent.name}.")
    return Finding(not total, " ".join(sentences) or "Every row has what it refers to.", offending(rows[:SHOWN]))


def _without_parent(look: Look, reference: Reference) -> str:
    """Return the query for the rows whose parent is missing."""
    joined = " AND ".join(f"p.{sql.name(there)} = c.{sql.name(here)}" for here, there in reference.columns.items())
    names = columns(list(dict.fromkeys((*look.table.key, *reference.columns))), "c")
    parents = f"SELECT 1 FROM {look.rows(reference.parent)} p WHERE {joined}"
    return f"SELECT {names} FROM {look.rows()} c WHERE NOT EXISTS ({parents})"
