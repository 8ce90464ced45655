"""The pool of made-up products that accreditations and orders draw from, and a product as the API's rows.

Not here: which accreditation lists which product (`assortments.py`), and what it costs where (`prices.py`).
"""

from dataclasses import dataclass
from functools import lru_cache

from partner_assets.sandbox.codes_in_use import draw_code
from partner_assets.sandbox.numbers import Draws

POOL_SIZE = 576
_POOL = 51
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_PORTFOLIOS = (
    "CATIA",
    "ENOVIA",
    "SIMULIA",
    "DELMIA",
    "SOLIDWORKS",
    "Public Cloud Governance/Lifecycle",
    "Public Cloud 3DEXPERIENCE Platform",
)
_RELEASES = ("3DEXPERIENCE R2026x", "3DEXPERIENCE R2025x", "3DEXPERIENCE R2023x", "V5-6R2025", "SOLIDWORKS 2025")
_NAMES = (
    "Collaborative Business & Industry Innovator",
    "Generic Product Standard with Cloud Services",
    "Mechanical Designer · Éducation",
    "シミュレーション エンジニア",
    "Composites “Engineer” ⚙",
    "Lifecycle Analyst",
)
_PREREQUISITES = ("", "", "6NP-IFW-OC", "One of: 6NP-CSV-OC, 6NB-PCS-OC")


@dataclass(frozen=True, slots=True)
class PoolProduct:
    """A made-up product, whatever its releases have in common.

    Attributes:
        number: Its product number, unique in the pool.
        trigram: Its short name.
        type: Its product type, v1 code.
        offering: Its offering, v1 code.
        name: Its name.
        portfolio: The portfolio it belongs to.
        releases: Its releases, the newest first.
        list_price_cents: Its list price in hundredths of a euro.
    """

    number: str
    trigram: str
    type: str
    offering: str
    name: str
    portfolio: str
    releases: tuple[str, ...]
    list_price_cents: int

    def on_a_charge(self, is_complete: bool) -> dict[str, object]:
        """Return the product as a charge of an order shows it."""
        if not is_complete:
            return {"number": self.number, "name": self.name}
        return {
            "trigram": self.trigram,
            "type": self.type,
            "number": self.number,
            "name": self.name,
            "dsOffering": self.offering,
        }


@lru_cache(maxsize=2 * POOL_SIZE)
def pool_product(seed: int, index: int) -> PoolProduct:
    """Return one of the `POOL_SIZE` made-up products."""
    draws = Draws(seed, _POOL, index)
    trigram = _LETTERS[index // 24] + _LETTERS[index % 24] + draws.choice(_LETTERS)
    is_cloud = draws.below(3) == 0
    trigram += "-OC" if is_cloud else ""
    first = draws.below(3)
    return PoolProduct(
        number=f"{draws.below(9) + 1}{draws.choice(_LETTERS)}{draws.choice(_LETTERS)}-{trigram}",
        trigram=trigram,
        type=draw_code(draws, "product_type"),
        offering=draw_code(draws, "ds_offering"),
        name=draws.choice(_NAMES),
        portfolio=draws.choice(_PORTFOLIOS),
        releases=_RELEASES[first : first + 1 + draws.below(3)],
        list_price_cents=_list_price(draws),
    )


def _list_price(draws: Draws) -> int:
    whole = 50 + draws.below(400) * (1 + draws.below(90))
    return whole * 100 + (draws.choice((13, 38, 63, 88, 50, 99, 5)) if draws.below(3) == 0 else 0)


def product_row(seed: int, product: PoolProduct, release: str) -> dict[str, object]:
    """Return one release of a product as the products answer gives it, optional fields absent here and there."""
    draws = Draws(seed, _POOL, len(release), *product.number.encode())
    row: dict[str, object] = {"number": product.number, "trigram": product.trigram, "type": product.type}
    if draws.below(12):
        row["defaultSupportLevel"] = draw_code(draws, "default_support_level")
    if draws.below(12):
        row["licensingScheme"] = draw_code(draws, "licensing_scheme")
    row["dsOffering"] = product.offering
    if draws.below(6):
        row["remoteAccess"] = draws.one_in(2)
        row["extendedEnterpriseUser"] = draws.one_in(3)
    row["release"] = release
    row["name"] = product.name
    if draws.below(5):
        row["prerequisite"] = draws.choice(_PREREQUISITES)
    if draws.below(12):
        row["availabilityStatus"] = int(draw_code(draws, "availability_status"))
    row["portfolio"] = product.portfolio
    return row
