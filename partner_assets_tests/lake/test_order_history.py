"""`order_history`, out of documents: exact amounts, versions end to end, old names, and no mixing of legal entities.

What the same document gives in `orders` and `order_charges` is the measure. Not here: questions about one instant
(`test_macros.py`).
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partner_assets.lake import catalogue
from partner_assets.lake.store import Lake
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.order_rows import OrderReader, OrderRows
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.values import from_json
from partner_assets_tests.lake.rows import DAY, NOW, document, put

HOUR = timedelta(hours=1)
DIGITS = st.text("0123456789", min_size=1, max_size=12)
AMOUNTS = st.builds(
    lambda sign, whole, fraction, exponent: f"{sign}{whole}{fraction}{exponent}",
    st.sampled_from(["", "-"]),
    st.integers(0, 10**9).map(str),
    st.one_of(
        st.just(""), DIGITS.map(lambda text: f".{text}"), st.sampled_from([".005", ".00499999999999999999", ".995"])
    ),
    st.sampled_from(["", "", "e0", "E2", "e+06", "E-7", "e-30"]),
)
NAMES = st.sampled_from(["distributorNetAmount", "billToNetAmount", "totalListPrice", "unitListPrice"])
CHARGES = st.one_of(st.none(), st.lists(st.dictionaries(NAMES, AMOUNTS), max_size=4), st.dictionaries(NAMES, AMOUNTS))
LINES = st.one_of(st.none(), st.lists(CHARGES, max_size=3))


class Kept:
    """A lake of documents, and what `order_history` says of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.put([document(1)])
        catalogue.build(root)
        self.connection = catalogue.connect(root)

    def put(self, rows: list[Any], legal_entity: str = "main") -> None:
        """Replace all documents of the day."""
        put(Lake(self.root, legal_entity), ORDER_DOCUMENTS, rows)

    def history(self, columns: str) -> list[tuple[Any, ...]]:
        """Return some columns of all versions, in order."""
        query = f"SELECT {columns} FROM order_history ORDER BY legal_entity, transaction_id, valid_from"
        return self.connection.execute(query).fetchall()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    """Return a lake whose documents can be replaced."""
    lake = Kept(tmp_path)
    yield lake
    lake.connection.close()


def json_of(lines: Any) -> str:
    """Write a document whose amounts have the digits that were drawn, not those of a float."""
    if isinstance(lines, list):
        return f"[{','.join(json_of(one) for one in lines)}]"
    if isinstance(lines, dict):
        return f"{{{','.join(f'{json.dumps(name)} : {amount}' for name, amount in lines.items())}}}"
    return "null"


def from_rows(text: str) -> tuple[int, int, Decimal | None, Decimal | None]:
    """Return the counts and sums that the tables get out of the same document."""
    lineage = {"creation_date": DAY, "fetched_at": NOW, "run_id": "a", "legal_entity": "main", "version_count": 1}
    rows = OrderRows()
    OrderReader("v1").read(from_json(text), lineage, rows)
    assert rows.rejected == []
    order = dict(zip(ORDERS.column_names, rows.orders[0], strict=True))
    charges = [dict(zip(ORDER_CHARGES.column_names, one, strict=True)) for one in rows.charges]
    sums = []
    for name in ("total_list_price", "distributor_net_amount"):
        amounts = [one[name] for one in charges if one[name] is not None]
        sums.append(sum(amounts, Decimal("0.00")) if amounts else None)
    return order["line_count"], order["charge_count"], sums[0], sums[1]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(LINES, min_size=1, max_size=8))
def test_counts_and_sums_are_those_of_the_tables(kept: Kept, drawn: list[Any]) -> None:
    """Guards against a past that adds up to other cents than the same order does today, whatever its numbers look like."""
    head = '"transaction":{"id":"PO_1","type":"PO"},"currency":"EUR","businessUnit":{"id":"1"},"billToSite":{"id":"1"},'
    head += '"soldToSite":{"id":"1"},"creationDateTime":"2026-03-01T06:00:00Z","licenseChargeConditions":'
    texts = []
    for lines in drawn:
        parts = ",".join(f'{{"licenseChargeBreakdown":{json_of(charges)}}}' for charges in lines or [])
        texts.append("{" + head + ("null" if lines is None else f"[{parts}]") + "}")
    kept.put([document(number, document=text) for number, text in enumerate(texts, start=1)])
    found = kept.history("line_count, charge_count, total_list_price, distributor_net_amount")
    assert found == [from_rows(text) for text in texts]


