"""Provokes what is said of settings, by reading wrong ones. Not here: the key's file (`key_messages.py`)."""

from datetime import UTC, datetime, timedelta

from partner_assets.materialization.deprecation import deprecation
from partner_assets.settings import SettingsError, load, load_dagster_home
from partner_assets_tests.error_docs.scene import Provoke, Scene, produces

IN_THE_FUTURE = (datetime.now(UTC).date() + timedelta(days=2)).isoformat()  # two, since the tests may run over midnight

WRONG: dict[str, dict[str, str]] = {
    "VARIABLE is missing. Example": {"PARTNER_ORDERS_START": ""},
    "PARTNER_API_KEY is missing.": {"PARTNER_API_KEY_FILE": ""},
    "are both set: keep one": {"PARTNER_API_KEY": "k" * 64},
    "PARTNER_API_KEY: holds something": {"PARTNER_API_KEY": "two words", "PARTNER_API_KEY_FILE": ""},
    "is not an address that starts": {"PARTNER_API_BASE_URL": "partner.example"},
    "must not hold a user": {"PARTNER_API_BASE_URL": "https://me:secret@partner.example"},
    "sends the key in clear text": {"PARTNER_API_BASE_URL": "http://partner.example"},
    "is neither v1 nor v0": {"PARTNER_API_VERSION": "v2"},
    "may hold only letters": {"PARTNER_LEGAL_ENTITY": "a company"},
    "PARTNER_ORDERS_START: is no day.": {"PARTNER_ORDERS_START": "soon"},
    "is no day, but a time": {"PARTNER_ORDERS_START": "2026-01-01T12:00:00"},
    "PARTNER_ORDERS_START: lies in the future": {"PARTNER_ORDERS_START": IN_THE_FUTURE},
    "is no whole number": {"PARTNER_API_CONCURRENCY": "many"},
    "VARIABLE: is no number": {"PARTNER_API_READ_TIMEOUT": "long"},
    "VARIABLE: is too small": {"PARTNER_API_CONCURRENCY": "0"},
    "VARIABLE: is too large": {"PARTNER_LARGEST_LOSS_PERCENT": "101"},
    "moves no endpoint": {"PARTNER_API_PATH_NOTHING": "/nowhere"},
    "must start with / and hold neither": {"PARTNER_API_PATH_PRODUCTS_SEARCH": "products?all"},
    "Only the path of order_details holds": {"PARTNER_API_PATH_ORDER_DETAILS": "/orders"},
}
"""What is set otherwise than it should be, for each row."""


def _loading(variables: dict[str, str]) -> Provoke:
    return lambda scene: load({**scene.settings, **variables})


for words, variables in WRONG.items():
    produces(words, SettingsError)(_loading(variables))


@produces("must be the absolute path of a folder that exists", SettingsError)
def home_that_is_not_there(scene: Scene) -> None:
    """Name a folder that nobody made."""
    load_dagster_home({"DAGSTER_HOME": str(scene.folder / "nowhere")})


@produces("PARTNER_API_VERSION is v0: the vendor")
def deprecated_version(scene: Scene) -> object:
    """Use the old version."""
    return deprecation(load({**scene.settings, "PARTNER_API_VERSION": "v0"}))
