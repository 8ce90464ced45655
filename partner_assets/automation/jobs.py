"""The jobs: which assets run together. When they run is `schedules.py`'s.

A job may hold only assets of one partitioning, so the catalogue takes several, in the order of `CATALOGUE_JOBS`.
"""

import dagster as dg

from partner_assets.materialization.details_tag import ALL, DETAILS

CATALOGUE_ROOTS = "catalogue_roots"
PRODUCTS = "products_by_accreditation"
PRICES = "prices_by_price_list"
PACKAGES = "packages"
ORDERS = "orders_by_day"
VIEWS = "views"

_SELECTIONS: dict[str, tuple[str, dg.AssetSelection]] = {
    CATALOGUE_ROOTS: (
        "Accreditations, price lists and code labels: what the rest of the catalogue hangs on.",
        dg.AssetSelection.assets("accreditations", "price_lists", "code_labels"),
    ),
    PRODUCTS: (
        "The products of every accreditation.",
        dg.AssetSelection.assets("products"),
    ),
    PRICES: (
        "The prices of every accreditation on every price list.",
        dg.AssetSelection.assets("product_prices"),
    ),
    PACKAGES: (
        "The contents of every package among the products.",
        dg.AssetSelection.assets("package_contents"),
    ),
    ORDERS: (
        "Documents, orders, lines and charges of some days of creation. Details are asked for of what changed, or of every "
        f"order if the run, or its backfill, has the tag {DETAILS}: {ALL}.",
        dg.AssetSelection.groups("orders"),
    ),
    VIEWS: (
        "The DuckDB file that analysts open.",
        dg.AssetSelection.assets("analyst_views"),
    ),
}

CATALOGUE_JOBS = (CATALOGUE_ROOTS, PRODUCTS, PRICES, PACKAGES)
"""The jobs that read the whole catalogue, parents first."""

JOBS = {
    name: dg.define_asset_job(name, selection, description=description)
    for name, (description, selection) in _SELECTIONS.items()
}
"""Every job by its name; a sensor that asks for several has to be given the jobs themselves."""
