"""What is in a package, as a pure function of its number and release.

Not here: which packages are sold (`assortments.py`).
"""

from partner_assets.sandbox.examples import EXAMPLE_PACKAGE, example_records
from partner_assets.sandbox.numbers import Draws, mix_text
from partner_assets.sandbox.products import POOL_SIZE, pool_product

PACKAGE_OF_23 = ("5CB-TWT-EDU", "V5-6R2025")
PACKAGE_OF_11 = ("5CB-ELV-EDU", "V5-6R2025")
PACKAGE_OF_10 = ("5CB-TEN-EDU", "V5-6R2025")
EMPTY_PACKAGE = ("5CB-NIL-EDU", "V5-6R2025")

_FIXED_SIZES = {PACKAGE_OF_23: 23, PACKAGE_OF_11: 11, PACKAGE_OF_10: 10, EMPTY_PACKAGE: 0}
_SIZES = (1, 2, 3, 4, 5, 7, 9, 10, 12, 20, 21, 34)
FIXED_PACKAGES = (EXAMPLE_PACKAGE, PACKAGE_OF_23, PACKAGE_OF_11, PACKAGE_OF_10, EMPTY_PACKAGE)


def is_package(row: dict[str, object]) -> bool:
    """Whether a product row is a package or an offer, which alone have content."""
    return row.get("type") == "P" or row.get("dsOffering") == "PCK"


def package_parts(seed: int, number: str, release: str) -> list[dict[str, object]]:
    """Return the content of a package, whether or not anyone sells it."""
    if (number, release) == EXAMPLE_PACKAGE:
        return example_records("package_content")
    draws = Draws(seed, mix_text(seed, f"{number}\n{release}"))
    size = _FIXED_SIZES.get((number, release), draws.choice(_SIZES))
    return [_part(seed, draws) for _ in range(size)]


def _part(seed: int, draws: Draws) -> dict[str, object]:
    product = pool_product(seed, draws.below(POOL_SIZE))
    return {
        "number": product.number,
        "portfolio": product.portfolio,
        "release": product.releases[0],
        "quantity": 1 if draws.below(4) else 2 + draws.below(50),
    }
