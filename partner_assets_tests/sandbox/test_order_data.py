"""The made-up orders: pure functions of seed and place, believable, and as awkward as the real ones."""

import dataclasses
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partner_assets.sandbox.clock import parse_timestamp, timestamp_text
from partner_assets.sandbox.codes_in_use import UNDOCUMENTED
from partner_assets.sandbox.config import SandboxConfig
from partner_assets.sandbox.identity import OrderKey, digits_of, key_of_order_id, order_id
from partner_assets.sandbox.numbers import amount
from partner_assets.sandbox.world import World
from partner_assets.tables.codes import CODE_SETS
from partner_assets_tests.sandbox.conftest import NOON

BIG = SandboxConfig(days=40, orders_per_day=150, now=NOON)


@cache
def _orders() -> list[dict[str, Any]]:
    return list(World(BIG).order_documents(date(2026, 2, 4), date(2026, 3, 15)))


def _lines() -> Iterator[dict[str, Any]]:
    for document in _orders():
        yield from document.get("licenseChargeConditions", [])


def _charges() -> Iterator[dict[str, Any]]:
    for line in _lines():
        yield from line.get("licenseChargeBreakdown", [])


def _cents(value: float) -> int:
    return int((Decimal(repr(value)) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def test_a_day_is_the_same_whatever_the_span_and_today_are() -> None:
    """Two sandboxes that disagree about a day would make every comparison across runs a coin toss."""
    day = date(2026, 1, 20)
    later = dataclasses.replace(BIG, days=200, now=NOON + timedelta(days=90))
    first = dataclasses.replace(BIG, days=90)
    assert list(World(first).order_documents(day, day)) == list(World(later).order_documents(day, day)) != []


def test_another_seed_is_another_partner() -> None:
    """A seed that changed nothing would hide data that does not come from it."""
    day = date(2026, 3, 1)
    other = dataclasses.replace(BIG, seed=2)
    assert list(World(BIG).order_documents(day, day)) != list(World(other).order_documents(day, day))


@given(st.integers(0, 99_999), st.integers(0, 99_999), st.booleans())
def test_an_order_id_leads_back_to_its_place(day: int, position: int, is_renewal: bool) -> None:
    """Ids are not stored: one that leads elsewhere would be an order that search finds and details do not."""
    id_ = order_id(OrderKey(day, position), is_renewal=is_renewal)
    assert len(id_) == 13
    assert key_of_order_id(id_) == (OrderKey(day, position), is_renewal)
    assert digits_of(OrderKey(day, position)) == id_[3:]


@given(st.integers(0, 4 * 10**15))
def test_a_timestamp_leads_back_to_its_moment(moment: int) -> None:
    """Windows are compared as moments, documents show text: they must agree to the microsecond."""
    assert parse_timestamp(timestamp_text(moment)) == moment


@given(st.integers(0, 10**12), st.integers(0, 15))
def test_an_amount_with_noise_rounds_half_up_to_its_cents(cents: int, style: int) -> None:
    """Noise that changes the amount would be an error of the sandbox, not a trial of the client."""
    assert _cents(amount(cents, style)) == cents


def test_a_million_orders_answer_at_once_and_take_no_memory() -> None:
    """A world that built its orders first could not be asked for a million of them."""
    world = World(SandboxConfig(days=2000, orders_per_day=600, now=NOON))
    newest = world.untouched_order_ids(1)[0]
    old = next(iter(world.order_documents(date(2021, 3, 1), date(2021, 3, 3))))
    assert world.order(newest) is not None
    assert world.order(old["transaction"]["id"]) == old
    assert world.cached() == {"days": 1, "searches": 0, "overlay": 1}


def test_orders_of_the_future_and_of_before_the_span_do_not_exist() -> None:
    """An order that is found before its creation would be found again, and differently, later."""
    today = World(BIG)
    tomorrow = World(dataclasses.replace(BIG, now=NOON + timedelta(days=1), days=41))
    late = list(tomorrow.order_documents(date(2026, 3, 15), date(2026, 3, 15)))
    unborn = [each for each in late if str(each["creationDateTime"]) > "2026-03-15T12"]
    assert unborn
    assert all(today.order(each["transaction"]["id"]) is None for each in unborn)
    before = next(iter(World(dataclasses.replace(BIG, days=60)).order_documents(date(2026, 1, 20), date(2026, 1, 20))))
    assert today.order(before["transaction"]["id"]) is None


def test_no_moment_lies_in_the_future_and_updates_follow_creation_within_a_month() -> None:
    """An update that lies ahead would be missed by a change feed that has already passed it."""
    now = "2026-03-15T12:00:00Z"
    lags = set()
    for document in _orders():
        created, updated = (datetime.fromisoformat(document[f"{what}DateTime"]) for what in ("creation", "lastUpdate"))
        assert created <= updated <= datetime.fromisoformat(now)
        assert updated - created <= timedelta(days=30)
        lags.add((updated - created).days)
        if "bookingDateTime" in document:
            assert created <= datetime.fromisoformat(document["bookingDateTime"]) <= updated
    assert min(lags) == 0
    assert max(lags) > 20
    assert 0.2 < sum("bookingDateTime" in document for document in _orders()) / len(_orders()) < 0.7


def test_a_running_clock_makes_new_orders_and_changes_old_ones() -> None:
    """The change feed must have something to tell without anyone's help."""
    world = World(BIG)
    before = {each["transaction"]["id"]: each for each in world.order_documents(date(2026, 3, 10), date(2026, 3, 20))}
    world.clock.set(world.clock.now() + 2 * 86_400_000_000)
    after = {each["transaction"]["id"]: each for each in world.order_documents(date(2026, 3, 10), date(2026, 3, 20))}
    assert before.keys() < after.keys()
    changed = [id_ for id_ in before if before[id_] != after[id_]]
    assert changed
    assert all(before[id_]["lastUpdateDateTime"] != after[id_]["lastUpdateDateTime"] for id_ in changed)


@pytest.mark.parametrize(
    ("code_set", "where"),
    [
        ("order_status", lambda: (each["transaction"].get("status") for each in _orders())),
        ("transaction_type", lambda: (each["transaction"].get("type") for each in _orders())),
        ("online_consent_status", lambda: (each.get("onlineConsentStatus") for each in _orders())),
        ("recurring_charge_billing_cycle", lambda: (each.get("recurringChargeBillingCycle") for each in _orders())),
        ("business_unit_timezone", lambda: (each["businessUnit"]["localTimezone"] for each in _orders())),
        ("order_type", lambda: (line.get("orderType") for line in _lines())),
        ("sub_order_type", lambda: (charge.get("subOrderType") for charge in _charges())),
        ("revenue_type", lambda: (charge.get("revenueType") for charge in _charges())),
        ("product_type", lambda: (charge.get("product", {}).get("type") for charge in _charges())),
        ("ds_offering", lambda: (charge.get("product", {}).get("dsOffering") for charge in _charges())),
        ("inflation_exception", lambda: (charge.get("inflation", {}).get("exception") for charge in _charges())),
    ],
)
def test_every_documented_code_occurs_and_some_that_are_not(code_set: str, where: Any) -> None:
    """A code that never occurs is never tried; one that no list has must pass through unharmed."""
    seen = set(where())
    assert {label.code for label in CODE_SETS[code_set]} <= seen
    assert set(UNDOCUMENTED.get(code_set, ())) <= seen


def test_orders_have_few_lines_as_a_rule_and_many_now_and_then() -> None:
    """Benchmarks rest on the mean, correctness on the extremes."""
    lines = Counter(len(document.get("licenseChargeConditions", [])) for document in _orders())
    charges = Counter(len(line.get("licenseChargeBreakdown", [])) for line in _lines())
    assert 2 < sum(count * times for count, times in lines.items()) / lines.total() < 4
    assert 2 < sum(count * times for count, times in charges.items()) / charges.total() < 4
    assert min(lines) == min(charges) == 0
    assert 20 < max(lines) <= 60
    assert 11 < max(charges) <= 20


def test_amounts_belong_together_to_the_cent() -> None:
    """Sums are compared with the truth: totals that do not follow from their parts would hide a lost factor."""
    sound = 0
    for charge in _charges():
        if isinstance(charge["quantity"], int):
            assert _cents(charge["totalListPrice"]) == _cents(charge["unitListPrice"]) * charge["quantity"]
            net = charge["totalListPrice"] * (1 - charge["distributorDiscountPercentage"] / 100)
            assert abs(net - charge["distributorNetAmount"]) < 0.011
            assert charge["customerMaximumNetAmount"] >= charge["distributorNetAmount"]
            sound += 1
    assert sound > 1000


def test_amounts_come_as_integers_fractions_half_cents_and_with_noise() -> None:
    """Each of these has broken a reader: mixed types, digits beyond precision, and the half-way case."""
    amounts = [charge["distributorNetAmount"] for charge in _charges()]
    assert any(isinstance(value, int) for value in amounts)
    assert any(isinstance(value, float) and value.is_integer() for value in amounts)
    assert any(repr(value).endswith(("125", "375", "625", "875")) for value in amounts)
    assert any(len(repr(value).partition(".")[2]) > 6 for value in amounts)


def test_names_come_in_any_script_and_fields_go_missing_or_empty() -> None:
    """Whatever reads these must not care for the alphabet, nor take an empty text for an absent one."""
    names = [each["soldToSite"].get("localName") for each in _orders()]
    scripts = {unicodedata.name(letter, "").split()[0] for name in names if name for letter in name}
    assert {"CJK", "DEVANAGARI", "ARABIC", "CYRILLIC", "COMBINING", "ROCKET", "HANGUL"} <= scripts
    assert None in names and "" in names
    for field in ("bookingDateTime", "onlineConsentStatus", "billToPoReference", "licenseChargeConditions"):
        assert 0 < sum(field in each for each in _orders()) < len(_orders())
    for field in ("promotion", "waiver", "licenseChargeBreakdown", "onlineInstanceSeatId"):
        assert any(field in line for line in _lines())
    assert any("licenseChargeBreakdown" not in line for line in _lines())
    assert {tuple(line["waiver"]) for line in _lines() if "waiver" in line} == {("duration",), ("endDate",)}


def test_a_few_orders_are_broken_and_a_few_carry_fields_that_nobody_knows() -> None:
    """A client must set aside what it cannot read, and keep what it does not know, without losing the rest."""
    world = World(SandboxConfig(days=60, orders_per_day=200, now=NOON))
    documents = list(world.order_documents(date(2026, 1, 16), date(2026, 3, 15)))
    charges = [
        charge
        for each in documents
        for line in each.get("licenseChargeConditions", [])
        for charge in line.get("licenseChargeBreakdown", [])
    ]
    broken = sum(each["soldToSite"]["locationId"] == "n/a" for each in documents)
    broken += sum(isinstance(charge["quantity"], str) for charge in charges)
    assert len(documents) / 4000 < broken < len(documents) / 600
    assert any("sustainability" in each for each in documents)
    assert any("carbonFootprint" in line for each in documents for line in each.get("licenseChargeConditions", []))
    assert any("meteringUnit" in charge for charge in charges)


def test_a_clock_without_timezone_is_refused() -> None:
    """A naive datetime would be taken for UTC on one machine and for local time on another."""
    with pytest.raises(ValueError, match="timezone"):
        World(SandboxConfig(now=datetime(2026, 3, 15, tzinfo=UTC).replace(tzinfo=None)))
