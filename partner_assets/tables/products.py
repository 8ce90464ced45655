"""The table `products`: what an accreditation contains. Not here: prices, and what packages are made of."""

from partner_assets.tables.table import Column, ColumnType, Group, Table

PRODUCTS = Table(
    name="products",
    description=(
        "Products and migration paths of each accreditation, one row per release. "
        "The same product stands once for every accreditation that contains it."
    ),
    group=Group.CATALOGUE,
    key=("accreditation_id", "product_number", "release"),
    slice_by=("accreditation_id",),
    keeps_history=True,
    values=(
        Column(
            "accreditation_type",
            ColumnType.TEXT,
            "Kind of the accreditation that was asked for: portfolio (R) or industry process experience (I).",
            required=True,
            codes="accreditation_type",
        ),
        Column("accreditation_id", ColumnType.TEXT, "Accreditation that contains the product.", required=True),
        Column(
            "product_number",
            ColumnType.TEXT,
            "Product number, for example 6NB-PCS-OC: the id used in orders, quotes and invoices.",
            (("number",),),
            required=True,
            is_looked_up=True,
            is_repeated=True,
        ),
        Column("trigram", ColumnType.TEXT, "Short code of the product, for example PCS-OC.", (("trigram",),)),
        Column(
            "product_type",
            ColumnType.TEXT,
            "Type of the product, for example named user or add-on; P marks a package.",
            (("type",),),
            codes="product_type",
        ),
        Column(
            "default_support_level",
            ColumnType.TEXT,
            "Support level that comes with the product unless another is ordered.",
            (("defaultSupportLevel",),),
            codes="default_support_level",
        ),
        Column(
            "licensing_scheme",
            ColumnType.TEXT,
            "How the product is licensed, for example per casual user or by credits.",
            (("licensingScheme",),),
            codes="licensing_scheme",
        ),
        Column(
            "ds_offering",
            ColumnType.TEXT,
            "Kind of offering: licensed program, online services, packaged offering (PCK), …",
            (("dsOffering",),),
            codes="ds_offering",
        ),
        Column(
            "remote_access", ColumnType.BOOL, "True if the product may be used by remote access.", (("remoteAccess",),)
        ),
        Column(
            "extended_enterprise_user",
            ColumnType.BOOL,
            "True if users of the extended enterprise may use the product.",
            (("extendedEnterpriseUser",),),
        ),
        Column(
            "release",
            ColumnType.TEXT,
            "Release in which the product is commercially available, for example 3DEXPERIENCE R2025x.",
            (("release",),),
        ),
        Column("name", ColumnType.TEXT, "Name of the product.", (("name",),)),
        Column(
            "prerequisite",
            ColumnType.TEXT,
            "What must be owned to order this release; an empty text means nothing.",
            (("prerequisite",),),
        ),
        Column(
            "availability_status",
            ColumnType.INT,
            "How available the product is, 1 to 7; 1 is general availability.",
            (("availabilityStatus",),),
            codes="availability_status",
        ),
        Column("portfolio", ColumnType.TEXT, "Product family, for example CATIA or ENOVIA.", (("portfolio",),)),
    ),
)
