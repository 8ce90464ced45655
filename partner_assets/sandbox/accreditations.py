"""The accreditations that the made-up partner holds, of both kinds. Not here: their products (`assortments.py`)."""

from partner_assets.sandbox.examples import example_records

EMPTY_ACCREDITATION = "PRTF141"

_PORTFOLIOS = (
    ("PRTF012", "CATIA V5 Mechanical"),
    ("PRTF027", "SIMULIA Abaqus"),
    ("PRTF034", "DELMIA · Fabrication & Robotique"),
    ("PRTF051", "SOLIDWORKS デスクトップ"),
    ("PRTF077", "ENOVIA"),
    ("PRTF088", "3DVIA"),
    ("PRTF102", "NETVIBES"),
    ("PRTF119", "Public Cloud 3D Design"),
    ("PRTF136", "Education Packages"),
    (EMPTY_ACCREDITATION, "Retired Portfolio"),
    ("PRTF150", "Migration Paths"),
    ("PRTF163", "MEDIDATA"),
)
# id, name, deployment type, industry solution experience, release, industry; None where the API leaves it out.
_EXPERIENCES = (
    ("IPE00034863", "04-Continuous Product Development", "1", "Engineered to Fly", "R2024x", "Aerospace & Defense"),
    ("IPE00021337", "Marine Concept Design", "2", "Designed for Sea", "R2026x", "Marine & Offshore"),
    ("IPE00042001", "Électronique embarquée", "5", "Smart, Safe & Connected", None, "Transportation & Mobility"),
    ("IPE00042002", "Composites Manufacturing", None, "Winning Program", "R2025x", None),
    ("IPE00042003", "City Planning 都市計画", "1", None, "R2025x", "Infrastructure, Energy & Materials"),
    ("IPE00042004", "License to Cure", "2", "License to Cure", "R2026x", "Life Sciences & Healthcare"),
    ("IPE00042005", "Perfect Package", "7", None, None, "Consumer Packaged Goods"),
    ("IPE00042006", "", "4", "My Retail Theater", "R2023x", "Home & Lifestyle"),
    ("IPE00042007", "Single-Source for Speed", None, None, None, None),
)


def made_up_accreditations() -> list[dict[str, object]]:
    """Return all accreditations as v1 gives them, the vendor's three examples first, as in its answer."""
    portfolios: list[dict[str, object]] = [
        {"id": id_, "name": name, "accreditationType": "R"} for id_, name in _PORTFOLIOS
    ]
    return [*example_records("accreditations_v1"), *portfolios, *map(_experience, _EXPERIENCES)]


def _experience(entry: tuple[str, str, str | None, str | None, str | None, str | None]) -> dict[str, object]:
    id_, name, deployment, solution, release, industry = entry
    record: dict[str, object] = {"id": id_, "name": name, "accreditationType": "I"}
    if deployment is not None:
        record["deploymentType"] = deployment
    if solution is not None:
        record["industrySolutionExperience"] = {"id": f"ISE{id_[3:]}", "name": solution}
    if release is not None:
        record["solutionRelease"] = {"id": f"REL000000{release[3:5]}", "name": f"3DEXPERIENCE {release}"}
    if industry is not None:
        record["industry"] = {"id": f"IND{id_[5:]}", "name": industry}
    return record
