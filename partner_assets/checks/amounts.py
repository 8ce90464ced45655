"""Checks that amounts which the API sends side by side agree to the cent. In exact decimals only.

The tables keep what came, whether it agrees or not. Not here: sums over rows, which the reference does not define.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from partner_assets.checks.look import Check, Finding, Look, columns, offending
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.product_prices import PRODUCT_PRICES
from partner_assets.tables.table import Table


@dataclass(frozen=True)
class Agreement:
    """How one amount follows from others.

    Attributes:
        amount: The column that follows.
        columns: The columns that it follows from; a row without one of them says nothing.
        formula: The same in words.
        differs: SQL that is true where they are more than a cent apart.
    """

    amount: str
    columns: tuple[str, ...]
    formula: str
    differs: str


AGREEMENTS: Mapping[Table, Agreement] = {
    ORDER_CHARGES: Agreement(
        "total_list_price",
        ("unit_list_price", "quantity"),
        "unit_list_price times quantity",
        # A bigint counts as DECIMAL(19,0), so the product is a DECIMAL(37,2) and cannot overflow.
        "abs(unit_list_price * quantity - total_list_price) > 0.01",
    ),
    PRODUCT_PRICES: Agreement(
        "distributor_price",
        ("ds_list_price", "distributor_discount_percentage"),
        "ds_list_price times (100 - distributor_discount_percentage) / 100",
        # Multiplied by a hundred, since DuckDB's division leaves the decimals. Percentages are DECIMAL(20,10), whose
        # product with money is not clamped to 18 digits.
        "abs(ds_list_price * (100 - distributor_discount_percentage) - 100 * distributor_price) > 1",
    ),
}


def amounts(table: Table) -> list[Check]:
    """Return the check of a table's amounts, if one follows from others."""
    if table not in AGREEMENTS:
        return []
    one = AGREEMENTS[table]
    sentence = f"{one.amount} of {table.name} is {one.formula}, within a cent."
    return [Check(f"{one.amount}_agrees", sentence, amount_agrees)]


def amount_agrees(look: Look) -> Finding:
    """Check that an amount is what it follows from; rows in which one of them is null are left out."""
    table, agreement = look.table, AGREEMENTS[look.table]
    involved = (*agreement.columns, agreement.amount)
    names = columns(list(dict.fromkeys((*table.key, *involved))))
    given = " AND ".join(f"{name} IS NOT NULL" for name in involved)
    # What is too large even for 38 digits cannot be right, and must not end the run.
    differs = f"coalesce(TRY({agreement.differs}), true)"
    count, rows = look.offenders(f"SELECT {names} FROM {look.rows()} WHERE {given} AND {differs}")
    description = (
        f"In {count} rows of {table.name}, {agreement.amount} is not {agreement.formula}."
        if count
        else "All agree to the cent."
    )
    return Finding(not count, description, offending(rows))
