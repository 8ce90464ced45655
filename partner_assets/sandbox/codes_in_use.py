"""Which values the made-up records give to fields that hold codes: the documented ones, and a few that no list has.

Not here: the lists themselves (`partner_assets.tables.codes`).
"""

from collections.abc import Mapping

from partner_assets.sandbox.numbers import Draws
from partner_assets.tables.codes import CODE_SETS

# Printed in the vendor's examples without a pair in any list, or made up: a client must keep them as they come.
UNDOCUMENTED: Mapping[str, tuple[str, ...]] = {
    "order_status": ("APPS", "QUOT2"),
    "online_consent_status": ("W",),
    "order_type": ("ZMIG", "STOP"),
    "sub_order_type": ("RNEW",),
    "revenue_type": ("TBL9",),
    "recurring_charge_billing_cycle": ("WEEK52",),
    "product_type": ("P", "SA"),
    "ds_offering": ("SPC",),
    "licensing_scheme": ("NAM", "TOK"),
    "availability_status": ("7",),
    "inflation_exception": ("CAPX",),
    "default_support_level": ("E",),
}
_COMMON: Mapping[str, tuple[str, ...]] = {
    "order_status": ("PRC", "Finance Approved", "Sales Approved"),
    "online_consent_status": ("A", "X", "N"),
    "order_type": ("NEW", "NEW", "UPGR", "STOI"),
    "sub_order_type": ("NEW", "NEW", "EVAL"),
    "revenue_type": ("ALC", "YLC", "PLC", "ASC"),
    "recurring_charge_billing_cycle": ("ANN360", "QUA360"),
    "product_type": ("NU", "NU", "A", "CS", "C"),
    "ds_offering": ("ONL", "LIC"),
    "licensing_scheme": ("NAM", "CAS"),
    "availability_status": ("1", "1", "2"),
    "inflation_exception": ("CAPL", "NPIE"),
    "default_support_level": ("A", "N"),
}
_EVERY = {
    code_set: tuple(label.code for label in labels) + UNDOCUMENTED.get(code_set, ())
    for code_set, labels in CODE_SETS.items()
}


def draw_code(draws: Draws, code_set: str) -> str:
    """Draw a v1 value of a code set: two times in three a common one, else any documented or undocumented one."""
    return draws.choice(_COMMON[code_set] if draws.below(3) else _EVERY[code_set])
