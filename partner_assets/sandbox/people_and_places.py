"""Companies, their people and the vendor's sales units, in many scripts. Not here: which order they appear on."""

from dataclasses import dataclass

from partner_assets.sandbox.numbers import Draws, mix
from partner_assets.tables.codes import CODE_SETS

COMPANY_COUNT = 600
_COMPANY = 21

_STEMS = (
    ("Aurora", "オーロラ"),
    ("Blue Ridge", "青山"),
    ("Châtelain", "Châtelain"),
    ("Dhruva", "ध्रुव"),
    ("Eisenhüttenwerk", "Eisenhüttenwerk"),
    ("Falcon", "الصقر"),
    ("Golden Dragon", "金龙"),
    ("Hanbit", "한빛"),
    ("Ivanov", "Иванов"),
    ("Jörmungandr", "Jo\u0308rmungandr"),
    ("Kestrel 🚀", "Kestrel 🚀"),
    ("Lumen", "לומן"),
    ("Mekong", "แม่โขง"),
    ("Nova", "Z\u0335a\u0301\u0308l\u0303g\u030co"),
    ("O'Brien & Sons", 'O\'Brien "& Sons"'),
    ("Plzeň", "Plzeň"),
    ("Quetzal", "Quetzal, S.A. de C.V."),
    ("Rasmussen", "Rasmussen"),
    ("Saffron", "केसर"),
    ("Tamil Tech", "தமிழ்"),
    ("Ulaanbaatar", "Улаанбаатар"),
    ("Vega", "Βέγα"),
    ("Wrocław", "Wrocław"),
    ("Yerevan", "Երևան"),
)
_TRADES = (
    ("Machinery", "機械"),
    ("Aerospace", "航空"),
    ("Motors", "电机有限公司"),
    ("Shipyards", "造船"),
    ("Robotics", "روبوتات"),
    ("Medical Devices", "मेडिकल"),
    ("Tooling", "Werkzeugbau"),
    ("Plastics", "Plásticos"),
    ("Energy 👩\u200d🔬", "Энергия 👩\u200d🔬"),
    ("Design Office", "Bureau d'études"),
)
_FORMS = ("Inc", "GmbH", "SAS", "Ltd", "K.K.", "Pvt Ltd", "S.p.A.", "AB", "Corporation", "BV")
_LAST_NAMES = ("DOE", "DUPONT", "MÜLLER", "SATŌ", "SHARMA", "O'NEILL", "王", "GARCÍA", "AL-FARSI", "NGUYỄN", "KOWALSKI")
_FIRST_NAMES = ("Jane", "John", "Aiko", "Priya", "Zoë", "伟", "Omar", "Łucja", "José", "Thị Mai", "Søren")
_ZONES = tuple(label.code for label in CODE_SETS["business_unit_timezone"])


@dataclass(frozen=True, slots=True)
class Company:
    """A legal entity: an end customer, or one of the partner's own sites.

    Attributes:
        id: 15 digits.
        name: Its English name.
        local_name: Its name at home; None where the API leaves it out, and now and then empty.
        location: Its usual location number, 1 to 999.
    """

    id: str
    name: str
    local_name: str | None
    location: int

    def site(self) -> dict[str, object]:
        """Return the company as `soldToSite` or `billToSite` of an order."""
        site: dict[str, object] = {"id": self.id, "name": self.name}
        if self.local_name is not None:
            site["localName"] = self.local_name
        site["locationId"] = self.location
        return site


def customer(seed: int, number: int) -> Company:
    """Return one of the `COMPANY_COUNT` end customers."""
    draws = Draws(seed, _COMPANY, number)
    stem, local_stem = draws.choice(_STEMS)
    trade, local_trade = draws.choice(_TRADES)
    style = draws.below(10)
    local_name = None if style < 3 else "" if style == 3 else f"{local_stem} {local_trade}"
    name = f"{stem} {trade} {draws.choice(_FORMS)}"
    return Company(f"2000{mix(seed, _COMPANY, number) % 10**8:08d}{number:03d}", name, local_name, 1 + draws.below(999))


def partner_site(seed: int, number: int) -> Company:
    """Return one of the partner's few own sites, to which the vendor bills."""
    local_name = (None, "サンプル商事", "Prüfhandel", "एसेट्स भारत")[number % 4]
    identity = f"1000{mix(seed, _COMPANY, -1 - number) % 10**8:08d}{number:03d}"
    return Company(identity, f"Partner Assets {_FORMS[number % len(_FORMS)]}", local_name, 1 + number)


def contact(draws: Draws) -> str:
    """Draw a person as the API writes one: last name in capitals, comma, first name."""
    return f"{draws.choice(_LAST_NAMES)}, {draws.choice(_FIRST_NAMES)}"


def business_unit(number: int) -> dict[str, object]:
    """Return a sales unit of the vendor; there is one in every documented time zone."""
    zone = _ZONES[number % len(_ZONES)]
    return {"id": f"BU{number % len(_ZONES):03d}", "name": f"Corporate Sales Unit {zone}", "localTimezone": zone}


BUSINESS_UNIT_COUNT = len(_ZONES)