@pytest.mark.parametrize(
    ("amounts", "total"),
    [
        (["1930.0000000000002", "0.1", "0.2"], "1930.30"),
        (["1.00499999999999999999"], "1.00"),
        (["1.005", "-0.005"], "1.00"),
        (["1.23456789E7"], "12345678.90"),
        (["-775590335887174.55950009040e1"], "-7755903358871745.60"),
        (["9999999999999999.99"] * 3, "29999999999999999.97"),
        (["null", "7"], "7.00"),
    ],
)
def test_an_amount_is_rounded_once_and_from_its_text(kept: Kept, amounts: list[str], total: str) -> None:
    """Guards against DuckDB's JSON functions, which read fractions as doubles, and its casts of exponents."""
    kept.put([document(1, *amounts)])
    assert kept.history("distributor_net_amount") == [(Decimal(total),)]


@pytest.mark.parametrize("amounts", [[], ["null"], ["7", "12345678901234567890.12"], ["7", '"much"'], ["7", "1e999"]])
def test_a_total_of_what_cannot_be_read_is_null(kept: Kept, amounts: list[str]) -> None:
    """Guards against a total that is smaller than the order and does not say so."""
    kept.put([document(1, *amounts)])
    assert kept.history("distributor_net_amount, charge_count") == [(None, len(amounts))]


def test_a_version_holds_until_the_next_and_the_last_until_it_is_gone(kept: Kept) -> None:
    """Guards against versions that overlap, or leave a hole in which the order was not there."""
    gone = NOW + 9 * HOUR
    kept.put(
        [
            document(1, hours=5, is_current=True),
            document(1, hours=2, is_current=False),
            document(2, hours=3, is_current=False, gone_at=gone),
            document(3, last_update_datetime=None, is_current=False),
            document(3, hours=4, is_current=True),
        ]
    )
    assert kept.history("transaction_id, valid_from, valid_to, is_current, gone_at") == [
        ("PO_1", NOW + 2 * HOUR, NOW + 5 * HOUR, False, None),
        ("PO_1", NOW + 5 * HOUR, None, True, None),
        ("PO_2", NOW + 3 * HOUR, gone, False, gone),
        ("PO_3", NOW, NOW + 4 * HOUR, False, None),
        ("PO_3", NOW + 4 * HOUR, None, True, None),
    ]


def test_an_order_that_came_back_was_away_in_between(kept: Kept) -> None:
    """Guards against an order that is shown for the time in which the API did not have it."""
    gone = NOW + HOUR
    kept.put([document(1, is_current=False, gone_at=gone), document(1, hours=3, is_current=True)])
    assert kept.history("valid_from, valid_to") == [(NOW, gone), (NOW + 3 * HOUR, None)]


def test_a_version_that_was_gone_by_our_clock_before_it_began_by_theirs_never_held(kept: Kept) -> None:
    """Guards against a version that ends before it begins."""
    kept.put([document(1, hours=1, is_current=False, gone_at=NOW)])
    assert kept.history("valid_from, valid_to") == [(NOW + HOUR, NOW + HOUR)]


def test_old_names_become_codes_only_in_documents_of_v0(kept: Kept) -> None:
    """Guards against one status under two names, and against a v1 status that is changed because it looks like an old name."""
    kept.put(
        [
            document(1, status="Cancelled", api_version="v0"),
            document(2, status="Cancelled", api_version="v1"),
            document(3, status="nobody knows", api_version="v0"),
            document(4, status="CAN"),
        ]
    )
    assert kept.history("status, status_label") == [
        ("CAN", "Cancelled"),
        ("Cancelled", None),
        ("nobody knows", None),
        ("CAN", "Cancelled"),
    ]


def test_versions_of_another_legal_entity_end_nothing(kept: Kept) -> None:
    """Guards against one company's update that closes the other company's version of an order with the same number."""
    kept.put([document(1, "1")])
    kept.put([document(1, "2", hours=1, legal_entity="other")], "other")
    assert kept.history("legal_entity, valid_to, distributor_net_amount") == [
        ("main", None, Decimal("1.00")),
        ("other", None, Decimal("2.00")),
    ]


def test_a_text_that_looks_like_an_amount_stays_a_text(kept: Kept) -> None:
    """Guards against a description that is taken for JSON."""
    trap = json.dumps('x "distributorNetAmount": 5, {"distributorNetAmount":5}')
    lines = f'[{{"licenseChargeBreakdown":[{{"distributorNetAmount":1.5,"name":{trap}}}]}}]'
    kept.put([document(1, document=f'{{"currency":"EUR","description":{trap},"licenseChargeConditions":{lines}}}')])
    assert kept.history("distributor_net_amount, currency, status") == [(Decimal("1.50"), "EUR", None)]
