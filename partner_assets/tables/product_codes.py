"""The documented codes of products, prices and accreditations. Codes that only orders have are in `order_codes.py`."""

from partner_assets.tables.code_label import coded, named

PRODUCT_TYPE = (
    coded(
        "A", "Add-On", "An additional feature or component that enhances the functionality of a product.", v0="Add-On"
    ),
    coded("H", "Auxiliary", "A supplementary product or service that supports the primary product.", v0="Auxiliary"),
    coded(
        "CS",
        "Casual Named User",
        "A type of user license that allows for occasional or infrequent use of a product.",
        v0="Casual Named User",
    ),
    coded(
        "C",
        "Configuration",
        "A specific setup or arrangement of a product's features or components.",
        v0="Configuration",
    ),
    coded(
        "NU",
        "Named User",
        "A type of user license that allows for regular or frequent use of a product by a specific individual.",
        v0="Named User",
    ),
    named("Enterprise", "A product or service designed for large-scale or enterprise-level use."),
    named("Machine Based", "A product or service that is licensed or used on a machine or device."),
    named("Migration Path", "A product or service that helps customers transition from one product to another."),
    named("Offer", "A product or service that is being promoted or offered as a special deal."),
    named("Package", "A collection of products or services that are bundled together for sale."),
    named("Service", "A product or service that provides support or assistance to customers."),
    named("Shareable", "A product or service that can be shared among multiple users or devices."),
    named("Single Add-On", "A single additional feature or component that enhances the functionality of a product."),
    named("System", "A product or service that is designed to work as a complete system or solution."),
    named("Token-Based", "A product or service that uses tokens or other forms of authentication to manage access."),
)
DS_OFFERING = (
    coded(
        "PCK",
        "Packaged Offering",
        "A bundled offering that combines licensed programs and online services.",
        v0="Packaged Offering",
    ),
    coded("LIC", "Licensed Program", "On-premises software.", v0="Licensed Program"),
    coded("NA", "Not Applicable", "Items that are not governed by the CLOSA.", v0="Not Applicable"),
    coded("ONL", "Online Services", "Cloud-based services.", v0="Online Services"),
    named("Auxiliary", "Non software items i.e hardware, peripherals, or anything else that is not software."),
    named("Specific", "Items covered by a separate agreement rather than the standard CLOSA."),
)
REVENUE_TYPE = (
    coded("ALC", "Annual License Charge", v0="ALC"),
    coded("ASC", "Annual Service Charge", v0="ASC"),
    coded("ELC", "Evaluation Licence Charge", v0="ELC"),
    coded("PLC", "Primary License Charge", v0="PLC"),
    coded("PSC", "Primary Service Charge", v0="PSC"),
    coded("QLC", "Quarter License Charge", v0="QLC"),
    coded("QSC", "Quarter Service Charge", v0="QSC"),
    coded("SLC", "Service/support license charge", v0="SLC"),
    coded("SSC", "Service Charge", v0="SSC"),
    coded("TBL2", "Term Based Licenses 2", v0="TBL2"),
    coded("TBL3", "Term Based Licenses 3", v0="TBL3"),
    coded("TSC2", "Term Service Charge 2", v0="TSC2"),
    coded("TSC3", "Term Service Charge 3", v0="TSC3"),
    coded("TSC5", "Term Service Charge 5", v0="TSC5"),
    coded("ULC", "Administration license charge", v0="ULC"),
    coded("USC", "Upfront Service Charge", v0="USC"),
    coded("XLC", "X License Charge", v0="XLC"),
    coded("XSC", "eXtended Service Charge", v0="XSC"),
    coded("YLC", "Yearly License Charge", v0="YLC"),
    coded("YSC", "Yearly Service Charge", v0="YSC"),
)
ACCREDITATION_TYPE = (
    coded(
        "R",
        "Portfolio",
        "The product family or category that a product belongs to, for example CATIA or ENOVIA.",
        v0="Portfolio",
    ),
    coded(
        "I",
        "Industry Process Experience",
        "An offering that corresponds to a business process, composed of roles; several of them make up an Industry Solution Experience.",
        v0="Industry Process Experience",
    ),
)
DEPLOYMENT_TYPE = (
    coded(
        "1",
        "Public Cloud",
        "Delivered on the public cloud platform that Dassault Systèmes hosts and manages.",
        v0="Public Cloud",
    ),
    coded("2", "Private Cloud", "Hosted in a cloud environment dedicated to a single customer."),
    coded("4", "On-Premise", "Installed and run in the customer's own data centre.", v0="On Premise"),
    coded("5", "Mixed", "Combines cloud (public or private) and on-premise components within the same offering."),
)
DEFAULT_SUPPORT_LEVEL = (
    coded("A", "Advantage"),
    coded("B", "To be completed"),
    coded("N", "None"),
    coded("S", "Secure"),
)
LICENSING_SCHEME = (
    coded("ADD", "Add-On"),
    coded("BEU", "BusinessExperience-UsageBased"),
    coded("CAS", "Casual Named User"),
    coded("CB", "Credit Based"),
)
AVAILABILITY_STATUS = (
    coded("1", "General Availability"),
    coded("2", "Limited Availability"),
    coded("3", "Controlled Availability"),
    coded("4", "Partner"),
)
PRICE_LIST_STATUS = (
    coded("C", "Current", "The price list in force."),
    coded("F", "Future", "The price list that takes effect at the announced date."),
)
