"""One made-up order as a v1 document: its head here, its lines from `order_lines.py`.

Not here: which orders exist when (`days.py`, `world.py`), and how v0 writes the same order (`order_names.py`).
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from partner_assets.sandbox.clock import DAY, date_text, timestamp_text
from partner_assets.sandbox.codes_in_use import draw_code
from partner_assets.sandbox.days import Times, order_count, times_of
from partner_assets.sandbox.identity import RENEWAL_LAGS, OrderKey, order_id, po_reference
from partner_assets.sandbox.numbers import Draws, mix
from partner_assets.sandbox.order_lines import Scene, charge_count, line_count, lines_of
from partner_assets.sandbox.people_and_places import (
    BUSINESS_UNIT_COUNT,
    COMPANY_COUNT,
    Company,
    business_unit,
    contact,
    customer,
    partner_site,
)

Document = dict[str, Any]

ONE_IN_BROKEN = 1500
_HEAD, _RENEWED, _REFERENCE, _BROKEN = 41, 42, 43, 44
# Currencies of orders, and what each makes of a price in euros, in per cent.
_CURRENCIES = (("EUR", 100), ("USD", 110), ("EUR", 100), ("JPY", 16_200), ("INR", 9_150), ("GBP", 86), ("CNY", 780))
_DESCRIPTIONS = (
    "Renewal of seats",
    "50 products",
    "新しい設計ライセンス",
    "Очередной заказ",
    "Été & hiver",
    "",
    "🎉 launch",
)
_TERMS = ("Net Date of Invoice + 60 days", "Net 30", "月末締め翌月末払い", "")
# In this order in a search answer; a details answer has them all, and more.
_SUMMARY = (
    "transaction",
    "creationDateTime",
    "dsReceivedPoDate",
    "bookingDateTime",
    "lastUpdateDateTime",
    "currency",
    "onlineConsentStatus",
    "billToSalesRepresentative",
    "billToPoReference",
    "billToSite",
    "soldToSite",
    "businessUnit",
)
_customer = lru_cache(maxsize=2 * COMPANY_COUNT)(customer)


def renewed_order(seed: int, orders_per_day: int, key: OrderKey) -> OrderKey | None:
    """Return the earlier order that a renewal renews, or None where that is not an order with something installed."""
    lag = RENEWAL_LAGS[mix(seed, _RENEWED, *key) % len(RENEWAL_LAGS)]
    origin = OrderKey(key.day - lag, key.position)
    if origin.position >= order_count(seed, orders_per_day, origin.day) or times_of(seed, origin).is_renewal:
        return None
    has_charge = line_count(seed, origin) > 0 and charge_count(seed, origin, 1) > 0
    return origin if has_charge and not is_broken(seed, origin) else None


def is_broken(seed: int, key: OrderKey) -> bool:
    """Whether an order's document is such that no client can bring it into a table."""
    return mix(seed, _BROKEN, *key) % ONE_IN_BROKEN == 0


def summary(document: Mapping[str, object]) -> Document:
    """Return what a search answer says of an order, given its details."""
    return {name: document[name] for name in _SUMMARY if name in document}


