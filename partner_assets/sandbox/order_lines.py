"""The inside of an order: its lines (licence charge conditions) and their charges (licence charge breakdown).

Not here: the order's head (`orders.py`) and the products themselves (`products.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from partner_assets.sandbox.clock import date_text
from partner_assets.sandbox.codes_in_use import draw_code
from partner_assets.sandbox.identity import OrderKey, digits_of, installed_base_number, seat_id
from partner_assets.sandbox.numbers import Draws, amount, mix, percentage, share
from partner_assets.sandbox.products import POOL_SIZE, pool_product

MOST_LINES, MOST_CHARGES = 60, 20
_LINE, _CHARGE, _SHAPE = 31, 32, 33

# How many lines an order and charges a line have: few as a rule, in a hundred equally likely cases.
_LINES = (0,) * 5 + (1,) * 32 + (2,) * 24 + (3,) * 16 + (4,) * 9 + (5,) * 6 + (6,) * 4 + (8,) * 3 + (12,)
_CHARGES = (0,) * 4 + (1,) * 28 + (2,) * 24 + (3,) * 18 + (4,) * 10 + (5,) * 7 + (6,) * 5 + (8,) * 3 + (11,)
_SCOPES = ("GEO EMEA", "GEO AMERICAS", "GEO APAC", "FRANCE", "日本", "India & Sri Lanka", "")
_COUPONS = ("10% off on Installation Fee", "Startup 🌱", "Été 2025", "Back to School")
_PROMOTIONS = ("3DEXPERIENCE for small and medium business", "Cloud Now!", "复兴计划", "Año Nuevo")
_COMBINATIONS = ("Collaborative Design & Engineering Learning @Home", "CATIA + SIMULIA", "Designer ↔ Analyst")


@dataclass(frozen=True, slots=True)
class Scene:
    """What the lines of an order must know of the order around them.

    Attributes:
        seed: Which made-up partner.
        key: Which order.
        renewed: The earlier order that this one renews, if it renews one.
        price_percent: What the currency makes of a list price, in per cent of euros.
    """

    seed: int
    key: OrderKey
    renewed: OrderKey | None
    price_percent: int


def line_count(seed: int, key: OrderKey) -> int:
    """Return how many lines an order has: 0 to 60, mostly one to three."""
    draw = mix(seed, _SHAPE, key.day, key.position)
    if draw % 512 == 0:
        return 7 + (draw >> 16) % (MOST_LINES - 6)
    return _LINES[(draw >> 16) % 100]


def charge_count(seed: int, key: OrderKey, line: int) -> int:
    """Return how many charges a line has: 0 to 20, mostly one to three."""
    draw = mix(seed, _SHAPE, key.day, key.position, line)
    if draw % 256 == 0:
        return 7 + (draw >> 16) % (MOST_CHARGES - 6)
    return _CHARGES[(draw >> 16) % 100]


def lines_of(scene: Scene) -> list[dict[str, object]]:
    """Return the lines of an order as v1 of the API gives them."""
    return [_line(scene, number) for number in range(1, line_count(scene.seed, scene.key) + 1)]


def _line(scene: Scene, number: int) -> dict[str, object]:
    draws = Draws(scene.seed, _LINE, *scene.key, number)
    digits = digits_of(scene.key)
    line: dict[str, object] = {"sequenceNumber": number}
    if draws.below(4):
        line["lineGroup"] = f"SBL{digits}"
    if draws.below(3):
        line["onlineInstanceSeatId"] = seat_id(digits, number)
    line["orderType"] = "RENW" if scene.renewed and draws.below(8) else draw_code(draws, "order_type")
    if draws.below(4):
        line["usageScope"] = draws.choice(_SCOPES)
    if draws.one_in(6):
        line["promotion"] = _promotion(draws)
    if draws.one_in(8):
        line["waiver"] = _waiver(draws, scene.key.day)
    charges = [_charge(scene, number, at) for at in range(1, charge_count(scene.seed, scene.key, number) + 1)]
    if charges or draws.one_in(2):
        line["licenseChargeBreakdown"] = charges
    if draws.one_in(1500):
        line["carbonFootprint"] = {"kilograms": draws.below(900) / 8}
    return line


def _promotion(draws: Draws) -> dict[str, object]:
    promotion: dict[str, object] = {"id": f"PAO{draws.below(10**7):07d}", "name": draws.choice(_PROMOTIONS)}
    if draws.below(3):
        promotion["combination"] = draws.choice(_COMBINATIONS)
    return promotion


def _waiver(draws: Draws, day: int) -> dict[str, object]:
    if draws.one_in(2):
        return {"duration": 1 + draws.below(12)}
    return {"endDate": date_text(day + 30 + draws.below(300))}


def _installed_base(scene: Scene, line: int, charge: int) -> str:
    if scene.renewed is None:
        return installed_base_number(digits_of(scene.key), line, charge)
    renewable = charge_count(scene.seed, scene.renewed, 1)
    return installed_base_number(digits_of(scene.renewed), 1, 1 + (charge - 1) % renewable)


def _charge(scene: Scene, line: int, number: int) -> dict[str, object]:
    draws = Draws(scene.seed, _CHARGE, *scene.key, line * 32 + number)
    charge: dict[str, object] = {"sequenceNumber": number}
    # A renewed number must stand on the renewal, and first charges must be renewable: no draw for those.
    if scene.renewed is not None or number == 1 or draws.below(4):
        charge["installedBaseNumber"] = _installed_base(scene, line, number)
    charge["subOrderType"] = draw_code(draws, "sub_order_type")
    charge["revenueType"] = draw_code(draws, "revenue_type")
    product = pool_product(scene.seed, draws.below(POOL_SIZE))
    if draws.below(16):
        charge["portfolio"] = product.portfolio
    if draws.below(16):
        charge["release"] = product.releases[0]
    if draws.below(64):
        charge["product"] = product.on_a_charge(draws.below(6) > 0)
    charge |= _amounts(draws, product.list_price_cents * scene.price_percent // 100)
    charge |= _period(draws, scene.key.day)
    if draws.one_in(9):
        charge["coupon"] = {"name": draws.choice(_COUPONS), "discountPercentage": percentage(500, draws.below(12))}
    if scene.renewed is not None or draws.one_in(12):
        charge["inflation"] = _inflation(draws, scene.key.day)
    if draws.one_in(4000):
        charge["meteringUnit"] = draws.choice(("core-hour", None, "秒"))
    return charge


def _amounts(draws: Draws, unit: int) -> Mapping[str, object]:
    quantity = 1 + draws.below(1 + draws.below(20))
    total = unit * quantity
    discount = 500 + draws.below(4500)
    net = total - share(total, discount)
    margin = 500 + draws.below(2500)
    customer = net + share(net, margin)
    year = 100 if draws.below(4) else 50 + draws.below(100)
    minimum = max(0, (total - customer) * 10_000 // total)
    style = draws.below(1 << 24)
    amounts: dict[str, object] = {
        "quantity": quantity,
        "unitListPrice": amount(unit, style & 15),
        "totalListPrice": amount(total, style >> 4 & 15),
        "distributorNetAmount": amount(net, style >> 8 & 15),
        "distributorAnnualAmount": amount(net * year // 100, style >> 12 & 15),
        "distributorDiscountPercentage": percentage(discount, style >> 16 & 15),
        "distributorMaximumMarginPercentage": percentage(margin, style >> 14 & 15),
        "customerMaximumNetAmount": amount(customer, style >> 10 & 15),
        "customerMaximumAnnualAmount": amount(customer * year // 100, style >> 6 & 15),
        "customerMinimumDiscountPercentage": percentage(minimum, style >> 2 & 15),
    }
    if style >> 20 == 0:
        for name in ("distributorAnnualAmount", "distributorMaximumMarginPercentage", "customerMaximumAnnualAmount"):
            del amounts[name]
    return amounts


def _period(draws: Draws, day: int) -> Mapping[str, object]:
    start = day + draws.below(45)
    years = 1 if draws.below(5) else 2 + draws.below(2)
    end = date_text(start + years * 365 - 1)
    period: dict[str, object] = {}
    if draws.below(5):
        period["startDate"] = date_text(start)
        period["endDate"] = end
        period["duration"] = years * 12 if draws.one_in(2) else years
    if draws.below(3):
        period["calculatedStartDate"] = date_text(start)
        period["calculatedEndDate"] = end
    if draws.below(3):
        period["yearNumber"] = 1 + draws.below(years)
    return period


def _inflation(draws: Draws, day: int) -> dict[str, object]:
    inflation: dict[str, object] = {"date": date_text(day + draws.below(90))}
    inflation["ratio"] = draws.choice((1, 1.04, 1.025, 1.0350000000000001, 1.1))
    if draws.below(4):
        inflation["exception"] = draw_code(draws, "inflation_exception")
    return inflation
