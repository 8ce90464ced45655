"""Records that cannot become rows: kept exactly as they came, with slice and reason, while the rest of the day is there.

Not here: which values fit which column (`partner_assets_tests/tables`).
"""

import json
from decimal import Decimal
from typing import Any

import pytest

from partner_assets_tests.materialization.site import TODAY, OpenSite, Row, Site, checks, materialized, shrink_catalogue

DAY = TODAY.isoformat()
CREATED = f"{DAY}T06:00:00Z"


def document(order: str | None, **fields: Any) -> Row:
    """Return a small order that is in order; None leaves the id out."""
    transaction = {"type": "PO", "status": "CAN"} | ({} if order is None else {"id": order})
    return {
        "transaction": transaction,
        "businessUnit": {"id": "BU1"},
        "billToSite": {"id": "100"},
        "soldToSite": {"id": "200"},
        "creationDateTime": CREATED,
        "lastUpdateDateTime": CREATED,
        "currency": "EUR",
        "licenseChargeConditions": [
            {"sequenceNumber": 1, "licenseChargeBreakdown": [{"sequenceNumber": 1, "quantity": 2}]},
            {"sequenceNumber": 2, "licenseChargeBreakdown": [{"sequenceNumber": 1, "quantity": 5}]},
        ],
        **fields,
    }


def add(site: Site, given: Row) -> str:
    """Add a document as it is; return the id by which it can be changed."""
    ids = site.sandbox.control("orders/add", document=given, creationDateTime=CREATED)["ids"]
    assert isinstance(ids, list)
    return str(ids[0])


