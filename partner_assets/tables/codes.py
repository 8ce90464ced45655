"""The codes that the vendor documents, with their labels, and the way from an old name (v0) to a code (v1).

Here: which pairs are printed, and where. Not here: what a column holds (each table's own file), and any code that is
merely likely: a value that is not on these lists is normal and is kept as it came.

Sources, in this order: the Enum tables of the reference for release 3.0.7 (each printed only in part), the full lists of
names in the machine-readable release 0.10.0, and, where neither prints a pair, the vendor's example order
`PO_A123456789`, which the reference prints once with names and once with codes.
"""

from collections.abc import Mapping
from functools import cache

from partner_assets.tables import order_codes, product_codes
from partner_assets.tables.code_label import CodeLabel

CODE_SETS: Mapping[str, tuple[CodeLabel, ...]] = {
    "accreditation_type": product_codes.ACCREDITATION_TYPE,
    "availability_status": product_codes.AVAILABILITY_STATUS,
    "business_unit_timezone": order_codes.BUSINESS_UNIT_TIMEZONE,
    "default_support_level": product_codes.DEFAULT_SUPPORT_LEVEL,
    "deployment_type": product_codes.DEPLOYMENT_TYPE,
    "ds_offering": product_codes.DS_OFFERING,
    "inflation_exception": order_codes.INFLATION_EXCEPTION,
    "licensing_scheme": product_codes.LICENSING_SCHEME,
    "online_consent_status": order_codes.ONLINE_CONSENT_STATUS,
    "order_status": order_codes.ORDER_STATUS,
    "order_type": order_codes.ORDER_TYPE,
    "price_list_status": product_codes.PRICE_LIST_STATUS,
    "product_type": product_codes.PRODUCT_TYPE,
    "recurring_charge_billing_cycle": order_codes.RECURRING_CHARGE_BILLING_CYCLE,
    "revenue_type": product_codes.REVENUE_TYPE,
    "sub_order_type": order_codes.SUB_ORDER_TYPE,
    "transaction_type": order_codes.TRANSACTION_TYPE,
}


@cache
def codes_by_v0_name(code_set: str) -> Mapping[str, str]:
    """Return the v1 code of every documented v0 name of a code set.

    Args:
        code_set: A key of `CODE_SETS`, for example ``"order_status"``.

    Raises:
        KeyError: If there is no such code set.
    """
    return {label.v0_name: label.code for label in CODE_SETS[code_set] if label.v0_name is not None}
