"""The endpoints that a fault can meet, each with the job that asks it and the tables that hang on it.

Not here: the world behind them (`small_world.py`), and what came of a run (`verdicts.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from partner_assets.materialization.slice_reads import WHOLE_NAME
from partner_assets.partitions import ACCREDITATION_SET, PRICE_SET, price_partition
from partner_assets_tests.materialization.site import Row
from partner_assets_tests.test_truth import CATALOGUE_KEYS, ORDERS_KEYS

SliceOf = Callable[[Row], str]
"""From a row to the name of its slice, which is the partition, or `all`."""


@dataclass(frozen=True)
class Place:
    """Where a fault happens.

    Attributes:
        endpoint: The endpoint, as the sandbox calls it.
        column: What the table of results calls it, in three letters.
        job: The job that asks it.
        tables: The tables that the job writes, with how each is sliced.
        parents: The jobs that come before it, so that it has something to ask for.
        has_pages: Whether it pages.
        has_many_requests: Whether a run asks it more than a few times.
    """

    endpoint: str
    column: str
    job: str
    tables: Mapping[str, SliceOf]
    parents: tuple[str, ...] = ()
    has_pages: bool = True
    has_many_requests: bool = True


KEYS: Mapping[str, tuple[str, ...]] = {**CATALOGUE_KEYS, **ORDERS_KEYS}


def _whole(_: Row) -> str:
    return WHOLE_NAME


def _by_accreditation(row: Row) -> str:
    return str(row["accreditation_id"])


def _by_price_list(row: Row) -> str:
    return price_partition(row["accreditation_id"], row["price_list_id"])


def _by_day(row: Row) -> str:
    return str(row["creation_date"])


ROOTS = "catalogue_roots"
ORDERS = "orders_by_day"
PRODUCTS = "products_by_accreditation"
PRICES = "prices_by_price_list"

DYNAMIC = {PRODUCTS: ACCREDITATION_SET, PRICES: PRICE_SET}
"""The set of partitions of each job whose partitions are dynamic."""

_ROOT_TABLES = {"accreditations": _whole, "price_lists": _whole}
ORDER_TABLES: Mapping[str, SliceOf] = dict.fromkeys(ORDERS_KEYS, _by_day)

PLACES = (
    Place("accreditations", "acc", ROOTS, _ROOT_TABLES, has_many_requests=False),
    Place("price_lists", "lst", ROOTS, _ROOT_TABLES, has_pages=False, has_many_requests=False),
    Place("products", "prd", PRODUCTS, {"products": _by_accreditation}, (ROOTS,)),
    Place("prices", "prc", PRICES, {"product_prices": _by_price_list}, (ROOTS,)),
    Place("package_content", "pkg", "packages", {"package_contents": _whole}, (ROOTS, PRODUCTS)),
    Place("search_orders", "sea", ORDERS, ORDER_TABLES),
    Place("order_details", "det", ORDERS, ORDER_TABLES, has_pages=False),
)
"""Every endpoint that the graph asks; `create_api_key` is asked by hand."""
