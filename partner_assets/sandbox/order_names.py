"""How v0 of the API writes what v1 writes: other field names, and names in place of codes.

Where the vendor documents the pair, the name is the documented one; where it does not, v0 has a name all the same, and a
client cannot know which code it stands for. Not here: the pairs themselves (`partner_assets.tables.codes`).
"""

from collections.abc import Callable, Mapping
from functools import cache

from partner_assets.tables.codes import CODE_SETS

_RENAMED = {
    "distributorNetAmount": "billToNetAmount",
    "distributorAnnualAmount": "billToAnnualAmount",
    "distributorDiscountPercentage": "billToDiscountPercentage",
    "distributorMaximumMarginPercentage": "billToMarginPercentage",
    "customerMaximumNetAmount": "maximumCustomerNetAmount",
    "customerMaximumAnnualAmount": "maximumCustomerAnnualAmount",
    "customerMinimumDiscountPercentage": "minimumCustomerDiscountPercentage",
    "opportunityId": "opportunity",
}
# Field of v1 -> code set, wherever in the document the field stands; "type" needs to know where it stands.
_CODED = {
    "status": "order_status",
    "onlineConsentStatus": "online_consent_status",
    "recurringChargeBillingCycle": "recurring_charge_billing_cycle",
    "orderType": "order_type",
    "subOrderType": "sub_order_type",
    "revenueType": "revenue_type",
    "dsOffering": "ds_offering",
    "exception": "inflation_exception",
    "accreditationType": "accreditation_type",
    "deploymentType": "deployment_type",
}


@cache
def _names(code_set: str) -> Mapping[str, str]:
    return {label.code: label.v0_name or label.label for label in CODE_SETS[code_set]}


@cache
def _has_names(code_set: str) -> bool:
    """Whether v0 has names for a set at all; of some, such as the time zones, it gives the codes themselves."""
    return any(name != code for code, name in _names(code_set).items())


def v0_name(code_set: str, code: object) -> object:
    """Return what v0 calls a code: the documented name, else the label of v1, else a made-up name; no text, no name."""
    if not isinstance(code, str) or not _has_names(code_set):
        return code
    return _names(code_set).get(code, f"Name of {code}")


def in_v0(document: Mapping[str, object]) -> dict[str, object]:
    """Return a v1 order or accreditation as v0 writes it, broken ones included."""
    return {_RENAMED.get(name, name): _value(name, value) for name, value in document.items()}


def summary_in_v0(summary: Mapping[str, object]) -> dict[str, object]:
    """Return a v1 search entry as the v0 search writes it, the vendor's misspelt field included."""
    entry = in_v0(summary)
    if "dsReceivedPoDate" in entry:
        entry["dsRecievedPoDate"] = entry.pop("dsReceivedPoDate")
    return entry


def _value(name: str, value: object) -> object:
    if name in _CODED:
        return v0_name(_CODED[name], value)
    if isinstance(value, list):
        return [in_v0(item) if isinstance(item, Mapping) else item for item in value]
    if isinstance(value, Mapping):
        return _OBJECTS.get(name, in_v0)(value)
    return value


def _product_in_v0(product: Mapping[str, object]) -> dict[str, object]:
    shown = in_v0(product)
    if "type" in shown:
        shown["type"] = v0_name("product_type", shown["type"])
    return shown


_OBJECTS: Mapping[str, Callable[[Mapping[str, object]], dict[str, object]]] = {"product": _product_in_v0}
