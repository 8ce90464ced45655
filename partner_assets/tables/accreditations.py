"""The table `accreditations`: what the partner may sell. Products and prices hang on its rows."""

from partner_assets.tables.table import Column, ColumnType, Group, Table

ACCREDITATIONS = Table(
    name="accreditations",
    description=(
        "What the partner is accredited to sell: portfolios and industry process experiences. "
        "Products and prices are asked for per accreditation."
    ),
    group=Group.CATALOGUE,
    key=("accreditation_id",),
    keeps_history=True,
    values=(
        Column(
            "accreditation_id",
            ColumnType.TEXT,
            "Id of the portfolio (PRTF…) or industry process experience (IPE…).",
            (("id",),),
            required=True,
        ),
        Column(
            "name",
            ColumnType.TEXT,
            "Name of the portfolio or industry process experience.",
            (("name",),),
            required=True,
        ),
        Column(
            "accreditation_type",
            ColumnType.TEXT,
            "Kind of accreditation: a portfolio of products (R) or an industry process experience (I).",
            (("accreditationType",),),
            required=True,
            codes="accreditation_type",
        ),
        Column(
            "deployment_type",
            ColumnType.TEXT,
            "Environment in which the solution is deployed: public cloud, private cloud, on premise or mixed.",
            (("deploymentType",),),
            codes="deployment_type",
        ),
        Column(
            "industry_solution_experience_id",
            ColumnType.TEXT,
            "Id of the industry solution experience that the process experience is part of.",
            (("industrySolutionExperience", "id"),),
        ),
        Column(
            "industry_solution_experience_name",
            ColumnType.TEXT,
            "Name of the industry solution experience: an offering for the challenges of one industry.",
            (("industrySolutionExperience", "name"),),
        ),
        Column(
            "solution_release_id",
            ColumnType.TEXT,
            "Id of the release of the solution.",
            (("solutionRelease", "id"),),
        ),
        Column(
            "solution_release_name",
            ColumnType.TEXT,
            "Name of the release of the solution, for example 3DEXPERIENCE R2025x.",
            (("solutionRelease", "name"),),
        ),
        Column(
            "industry_id", ColumnType.TEXT, "Id of the industry that the solution is made for.", (("industry", "id"),)
        ),
        Column(
            "industry_name",
            ColumnType.TEXT,
            "Industry that the solution is made for, for example Aerospace & Defense.",
            (("industry", "name"),),
        ),
    ),
)
