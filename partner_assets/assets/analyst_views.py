"""The asset `analyst_views`: `partner.duckdb`, the file that analysts open."""

import dagster as dg
import duckdb

from partner_assets.lake import catalogue
from partner_assets.materialization.slices import clear_failures
from partner_assets.materialization.specs import HOURLY, OWNERS
from partner_assets.resources import Partner
from partner_assets.tables.dictionary import TABLES
from partner_assets.tables.rejected import REJECTED


@dg.asset(
    description=(
        "partner.duckdb: a view per table and its history; order_items, price_book and freshness for analysts; macros that "
        "answer as of any day; and data_dictionary. "
        "It holds no data and is built anew in under a second."
    ),
    group_name="analytics",
    owners=OWNERS,
    kinds={"duckdb"},
    code_version=catalogue.fingerprint(),
    freshness_policy=HOURLY,
    deps=[table.name for table in TABLES if table is not REJECTED],
)
def analyst_views(partner: dg.ResourceParam[Partner]) -> dg.MaterializeResult[None]:
    """Build the catalogue, as a new file that is renamed into place; also the one without personal data, if there is one."""
    with clear_failures():
        file, *_ = catalogue.build_all(partner.settings.lake)
    views = catalogue.all_views(partner.settings.lake)
    listed = "\n".join(f"- `{view.name}`: {view.description}" for view in views)
    return dg.MaterializeResult(
        metadata={
            "path": dg.MetadataValue.path(str(file)),
            "views": len(views),
            "duckdb": duckdb.__version__,
            "contents": dg.MetadataValue.md(listed),
        }
    )
