"""What the vendor prints about codes, transcribed from its reference (release 3.0.7) and not from our lists.

`PRINTED_CODES` are the Enum tables of v1; `PRINTED_NAMES` those of v0. Not here: the full lists of v0's names, which the
tests read from the machine-readable release 0.10.0 where it lies near.
"""

_REVENUE_TYPES = {"ALC": "Annual License Charge", "ASC": "Annual Service Charge", "PLC": "Primary License Charge"}

PRINTED_CODES = {
    "accreditation_type": {"R": "Portfolio", "I": "Industry Process Experience"},
    "availability_status": {
        "1": "General Availability",
        "2": "Limited Availability",
        "3": "Controlled Availability",
        "4": "Partner",
    },
    "default_support_level": {"A": "Advantage", "B": "To be completed", "N": "None", "S": "Secure"},
    "deployment_type": {"1": "Public Cloud", "2": "Private Cloud", "4": "On-Premise", "5": "Mixed"},
    "ds_offering": {
        "PCK": "Packaged Offering",
        "LIC": "Licensed Program",
        "NA": "Not Applicable",
        "ONL": "Online Services",
    },
    "inflation_exception": {
        "CAPL": "Capping to Price List",
        "NPI": "No Price Increase",
        "NCLP": "No Cap. Lower than Price List",
        "NPIE": "No Exception",
    },
    "licensing_scheme": {
        "ADD": "Add-On",
        "BEU": "BusinessExperience-UsageBased",
        "CAS": "Casual Named User",
        "CB": "Credit Based",
    },
    "online_consent_status": {"A": "Accepted", "T": "Expired", "X": "Not Applicable", "N": "Not Requested"},
    "order_status": {
        "CAN": "Cancelled",
        "RECY": "Claim to be Managed",
        "CRFU": "Consent Refused",
        "CCD": "Discarded",
    },
    "order_type": {
        "NEW": "New",
        "RENW": "Renewal",
        "UPGR": "Migration - Standard",
        "EVAL": "Evaluation License",
    },
    "product_type": {"A": "Add-On", "H": "Auxiliary", "CS": "Casual Named User", "C": "Configuration"},
    "recurring_charge_billing_cycle": {
        "MON360": "Calendar Month",
        "QUA360": "Calendar Quarter",
        "BIANN360": "Calendar Semester",
        "ANN360": "Calendar Year",
    },
    "revenue_type": _REVENUE_TYPES,
    "sub_order_type": {
        "CCHN": "Change of Channel",
        "CVAR": "Change of VAR",
        "EPP": "TEP Training",
        "EVAL": "Evaluation License",
    },
    "transaction_type": {"PO": "Purchase Order", "RN": "Renewal Notification"},
    "business_unit_timezone": {
        "ACST": "Australian Central Standard Time",
        "AEST": "Australian Eastern Standard Time",
        "AKST": "Alaska Time (US)",
        "ASK": "Alaska Time",
    },
    # The prices request: `priceListStatus` is C for current and F for future.
    "price_list_status": {"C": "Current", "F": "Future"},
}

SAME_IN_BOTH = {"transaction_type", "business_unit_timezone", "revenue_type"}
"""Sets whose v0 names are the codes themselves."""

V0_PAIRS = {
    **{
        code_set: {label: code for code, label in PRINTED_CODES[code_set].items()}
        for code_set in ("accreditation_type", "ds_offering", "online_consent_status", "order_status", "order_type")
    },
    "product_type": {label: code for code, label in PRINTED_CODES["product_type"].items()},
    "recurring_charge_billing_cycle": {
        label: code for code, label in PRINTED_CODES["recurring_charge_billing_cycle"].items()
    },
    "deployment_type": {"Public Cloud": "1", "On Premise": "4"},
    "inflation_exception": {
        "Capping To Price List": "CAPL",
        "No Price Increase": "NPI",
        "No Cap. Lower than Price List": "NCLP",
    },
    # EPP has the same place in both tables and is called TEP Training in v1's.
    "sub_order_type": {
        "Change of Channel": "CCHN",
        "Change of VAR": "CVAR",
        "EPP Training": "EPP",
        "Evaluation License": "EVAL",
    },
}
"""Name of v0 to code of v1, where an Enum table prints both under the same label."""

EXAMPLE_PAIRS = {
    "order_status": {"Sent to DSx.Finance": "PRC"},
    "order_type": {"Stop - Transform": "STOI"},
    "product_type": {"Named User": "NU"},
    "sub_order_type": {"New License": "NEW"},
}
"""Pairs that no Enum table prints, and that the example order PO_A123456789 shows: once in names, once in codes."""

OPENAPI_SCHEMAS = {
    "transaction_type": "transaction_type",
    "order_status": "order_processing_status",
    "business_unit_timezone": "local_time_zone",
    "online_consent_status": "online_consent_status",
    "recurring_charge_billing_cycle": "recurring_charge_billing_cycle",
    "order_type": "order_type",
    "sub_order_type": "sub_order_type",
    "revenue_type": "order_revenue_type",
    "product_type": "product_type",
    "ds_offering": "ds_offering",
    "inflation_exception": "order_sub_line/properties/inflation/properties/exception",
    "accreditation_type": "accreditations_search_data/items/properties/accreditationType",
    "deployment_type": "accreditations_search_data/items/properties/deploymentType",
}
"""Where release 0.10.0 lists the names of a set, below components/schemas."""
