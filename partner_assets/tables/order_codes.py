"""The documented codes of orders: status, type, billing and consent. Codes that products share are in `product_codes.py`."""

from partner_assets.tables.code_label import coded, named

TRANSACTION_TYPE = (
    coded("PO", "Purchase Order", v0="PO"),
    coded("RN", "Renewal Notification", v0="RN"),
)
ORDER_STATUS = (
    coded("CAN", "Cancelled", "The order has been cancelled and is no longer valid.", v0="Cancelled"),
    coded(
        "RECY",
        "Claim to be Managed",
        "The order is being claimed by a different entity for management.",
        v0="Claim to be Managed",
    ),
    coded(
        "CRFU",
        "Consent Refused",
        "The Final Customer has refused to provide consent for the order.",
        v0="Consent Refused",
    ),
    coded("CCD", "Discarded", "The order has been discarded and is no longer valid.", v0="Discarded"),
    coded(
        "PRC",
        "Sent to DSx.Finance",
        "The order has been sent to the Finance Department for further processing.",
        v0="Sent to DSx.Finance",
    ),
    named("Draft", "The order is in draft mode and has not been submitted."),
    named(
        "Forecast",
        "Status for renewal which are created more than 90 days before their start date, renewal is kept in Forecast status until system applies the price increase, then moved to Draft or Quote.",
    ),
    named("On Hold", "Users can put a renewal on-hold temporarily to prevent automatic finalization."),
    named("Quote", "The order is in the quoting phase and has not been submitted."),
    named("Draft by VAR", "The order is in draft mode and has been created by a Value Added Reseller (VAR)."),
    named("Finance Approved", "The order has been approved by the Finance Department."),
    named("Finance Refused", "The order has been refused by the Finance Department."),
    named("Pending Consent", "The order is waiting for Final Customer consent."),
    named("Pending Customer Consent", "The order is waiting for Final Customer consent and has not been submitted."),
    named("Quote Rejected", "The quote for the order has been rejected."),
    named("Sales Approved", "The order has been approved by the Sales Department."),
    named("Sent Back to Finance", "The order has been sent back to the Finance Department for further processing."),
    named("Sent Back to Sales", "The order has been sent back to the Sales Department for further processing."),
    named(
        "Sent Back to Quote", "The order has been sent back to the quoting phase for further review or modification."
    ),
    named("Sent Back to VAR", "The order has been sent back to the Value Added Reseller (VAR) for further processing."),
    named(
        "Sent Back to VAR Central Admin",
        "The order has been sent back to the VAR central administration for further processing.",
    ),
    named("Sent to Credit Manager", "The order has been sent to the credit manager for further processing."),
    named("Submitted to Sales", "The order has been submitted to the Sales Department for further processing."),
    named(
        "Submitted to VAR Central Admin",
        "The order has been submitted to the VAR central administration for further processing.",
    ),
)
ONLINE_CONSENT_STATUS = (
    coded(
        "A",
        "Accepted",
        "The online consent request has been successfully accepted by the designated contact.",
        v0="Accepted",
    ),
    coded("T", "Expired", "The online consent request has expired and is no longer valid.", v0="Expired"),
    coded(
        "X",
        "Not Applicable",
        "The online consent request is not applicable to the current situation or context.",
        v0="Not Applicable",
    ),
    coded(
        "N",
        "Not Requested",
        "The online consent request has not been sent to the designated contact.",
        v0="Not Requested",
    ),
    named("Refused", "The online consent request has been refused by the designated contact."),
    named(
        "Requested", "The online consent request has been sent to the designated contact, but the status is pending."
    ),
)
RECURRING_CHARGE_BILLING_CYCLE = (
    coded(
        "MON360",
        "Calendar Month",
        "Bill recurring license charges through the end of the current calendar month and for full month periods thereafter (or until indicated anniversary date if earlier).",
        v0="Calendar Month",
    ),
    coded(
        "QUA360",
        "Calendar Quarter",
        "Bill recurring license charges through the end of the current calendar quarter and for full 3 month periods thereafter (or until indicated anniversary date if earlier).",
        v0="Calendar Quarter",
    ),
    coded(
        "BIANN360",
        "Calendar Semester",
        "Bill recurring license charges through the end of the current semester and for full 6 month periods thereafter (or until indicated anniversary date if earlier).",
        v0="Calendar Semester",
    ),
    coded(
        "ANN360",
        "Calendar Year",
        "Bill recurring license charges through the end of the current calendar year and for full 12 month periods thereafter (or until indicated anniversary date if earlier).",
        v0="Calendar Year",
    ),
    named(
        "Full At Date",
        "Bill recurring license charges for a 12-month period (or until indicated anniversary date if earlier) taking into consideration any start dates contained in the PO. If multiple durations (in contrast to quantity) of a recurrent license charge are ordered, they are invoiced at up front rather than on an annual basis. For example, if a PO is for two years of ALC, the two years are invoiced upfront at the start date rather than year one following order completion and year two the next year.",
    ),
    named(
        "Immediate",
        "Bill is generated by DS at the PO approval date for the full amount of the order not taking into consideration any license start dates contained in the PO. For example, if a PO is for two years of ALC, the two years are invoiced upfront at PO approval date.",
    ),
    named(
        "Rolling Month 360",
        "Bill recurring license charges from the start date through start date plus one month duration (or until indicated end date if earlier).",
    ),
    named(
        "Rolling Quarter 360",
        "Bill recurring license charges from the start date through start date plus 3 months duration (or until indicated end date if earlier).",
    ),
    named(
        "Rolling Semester 360",
        "Bill recurring license charges from the start date through start date plus 6 months duration (or until indicated end date if earlier).",
    ),
    named(
        "Rolling Year 360",
        "Bill recurring license charges from the start date through start date plus 12 months (or until indicated end date if earlier). For example, if PO is for 2 years of ALC with a start date February 1st, the 2 invoicing periods will be from February 1st to January 31st.",
    ),
)
ORDER_TYPE = (
    coded("NEW", "New", "A fresh order that does not involve any migration, renewal, or upgrade.", v0="New"),
    coded("RENW", "Renewal", "Extending an existing license.", v0="Renewal"),
    coded(
        "UPGR",
        "Migration - Standard",
        "A standard replacement or upgrade of existing licenses.",
        v0="Migration - Standard",
    ),
    coded("EVAL", "Evaluation License", "License issued temporarily for evaluation purposes.", v0="Evaluation License"),
    coded(
        "STOI",
        "Stop - Transform",
        "Discontinuing an existing license with a shift to a transformed model or product.",
        v0="Stop - Transform",
    ),
    named("Change of Channel", "Changing Final Customer coverage from direct to indirect or vice versa."),
    named("Change of VAR", "Changing the Value-Added Reseller (VAR) for an existing order."),
    named("DS Brand -> DS & Migration", "Migrating from DS Brand to DS with migration services."),
    named("DS Brand -> DS OTC Platform", "Transitioning from DS Brand to DS OTC Platform."),
    named("EPP Training", "Training related to EPP (Enterprise Productivity Portfolio)."),
    named("IBM -> DS", "Transitioning from IBM to DS."),
    named("IBM -> DS & Migration", "Transitioning from IBM to DS with migration services."),
    named("IBM -> DS without Support", "Transitioning from IBM to DS without support."),
    named("IBM NAL Parallel Use -> DS", "Parallel use of IBM NAL with DS."),
    named("IBM NAL without Support -> DS", "Transitioning from IBM NAL to DS without support."),
    named("Intercompany Transfer", "Transferring licenses between different companies."),
    named("Migration - Non Standard", "Non-standard migration processes."),
    named("Module Exchange - Non Standard", "Non-standard module exchange processes."),
    named("Module Exchange - Standard", "Standard module exchange processes."),
    named("One Time Fee", "Fee charged for a one-time service or transaction."),
    named("Parallel Use Extension", "Extending the parallel use period."),
    named("Special Order", "New licenses with specific administrative requests."),
    named("Stop", "Discontinuing an existing license."),
    named("Stop & Parallel Use", "Discontinuing an existing license with parallel use."),
    named("Suspension", "Temporarily halting the license or support services."),
    named("Suspension Reinstatement", "Reinstating a suspended license or support services."),
    named("TOS Reinstatement", "Reinstating terms of service."),
    named("Termination Of Support", "Ending the support of a product or service."),
    named("Transfer Parallel Use", "Transferring licenses with parallel use."),
    named("Transfer without Support", "Transferring licenses without support."),
    named("VAR Use", "Orders associated with Value-Added Resellers (VAR)."),
)
SUB_ORDER_TYPE = (
    coded(
        "CCHN",
        "Change of Channel",
        "Changing customer coverage from direct to indirect or vice versa.",
        v0="Change of Channel",
    ),
    coded(
        "CVAR", "Change of VAR", "Changing the Value-Added Reseller (VAR) for an existing order.", v0="Change of VAR"
    ),
    coded(
        "EPP",
        "TEP Training",
        "A training order covered under Training Experience Program that provides participants with a structured, hands-on learning experience covering the features and best-practice use of the product portfolio.",
        v0="EPP Training",
    ),
    coded("EVAL", "Evaluation License", "License issued temporarily for evaluation purposes.", v0="Evaluation License"),
    coded(
        "NEW", "New License", "Fresh order that does not involve any migration, renewal, or upgrade.", v0="New License"
    ),
    named("Transfer License", "Transferring licenses between different companies."),
    named("One Time Fee", "Fee charged for a one-time service or transaction."),
    named("License Renewal", "Extending an existing license."),
    named("Stop (NO Parallel Use)", "Discontinuing an existing license with no parallel use."),
    named("Stop - Transform", "Discontinuing an existing license with a shift to a transformed model or product."),
    named("Stop License", "Discontinuing an existing license."),
    named("Stop of PU", "Discontinuing an existing PU license."),
    named("Stop & Parallel use", "Discontinuing an existing license with parallel use."),
    named("Suspension", "Temporarily halting the license or support services."),
    named("Suspension Reinstatement", "Reinstating a suspended license or support services."),
    named("TOS Reinstatement", "Reinstating terms of service."),
    named("Termination Of Support", "Ending the support of a product or service."),
    named("Transfer without Support", "Transferring licenses without support."),
    named("VAR Use", "Orders associated with Value-Added Resellers (VAR)."),
)
BUSINESS_UNIT_TIMEZONE = (
    coded("ACST", "Australian Central Standard Time", v0="ACST"),
    coded("AEST", "Australian Eastern Standard Time", v0="AEST"),
    coded("AKST", "Alaska Time (US)", v0="AKST"),
    coded("ASK", "Alaska Time", v0="ASK"),
    coded("AST", "Atlantic Time (Canada)", v0="AST"),
    coded("AWST", "Australian Western Standard Time", v0="AWST"),
    coded("BRI", "Brisbane Time", v0="BRI"),
    coded("CET", "Central European Time", v0="CET"),
    coded("CHN", "China Standard Time", v0="CHN"),
    coded("CST", "Central Time (US)", v0="CST"),
    coded("EET", "Eastern European Time", v0="EET"),
    coded("EST", "Eastern Time (US)", v0="EST"),
    coded("ESTA", "Indiana", v0="ESTA"),
    coded("GMT", "Greenwich Mean Time", v0="GMT"),
    coded("HAW", "Hawaii Time", v0="HAW"),
    coded("HOB", "Hobart Time", v0="HOB"),
    coded("HST", "Hawaiian Time", v0="HST"),
    coded("IST", "Indian Time", v0="IST"),
    coded("JST", "Japan Standard Time", v0="JST"),
    coded("MSK", "Moscow Time", v0="MSK"),
    coded("MST", "Mountain Time (US)", v0="MST"),
    coded("MSTA", "Arizona Time", v0="MSTA"),
    coded("NST", "Newfoundland Time (Canada)", v0="NST"),
    coded("PST", "Pacific Time (US)", v0="PST"),
    coded("SYD", "Sydney Time", v0="SYD"),
    coded("UTC", "Universal Time Coordinated, Zulu", v0="UTC"),
    coded("VAL", "Vladivostok Time", v0="VAL"),
    coded("WET", "Western European Time", v0="WET"),
)
INFLATION_EXCEPTION = (
    coded("CAPL", "Capping to Price List", v0="Capping To Price List"),
    coded("NPI", "No Price Increase", v0="No Price Increase"),
    coded("NCLP", "No Cap. Lower than Price List", v0="No Cap. Lower than Price List"),
    coded("NPIE", "No Exception"),
)
