"""The table `package_contents`: which products a package or an offer is made of."""

from partner_assets.tables.table import Column, ColumnType, Group, Table

PACKAGE_PRODUCT_TYPES = frozenset({"P"})
"""Values of `products.product_type` that mark a package or an offer. The reference prints only a part of its code list, so
`PARTNER_PACKAGE_PRODUCT_TYPES` can replace this set when another code turns out to mark one."""

PACKAGE_OFFERINGS = frozenset({"PCK"})
"""Values of `products.ds_offering` that mark a package; `PARTNER_PACKAGE_OFFERINGS` replaces the set."""

PACKAGE_CONTENTS = Table(
    name="package_contents",
    description="The products that each package or offer is made of, in the order in which the API lists them.",
    group=Group.CATALOGUE,
    key=("package_number", "package_release", "position"),
    keeps_history=True,
    values=(
        Column(
            "package_number",
            ColumnType.TEXT,
            "Product number of the package.",
            required=True,
            is_looked_up=True,
            is_repeated=True,
        ),
        Column("package_release", ColumnType.TEXT, "Release of the package.", required=True),
        Column("position", ColumnType.INT, "Place of the part in the package, counted from 1.", required=True),
        Column(
            "product_number",
            ColumnType.TEXT,
            "Product number of the part.",
            (("number",),),
            required=True,
            is_looked_up=True,
            is_repeated=True,
        ),
        Column("portfolio", ColumnType.TEXT, "Product family of the part.", (("portfolio",),), required=True),
        Column(
            "release",
            ColumnType.TEXT,
            "Release of the part; it may differ from that of the package.",
            (("release",),),
            required=True,
        ),
        Column("quantity", ColumnType.INT, "How many of the part the package holds.", (("quantity",),), required=True),
    ),
)
