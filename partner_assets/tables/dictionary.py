"""All tables of the data dictionary, in the order in which it prints them."""

from partner_assets.tables.accreditations import ACCREDITATIONS
from partner_assets.tables.code_labels import CODE_LABELS
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.order_lines import ORDER_LINES
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.package_contents import PACKAGE_CONTENTS
from partner_assets.tables.price_lists import PRICE_LISTS
from partner_assets.tables.product_prices import PRODUCT_PRICES
from partner_assets.tables.products import PRODUCTS
from partner_assets.tables.rejected import REJECTED

TABLES = (
    ACCREDITATIONS,
    PRICE_LISTS,
    PRODUCTS,
    PRODUCT_PRICES,
    PACKAGE_CONTENTS,
    ORDER_DOCUMENTS,
    ORDERS,
    ORDER_LINES,
    ORDER_CHARGES,
    CODE_LABELS,
    REJECTED,
)

TABLES_BY_NAME = {table.name: table for table in TABLES}