def nested(depth: int) -> list[Any]:
    """Return a list in a list in a list, so many levels deep."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


WITH_TEXT = [
    {
        "sequenceNumber": 1,
        "licenseChargeBreakdown": [
            {"sequenceNumber": 1, "quantity": 2, "unitListPrice": 1930.0000000000002},
            {"sequenceNumber": 2, "quantity": "two seats", "unitListPrice": 12.345},
        ],
    }
]

UNREADABLE = [
    pytest.param(
        document(None),
        "order_documents",
        "transaction.id",
        {"order_documents": 1, "orders": 1, "order_lines": 2, "order_charges": 2},
        {"transaction": {"id": "PO_X000000001"}},
        id="no id",
    ),
    pytest.param(
        document("PO_BROKEN", licenseChargeConditions=WITH_TEXT),
        "order_charges",
        'PO_BROKEN, line 1, charge 2: quantity: expected a whole number, got the text "two seats"',
        {"order_documents": 2, "orders": 2, "order_lines": 3, "order_charges": 3},
        {"licenseChargeConditions": []},
        id="a text where a number belongs",
    ),
    pytest.param(
        document("PO_BROKEN", soldToSite=nested(60)),
        "orders",
        "PO_BROKEN: soldToSite: expected an object",
        {"order_documents": 2, "orders": 1, "order_lines": 4, "order_charges": 4},
        {"soldToSite": {"id": "200"}},
        id="deep nesting where an object belongs",
    ),
]


@pytest.mark.parametrize(("broken", "table", "reason", "counts", "mended"), UNREADABLE)
def test_a_broken_order_is_rejected_alone_and_forgotten_when_it_is_mended(
    open_site: OpenSite, broken: Row, table: str, reason: str, counts: dict[str, int], mended: Row
) -> None:
    """Guards against one bad record that takes its day with it, that is lost in silence, or that is shown for ever."""
    site = open_site(with_checks=True, orders_per_day=0)
    add(site, document("PO_GOOD"))
    order = add(site, broken)
    result = site.run_day(TODAY)
    assert {name: len(site.rows(name)) for name in counts} == counts
    assert len(site.rows("orders", transaction_id="PO_GOOD")) == 1
    [rejected] = site.rows("rejected")
    assert (rejected["table_name"], rejected["slice"], rejected["position"]) == (table, DAY, 1)
    assert reason in rejected["reason"]
    assert materialized(result, table)[DAY]["rejected"] == 1
    check = checks(result, table)["nothing_rejected"]
    assert (check.passed, check.severity.value) == (False, "WARN")
    [shown] = check.metadata["offending records"].value
    assert shown == {name: rejected[name] for name in ("slice", "reason", "record")}
    site.sandbox.control("clock", advance_seconds=60)
    site.sandbox.control("orders/change", id=order, fields=mended)
    result = site.run_day(TODAY)
    assert site.rows("rejected") == []
    assert checks(result, table)["nothing_rejected"].passed
    assert len(site.rows("orders")) == 2


def test_a_rejected_record_is_kept_exactly(open_site: OpenSite) -> None:
    """Guards against a record that can no longer be mended by hand, because its digits or fields are gone."""
    site = open_site(orders_per_day=0)
    add(site, document("PO_BROKEN", licenseChargeConditions=WITH_TEXT))
    site.run_day(TODAY)
    [rejected] = site.rows("rejected")
    record = json.loads(rejected["record"], parse_float=Decimal)
    assert record == {"sequenceNumber": 2, "quantity": "two seats", "unitListPrice": Decimal("12.345")}
    assert rejected["legal_entity"] == "main"
    [charge] = site.rows("order_charges")
    assert str(charge["unit_list_price"]) == "1930.00"
    [order] = site.rows("orders")
    assert (order["charge_count"], order["fetched_at"]) == (2, rejected["fetched_at"])


def test_several_broken_records_of_a_day_are_all_kept_and_numbered(open_site: OpenSite) -> None:
    """Guards against rejected records that overwrite each other, since many have no id."""
    site = open_site(orders_per_day=0)
    for name in ("one", "two", "three"):
        add(site, document(None, billToPoReference=name))
    charges = [{"sequenceNumber": number, "quantity": "many"} for number in (1, 2)]
    line = {"sequenceNumber": 1, "licenseChargeBreakdown": charges}
    add(site, document("PO_BROKEN", licenseChargeConditions=[line]))
    site.run_day(TODAY)
    places = sorted((row["table_name"], row["position"]) for row in site.rows("rejected"))
    assert places == [("order_charges", 1), ("order_charges", 2), *(("order_documents", at) for at in (1, 2, 3))]


@pytest.mark.parametrize("order", ["", ".", ".."])
def test_an_entry_whose_id_cannot_stand_in_a_path_is_rejected_and_the_others_are_read(
    open_site: OpenSite, order: str
) -> None:
    """Guards against one entry without a name that ends the run, so that none of its days is published."""
    yesterday = TODAY.replace(day=4)
    site = open_site(start=yesterday, orders_per_day=0)
    good = {site.add_order(CREATED), site.add_order(f"{yesterday}T06:00:00Z")}
    add(site, document(order))
    result = site.run_days(yesterday, TODAY)
    assert {row["transaction_id"] for row in site.rows("orders")} == good
    [rejected] = site.rows("rejected")
    assert rejected["reason"] == f"an entry of the search: transaction_id: an order cannot have the id {order!r}"
    assert (rejected["table_name"], rejected["slice"]) == ("order_documents", DAY)
    assert json.loads(rejected["record"])["transaction"]["id"] == order
    assert materialized(result, "order_documents")[DAY]["found"] == 1


def test_an_unknown_field_is_no_reason_to_reject(open_site: OpenSite) -> None:
    """Guards against a release of the API that adds a field and empties the tables."""
    site = open_site(orders_per_day=0)
    unknown = {"greenScore": 12.5, "deep": nested(60), "nothing": None}
    site_extra = {"id": "200", "vatNumber": "FR1"}
    add(site, document("PO_NEW", soldToSite=site_extra, **unknown))
    site.run_day(TODAY)
    [order] = site.rows("orders")
    assert json.loads(order["extra"]) == {"soldToSite": {"vatNumber": "FR1"}, **unknown}
    assert order["sold_to_site_id"] == "200"
    assert site.rows("rejected") == []


def test_rejected_records_of_one_day_stay_when_another_is_run(open_site: OpenSite) -> None:
    """Guards against a table of rejected records that only knows the last run."""
    site = open_site(with_checks=True, start=TODAY.replace(day=4), orders_per_day=0)
    add(site, document("PO_BROKEN", licenseChargeConditions=WITH_TEXT))
    site.run_day(TODAY)
    before = site.rows("rejected")
    result = site.run_day(TODAY.replace(day=4))
    assert site.rows("rejected") == before != []
    assert not checks(result, "order_charges")["nothing_rejected"].passed


def test_a_product_that_cannot_be_read_stays_as_it_was_last_read(open_site: OpenSite) -> None:
    """Guards against a product, and the prices that hang on it, taken for withdrawn because one field was odd for a day."""
    site = open_site(with_checks=True)
    site.run_roots()
    [accreditation, *_] = sorted(row["accreditation_id"] for row in site.current("accreditations"))
    site.run_products(accreditation)
    before = site.rows("products", accreditation_id=accreditation)
    odd, gone = before[0], before[1]
    names = [{"number": one["product_number"], "release": one["release"]} for one in (odd, gone)]
    place = {"accreditationId": accreditation, **names[0]}
    site.sandbox.control("products/change", **place, fields={"trigram": ["a", "list"]})
    site.sandbox.control("products/remove", accreditationId=accreditation, **names[1])
    result = site.run_products(accreditation)
    assert checks(result, "products")["nothing_rejected"].severity.value == "WARN"
    [rejected] = site.rows("rejected")
    assert rejected["reason"].startswith("trigram: ")
    closed = [row for row in site.rows("products", accreditation_id=accreditation) if row["valid_to"] is not None]
    assert [row["product_number"] for row in closed] == [gone["product_number"]]
    assert odd in site.current("products")
    site.sandbox.control("products/change", **place, fields={"trigram": odd["trigram"]})
    site.run_products(accreditation)
    assert site.rows("rejected") == []
    assert odd in site.current("products", accreditation_id=accreditation)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_accreditations_that_cannot_be_read_stay_as_they_were_last_read(open_site: OpenSite, count: int) -> None:
    """Guards against accreditations, with all that hangs on them, closed or taken for lost because of one odd field."""
    site = open_site()
    shrink_catalogue(site.sandbox, accreditations=3, price_lists=2)
    site.run_roots()
    before = site.current("accreditations")
    for odd in before[:count]:
        site.sandbox.control("accreditations/change", id=odd["accreditation_id"], fields={"name": {"not": "a text"}})
    site.run_roots()
    assert len(site.rows("rejected")) == count
    assert site.rows("accreditations") == before
