"""What a product costs on a price list, now and when the announced list takes effect.

Not here: which products and which lists there are (`assortments.py`, `price_lists.py`).
"""

from partner_assets.sandbox.assortments import Article
from partner_assets.sandbox.numbers import Draws, amount, mix_text, percentage, share
from partner_assets.sandbox.price_lists import CURRENCY_PERCENT

_REVENUE_TYPES = (("YLC",), ("PLC", "ALC"), ("ALC",), ("YLC", "QLC"), ("PLC", "ALC", "TBL3"), ("USC", "YSC", "TBL9"))


def price_row(
    seed: int, article: Article, price_list_id: int, currency: str, status: str, percent: int
) -> dict[str, object]:
    """Return one product of the prices answer.

    Args:
        seed: Which made-up partner.
        article: The product.
        price_list_id: The price list.
        currency: The list's currency.
        status: ``"C"`` for the prices in force, ``"F"`` for the announced ones, a few per cent higher.
        percent: What to make of the list's prices, in per cent; 100 unless someone changed them.
    """
    draws = Draws(seed, mix_text(seed, article.number), price_list_id, ord(status))
    kinds = Draws(seed, mix_text(seed, article.number), price_list_id)
    if kinds.one_in(20):
        return {"number": article.number, "prices": []}
    base = article.list_price_cents * CURRENCY_PERCENT.get(currency, 100) // 100 * percent // 100
    if status == "F":
        base = base * 104 // 100
    types = kinds.choice(_REVENUE_TYPES)
    return {
        "number": article.number,
        "prices": [_price(draws, kind, base * (4 - at) // 4) for at, kind in enumerate(types)],
    }


def _price(draws: Draws, revenue_type: str, cents: int) -> dict[str, object]:
    discount = draws.choice((2500, 3997, 3050, 4000, 1000, 3333))
    price: dict[str, object] = {
        "revenueType": revenue_type,
        "dsListPrice": amount(cents, draws.below(16)),
        "distributorDiscountPercentage": percentage(discount, draws.below(16)),
        "distributorPrice": amount(cents - share(cents, discount), draws.below(16)),
    }
    if draws.one_in(4):
        first_year = draws.choice((1000, 4500, 1250))
        price["firstYearDiscountPercentage"] = percentage(first_year, draws.below(16))
        price["firstYearDiscountPrice"] = amount(cents - share(cents, first_year), draws.below(16))
    return price
