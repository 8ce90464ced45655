"""The vendor's published example answers, word for word, as records of the sandbox. Not here: anything made up."""

from functools import cache
from importlib.resources import files
from typing import Literal

import orjson

Example = Literal[
    "accreditations_v1",
    "order_details_v0",
    "order_details_v1",
    "package_content",
    "price_lists",
    "prices",
    "products",
]

EXAMPLE_ORDER = "PO_A123456789"
# The reference prints these answers with these request bodies, or (products) with none that could be asked.
EXAMPLE_PRICES_ACCREDITATION = "PRTF136"
EXAMPLE_PRICE_LIST = 17
EXAMPLE_PRODUCTS_ACCREDITATION = "PRTF063"
EXAMPLE_PACKAGE = ("5CB-DIC-EDU", "V5-6R2025")


@cache
def _bytes(name: Example) -> bytes:
    return files("partner_assets.sandbox").joinpath("examples", f"{name}.json").read_bytes()


def example_records(name: Example) -> list[dict[str, object]]:
    """Return the `data` of a published example answer, a fresh copy each time."""
    records: list[dict[str, object]] = orjson.loads(_bytes(name))
    return records
