"""Columns whose values have all gone: told once, and only where rows lost them; not where they never were.

Not here: required fields, whose records are rejected, and fields under a new name, which are new ones too.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from partner_assets.checks.vanished_columns import NAME
from partner_assets.lake.store import Lake
from partner_assets.tables.accreditations import ACCREDITATIONS
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.values import json_text
from partner_assets_tests.checks.looking import HOUR, finding_of, listed
from partner_assets_tests.lake.rows import NOW, order, put, row
from partner_assets_tests.materialization.site import TODAY, OpenSite, Site, checks

CHARGES = [{"sequenceNumber": 1, "product": {"name": "A", "number": "1"}, "coupon": {"name": "SPRING"}, "quantity": 1}]
BARE_CHARGES = [{"sequenceNumber": 1, "product": {"number": "1"}, "quantity": 1}]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """An empty lake."""
    return Lake(tmp_path / "lake", "main")


def send(site: Site, orders: Any, **fields: Any) -> None:
    """Let the API send other fields for some orders; None takes one away."""
    site.sandbox.control("clock", advance_seconds=60)
    site.wait(timedelta(minutes=2))  # what is read in the moment of its change is, rightly, read once more
    site.sandbox.control("orders/change", ids=orders, fields=fields)


def versions(lake: Lake, *runs: list[str | None]) -> None:
    """Write what some runs read of orders: for each order its payment terms, None without; missing ones were not read."""
    documents, orders = [], {}
    for run, read in enumerate(runs):
        for number, terms in enumerate(read):
            lineage: dict[str, Any] = {"fetched_at": NOW + run * HOUR, "run_id": f"run {run}"}
            moment = NOW + run * HOUR - HOUR
            is_last = all(len(later) <= number for later in runs[run + 1 :])
            document = json_text({"transaction": {"id": f"PO_{number}"}, "paymentTerms": terms})
            told = {"document": document, "is_current": is_last, "last_update_datetime": moment}
            documents.append(row(ORDER_DOCUMENTS, transaction_id=f"PO_{number}", **told, **lineage))
            orders[number] = order(number, payment_terms=terms, **lineage)
    put(lake, ORDER_DOCUMENTS, documents)
    put(lake, ORDERS, list(orders.values()))


def accreditations(lake: Lake, hours: int, *industries: str | None) -> None:
    """Write what a read gave: accreditations with their industries."""
    moment = NOW + hours * HOUR
    rows = [
        row(ACCREDITATIONS, accreditation_id=f"PRTF{number}", industry_id=one, fetched_at=moment, valid_from=moment)
        for number, one in enumerate(industries)
    ]
    put(lake, ACCREDITATIONS, rows, as_of={(): moment})


def test_a_field_that_went_from_all_orders_is_told_once(open_site: OpenSite) -> None:
    """Guards against a field that the vendor drops, which looks like orders that never had it."""
    site = open_site(with_checks=True, orders_per_day=0)
    orders: Any = site.sandbox.control("orders/add", count=8, creationDateTime=f"{TODAY}T06:00:00Z")["ids"]
    lines = [{"sequenceNumber": 1, "usageScope": "GEO EMEA", "licenseChargeBreakdown": CHARGES}]
    send(site, orders, paymentTerms="30 days", billToContact="DOE, Jane", licenseChargeConditions=lines)
    assert checks(site.run_day(TODAY), "orders")[NAME].description == "None."
    bare = [{"sequenceNumber": 1, "licenseChargeBreakdown": BARE_CHARGES}]
    send(site, orders[:4], paymentTerms=None, licenseChargeConditions=bare)
    result = site.run_day(TODAY)
    first = checks(result, "orders")[NAME]
    since = max(one["fetched_at"] for one in site.rows("orders"))
    assert (first.passed, first.severity.value) == (False, "WARN")
    assert first.description == (
        "Columns of orders whose values have all gone, as if the API no longer sent them: "
        f"payment_terms (since {since:%Y-%m-%d %H:%M}, 4 rows). This is said once."
    )
    assert listed(checks(result, "order_lines")[NAME]) == {"usage_scope": 4}
    assert listed(checks(result, "order_charges")[NAME]) == {"product_name": 4, "coupon_name": 4}
    send(site, orders[4:], paymentTerms=None)
    again = checks(site.run_day(TODAY), "orders")[NAME]
    assert (again.passed, listed(again)) == (True, {"payment_terms": 4})


@pytest.mark.parametrize(
    ("read", "is_gone"),
    [
        pytest.param([None] * 3, True, id="as few as count"),
        pytest.param([None] * 2, False, id="a person cleared some"),
        pytest.param([None] * 4 + ["60 days"], False, id="one still has it"),
        pytest.param([None] * 5 + [None] * 10, True, id="new ones do not have it either"),
        pytest.param(["30 days"] * 5 + [None] * 10, False, id="new ones do not have it yet"),
    ],
)
def test_orders_tell_a_field_that_went_from_one_they_do_not_have_yet(
    lake: Lake, read: list[str | None], is_gone: bool
) -> None:
    """Guards against a warning whenever ten new orders are not booked yet, and against none when a field is dropped."""
    versions(lake, ["30 days"] * 5, read)
    finding = finding_of(lake, NAME, "orders", run_id="run 1")
    assert (finding.passed, set(listed(finding))) == (not is_gone, {"payment_terms"} if is_gone else set())


def test_orders_that_never_had_a_field_do_not_miss_it(lake: Lake) -> None:
    """Guards against every optional column told as vanished on the first day."""
    versions(lake, [None] * 8, [None] * 8)
    for run in ("run 0", "run 1"):
        assert finding_of(lake, NAME, "orders", run_id=run).description == "None."


def test_a_field_that_came_back_is_told_anew_when_it_goes_again(lake: Lake) -> None:
    """Guards against a list of things that are long over, and a second loss that nobody hears of."""
    versions(lake, ["30 days"] * 4, [None] * 4, ["60 days"] * 4, [None] * 4)
    first = finding_of(lake, NAME, "orders", run_id="run 1")
    assert first.passed  # what that run read is no longer what there is
    last = finding_of(lake, NAME, "orders", run_id="run 3")
    assert not last.passed
    assert finding_of(lake, NAME, "orders", run_id="another run", recalled=last).passed
    versions(lake, ["30 days"] * 4, [None] * 4, ["60 days"] * 4)
    back = finding_of(lake, NAME, "orders", run_id="run 2", recalled=last)
    assert (back.passed, back.description) == (True, "None.")


def test_a_field_that_went_from_a_table_with_history_is_told_once(lake: Lake) -> None:
    """Guards against a catalogue whose rows all got a new version, one value poorer, without a word."""
    accreditations(lake, 0, "IND1", "IND2", "IND3", "IND4", None)
    accreditations(lake, 1, None, None, None, "IND4", None)
    assert finding_of(lake, NAME, "accreditations", forgets=False).description == "None."
    accreditations(lake, 2, None, None, None, None, None)
    # Of a run that came to no checks, and of an instance that forgets, the rows themselves tell.
    for forgets in (True, False):
        first = finding_of(lake, NAME, "accreditations", forgets=forgets)
        assert (first.passed, listed(first)) == (False, {"industry_id": 4})
    again = finding_of(lake, NAME, "accreditations", recalled=first)
    assert (again.passed, listed(again)) == (True, {"industry_id": 4})
    accreditations(lake, 3, "IND1", None, None, None, None)
    assert listed(finding_of(lake, NAME, "accreditations", recalled=again)) == {}


def test_rows_that_went_with_their_values_are_not_missed(lake: Lake) -> None:
    """Guards against a column that is said to have vanished when only the last rows that had it were withdrawn."""
    accreditations(lake, 0, None, "IND1", "IND2", "IND3", "IND4")
    accreditations(lake, 1, None)
    assert finding_of(lake, NAME, "accreditations", forgets=False).description == "None."


def test_what_is_older_than_a_day_is_not_told_by_an_instance_that_forgets(lake: Lake) -> None:
    """Guards against a warning at every run from the shell, for ever."""
    accreditations(lake, 0, "IND1", "IND2", "IND3")
    accreditations(lake, 1, None, None, None)
    assert not finding_of(lake, NAME, "accreditations").passed
    accreditations(lake, 30, None, None, None, None)
    finding = finding_of(lake, NAME, "accreditations")
    assert (finding.passed, listed(finding)) == (True, {"industry_id": 3})
