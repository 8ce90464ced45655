"""A day of orders read from an API that may send any JSON at all: each entry and each document is kept, somewhere, whole.

The API is written by hand, since no server could send all of this in a second. Not here: what is inside of a document
(`partner_assets_tests/tables`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from partner_assets.api.client import PartnerApi
from partner_assets.api.documents import OrderDocument
from partner_assets.lake import parquet
from partner_assets.materialization.order_day import read_order_day, search_day
from partner_assets.materialization.order_tables import ORDER_TABLES, order_tables
from partner_assets.materialization.order_versions import NAMES, all_versions
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.record import rejected_rows
from partner_assets.tables.rejected import REJECTED
from partner_assets.tables.values import json_text
from partner_assets_tests.tables.any_json import ANY_JSON, TEXTS, UNKNOWN, decoded, same
from partner_assets_tests.tables.samples import DAY, LINEAGE

NEXT = DAY + timedelta(days=1)
IDS = st.sampled_from(["PO_1", "PO_2"]) | TEXTS
MOMENTS = st.sampled_from([f"{DAY}T10:00:00Z", f"{DAY}T00:00:00Z", f"{NEXT}T00:00:00+02:00", f"{NEXT}T00:00:00Z"])


class AnyApi:
    """Answers a search with some entries, and every question for details with one of some documents.

    Args:
        entries: What the search gives.
        documents: What the details give, in turn.
    """

    def __init__(self, entries: list[Any], documents: list[Any]) -> None:
        self._entries = entries
        self._documents = documents
        self.sent: dict[str, Any] = {}

    def search_orders(self, **_: Any) -> Iterator[Any]:
        """Give every entry."""
        return iter(self._entries)

    def order_details_many(self, ids: Iterable[str]) -> Iterator[tuple[str, OrderDocument]]:
        """Give a document for every id."""
        for number, order in enumerate(ids):
            record = self._documents[number % len(self._documents)]
            self.sent[order] = record
            yield order, OrderDocument(order, json_text(record), record, "v1", LINEAGE["fetched_at"])

    def counts(self) -> Any:
        """Count nothing."""
        return SimpleNamespace(drifted_searches=0, requests={})


def mostly(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return what is usual, and now and then anything."""
    return st.integers(0, 19).flatmap(lambda number: ANY_JSON if number == 9 else usual)


@st.composite
def heads(draw: st.DrawFn) -> Any:
    """Draw an entry of the search or a document, with a head that is mostly as it should be."""
    transaction = st.fixed_dictionaries({"id": mostly(IDS), "type": st.just("PO")})
    head = {
        "transaction": draw(mostly(transaction)),
        "creationDateTime": draw(mostly(MOMENTS)),
        "lastUpdateDateTime": draw(mostly(MOMENTS | st.none())),
        "licenseChargeConditions": draw(ANY_JSON),
    }
    return draw(mostly(st.just({**draw(UNKNOWN), **head})))


@settings(max_examples=50, deadline=None)
@given(entries=st.lists(heads(), max_size=3), documents=st.lists(heads(), min_size=1, max_size=2))
def test_everything_that_a_day_gives_is_kept(entries: list[Any], documents: list[Any]) -> None:
    """Guards against one odd order that ends the reading of its day, and against one that is dropped without a word."""
    api = AnyApi(entries, documents)
    given_values = {**LINEAGE}
    read = read_order_day(cast(PartnerApi, api), search_day(cast(PartnerApi, api), DAY, given_values), [])
    stored = [dict(zip(NAMES, row, strict=True)) for row in all_versions([], read.rows)]
    parquet.to_arrow(ORDER_DOCUMENTS, all_versions([], read.rows))
    parquet.to_arrow(REJECTED, rejected_rows(REJECTED, read.rejected))
    rejected = [decoded(one.record) for one in read.rejected]
    for entry in entries:
        transaction = entry.get("transaction") if isinstance(entry, dict) else None
        order = transaction.get("id") if isinstance(transaction, dict) else None
        is_asked = isinstance(order, str) and order in api.sent
        is_another_days = isinstance(entry, dict) and str(entry.get("creationDateTime")).startswith(str(NEXT))
        assert is_asked or is_another_days or any(same(one, entry) for one in rejected), entry
    for order, document in api.sent.items():
        found = [row for row in stored if row["transaction_id"] == order]
        if found:
            assert [row["document"] for row in found] == [json_text(document)]
            assert (found[0]["creation_date"], found[0]["is_current"]) == (DAY, True)
        else:
            assert any(same(one, document) for one in rejected), document


@settings(max_examples=25, deadline=None)
@given(documents=st.lists(heads(), min_size=1, max_size=3))
def test_every_document_that_is_kept_can_be_taken_apart(documents: list[Any]) -> None:
    """Guards against a document that passes the reader of days and stops the reader of orders, every night from then on."""
    entries = [{"transaction": {"id": f"PO_{number}"}, "creationDateTime": f"{DAY}T10:00:00Z"} for number in range(3)]
    for number, document in enumerate(documents):
        if isinstance(document, dict) and isinstance(document.get("transaction"), dict):
            document["transaction"]["id"] = f"PO_{number}"
    api = cast(PartnerApi, AnyApi(entries, documents))
    read = read_order_day(api, search_day(api, DAY, {**LINEAGE}), [])
    stored = [dict(zip(NAMES, row, strict=True)) for row in all_versions([], read.rows)]
    made = order_tables(stored)
    kept = Counter(row["transaction_id"] for row in stored)
    heads_made = len(made[ORDER_TABLES[0]].rows) + len(made[ORDER_TABLES[0]].rejected)
    assert heads_made == len(kept) == len(stored)
    for table in ORDER_TABLES:
        parquet.to_arrow(table, made[table].rows)
        parquet.to_arrow(REJECTED, rejected_rows(REJECTED, made[table].rejected))
