"""Which products an accreditation lists, in which releases. Not here: their prices (`prices.py`)."""

from dataclasses import dataclass
from functools import lru_cache

from partner_assets.sandbox.accreditations import EMPTY_ACCREDITATION
from partner_assets.sandbox.examples import (
    EXAMPLE_PRICES_ACCREDITATION,
    EXAMPLE_PRODUCTS_ACCREDITATION,
    example_records,
)
from partner_assets.sandbox.numbers import mix_text
from partner_assets.sandbox.packages import FIXED_PACKAGES
from partner_assets.sandbox.products import POOL_SIZE, pool_product, product_row

# Rows of an accreditation's products answer: on both sides of a page of ten and a page of a hundred.
ROW_COUNTS = {
    EMPTY_ACCREDITATION: 0,
    "IPE00042006": 1,
    "PRTF012": 150,
    "PRTF027": 10,
    "PRTF034": 11,
    "PRTF051": 100,
    "PRTF077": 101,
    "PRTF119": 137,
    EXAMPLE_PRODUCTS_ACCREDITATION: 60,
}


@dataclass(frozen=True, slots=True)
class Article:
    """A product number of an accreditation with all its releases.

    Attributes:
        number: The product number.
        list_price_cents: Its list price in hundredths of a euro.
        rows: One product row per release.
    """

    number: str
    list_price_cents: int
    rows: tuple[dict[str, object], ...]


@lru_cache(maxsize=256)
def assortment(seed: int, accreditation_id: str) -> tuple[Article, ...]:
    """Return the articles of an accreditation, ascending by number. The rows are shared: copy before changing."""
    articles = _fixed_articles(accreditation_id)
    draw = mix_text(seed, accreditation_id)
    missing = ROW_COUNTS.get(accreditation_id, 5 + draw % 56) - sum(len(article.rows) for article in articles)
    start = draw >> 16
    for step in range(POOL_SIZE):
        if missing <= 0:
            break
        product = pool_product(seed, (start + step) % POOL_SIZE)
        rows = tuple(product_row(seed, product, release) for release in product.releases[:missing])
        articles.append(Article(product.number, product.list_price_cents, rows))
        missing -= len(rows)
    return tuple(sorted(articles, key=lambda article: article.number))


def _fixed_articles(accreditation_id: str) -> list[Article]:
    if accreditation_id == EXAMPLE_PRODUCTS_ACCREDITATION:
        return [Article("6NB-PCS-OC", 124_800, tuple(example_records("products")))]
    if accreditation_id == EXAMPLE_PRICES_ACCREDITATION:
        packages = [Article(number, 99_000, (_package_row(number, release),)) for number, release in FIXED_PACKAGES]
        return [*packages, Article("5CC-MD2", 2_177_000, (_configuration_row(),))]
    return []


def _package_row(number: str, release: str) -> dict[str, object]:
    return {
        "number": number,
        "trigram": number[4:],
        "type": "P",
        "licensingScheme": "NAM",
        "dsOffering": "PCK",
        "release": release,
        "name": f"Education Package {number[4:7]}",
        "prerequisite": "",
        "availabilityStatus": 1,
        "portfolio": "CATIA",
    }


def _configuration_row() -> dict[str, object]:
    row = _package_row("5CC-MD2", "V5-6R2025")
    return row | {"type": "C", "dsOffering": "LIC", "name": "Mechanical Design 2"}