def order_head(seed: int, key: OrderKey, times: Times, *, settled: bool) -> tuple[Document, Document, int]:
    """Return an order without its lines.

    Args:
        seed: Which made-up partner.
        key: Which order.
        times: Its moments.
        settled: Whether the last natural change has happened.

    Returns:
        The part before the lines in a details answer, the part after them that a search answer does not have,
        and the percentage that the order's currency makes of a price in euros.
    """
    draws = Draws(seed, _HEAD, *key)
    currency, percent = draws.choice(_CURRENCIES)
    status = draw_code(draws, "order_status")
    transaction: Document = {
        "id": order_id(key, is_renewal=times.is_renewal),
        "type": "RN" if times.is_renewal else "PO",
        "status": status if settled else "Draft" if status != "Draft" else "Quote",
    }
    if draws.below(10):
        transaction["description"] = draws.choice(_DESCRIPTIONS)
    buyer: Company = _customer(seed, draws.below(COMPANY_COUNT))
    head: Document = {
        "transaction": transaction,
        "businessUnit": business_unit(draws.below(BUSINESS_UNIT_COUNT)),
        "billToSite": partner_site(seed, draws.below(4)).site(),
        "soldToSite": buyer.site(),
        "creationDateTime": timestamp_text(times.creation),
    }
    if draws.below(6):
        head["dsReceivedPoDate"] = date_text(times.creation // DAY)
    if settled and times.booking:
        head["bookingDateTime"] = timestamp_text(times.booking)
    head["lastUpdateDateTime"] = timestamp_text(times.settling if settled else times.creation)
    head["currency"] = currency
    if draws.below(8):
        head["onlineConsentStatus"] = draw_code(draws, "online_consent_status")
    if draws.below(5):
        head["billToSalesRepresentative"] = contact(draws)
    reference = _po_reference(seed, key, draws.below(16))
    if reference is not None:
        head["billToPoReference"] = reference
    return head, _particulars(draws, key), percent


def _po_reference(seed: int, key: OrderKey, style: int) -> str | None:
    if style < 2:
        return None if style else ""
    shares = key.position % 2 == 1 and mix(seed, _REFERENCE, *key) % 8 == 0
    owner = OrderKey(key.day, key.position - 1) if shares else key
    return po_reference(owner, mix(seed, _REFERENCE, *owner) >> 8)


def _particulars(draws: Draws, key: OrderKey) -> Document:
    rest: Document = {"agreement": {"type": draws.choice(("General VAR Agreement", "Education", "協定"))}}
    if draws.one_in(2):
        rest["agreement"] = {"type": "General VAR Agreement", "reference": "Enterprise License Agreement Q2 2024"}
    if draws.below(4):
        rest["billToContact"] = contact(draws)
    if draws.one_in(5):
        rest["sboNumber"] = f"ABC{draws.below(10**7):07d}"
    if draws.below(3):
        rest["customerRequestedArrivalDate"] = date_text(key.day + 5 + draws.below(60))
    if draws.below(4):
        rest["dsSalesRepresentative"] = contact(draws)
    if draws.below(8):
        rest["isMultiYear"] = draws.one_in(4)
        rest["hasExitClause"] = draws.one_in(6)
    if draws.below(5):
        rest["recurringChargeBillingCycle"] = draw_code(draws, "recurring_charge_billing_cycle")
    if draws.one_in(3):
        rest["opportunityId"] = f"{draws.below(1 << 16):04X}-{draws.below(1 << 24):06X}"
    if draws.below(4):
        rest["paymentTerms"] = draws.choice(_TERMS)
    if draws.one_in(600):
        rest["sustainability"] = {"label": "🌍", "score": draws.below(1000) / 10}
    return rest


def order_document(seed: int, orders_per_day: int, key: OrderKey, times: Times, *, settled: bool) -> Document:
    """Return an order's whole document as the v1 details answer gives it."""
    head, rest, percent = order_head(seed, key, times, settled=settled)
    renewed = renewed_order(seed, orders_per_day, key) if times.is_renewal else None
    lines = lines_of(Scene(seed, key, renewed, percent))
    document = head | rest
    if lines or mix(seed, _HEAD, *key) & 1:
        document["licenseChargeConditions"] = lines
    if is_broken(seed, key):
        _break(document, lines)
    return document


def _break(document: Document, lines: list[Document]) -> None:
    for line in lines[:1]:
        charges = line.get("licenseChargeBreakdown")
        if isinstance(charges, list) and charges:
            charges[0]["quantity"] = "two seats"
            return
    document["soldToSite"] = {"id": "200099999999999", "name": "Foobar Inc", "locationId": "n/a"}
