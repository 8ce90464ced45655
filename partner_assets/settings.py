"""Every setting, read from the environment: the only module that names environment variables.

Nothing is read at import. `load()` reads and checks all of it once, at use; what is wrong comes back as one sentence
per setting, with an example. Not here: what the settings are used for.
"""

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from partner_assets.api.endpoints import ENDPOINT_NAMES, endpoints_for
from partner_assets.key_file import KeyFile, KeyFileError
from partner_assets.setting_values import (
    checked_base_url,
    checked_entity,
    checked_key,
    checked_lake,
    checked_start,
    day_named,
)
from partner_assets.tables.package_contents import PACKAGE_OFFERINGS, PACKAGE_PRODUCT_TYPES

KEY = "PARTNER_API_KEY"
KEY_FILE = "PARTNER_API_KEY_FILE"
PATH_PREFIX = "PARTNER_API_PATH_"

EXAMPLES: Mapping[str, str] = {
    "PARTNER_API_BASE_URL": "http://127.0.0.1:8400 (the sandbox) or the https address that the vendor gave you",
    KEY: "the 64 characters that the vendor handed out",
    KEY_FILE: "/run/secrets/partner_api_key",
    "PARTNER_API_VERSION": "v1",
    "PARTNER_LEGAL_ENTITY": "main",
    "PARTNER_LAKE": "data",
    "PARTNER_ORDERS_START": "2026-01-01",
    "PARTNER_API_CONCURRENCY": "8",
    "PARTNER_API_CONNECT_TIMEOUT": "5",
    "PARTNER_API_READ_TIMEOUT": "60",
    "PARTNER_PACKAGE_PRODUCT_TYPES": "P",
    "PARTNER_PACKAGE_OFFERINGS": "PCK",
    "PARTNER_LARGEST_LOSS_PERCENT": "20",
}
"""Every setting but the paths of endpoints, with an example of a right value."""


class SettingsError(Exception):
    """One or more settings are missing or wrong. The message is one sentence per setting."""


class _Variables(dict[str, str]):
    """The variables that are set, of which a repr shows the names alone: one of them is the key, or another's secret."""

    def __repr__(self) -> str:
        return f"<{', '.join(sorted(self))}>"


def _split_codes(value: Any) -> Any:
    return frozenset(filter(None, (code.strip() for code in value.split(",")))) if isinstance(value, str) else value


def _day(value: Any) -> Any:
    return day_named(value) if isinstance(value, str) else value


class Settings(BaseModel):
    """All settings, checked.

    Attributes:
        api_base_url: Address of the Partner API. There is no default, so nothing reaches a production host by accident.
        api_key: The key of one legal entity; a secret that no repr shows.
        api_key_file: The file that it comes from, to be read again when the key is refused; None if it was given itself.
        api_version: Version of the orders and accreditations endpoints to use.
        legal_entity: Short name of the legal entity that the key belongs to; the first folder of every file.
        lake: Folder of the tables and of `partner.duckdb`.
        orders_start: First day of orders to keep.
        api_concurrency: Most requests under way at once.
        api_connect_timeout: Seconds to wait for a connection.
        api_read_timeout: Seconds to wait for the next byte of an answer.
        package_product_types: Values of `products.product_type` that mark a package.
        package_offerings: Values of `products.ds_offering` that mark a package.
        largest_loss_percent: Share of the accreditations, or of the price lists, that may vanish from one read to the next.
        api_paths: Endpoint name to path, for endpoints that stand elsewhere than the reference says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    api_base_url: Annotated[str, AfterValidator(checked_base_url)]
    api_key: Annotated[SecretStr, AfterValidator(checked_key)]
    api_key_file: Path | None = None
    api_version: Literal["v1", "v0"] = "v1"
    legal_entity: Annotated[str, AfterValidator(checked_entity)] = "main"
    lake: Annotated[Path, AfterValidator(checked_lake)] = Path("data")
    orders_start: Annotated[date, BeforeValidator(_day), AfterValidator(checked_start)]
    api_concurrency: int = Field(default=8, ge=1, le=64)
    api_connect_timeout: float = Field(default=5.0, gt=0, le=600)
    api_read_timeout: float = Field(default=60.0, gt=0, le=3600)
    package_product_types: Annotated[frozenset[str], BeforeValidator(_split_codes)] = PACKAGE_PRODUCT_TYPES
    package_offerings: Annotated[frozenset[str], BeforeValidator(_split_codes)] = PACKAGE_OFFERINGS
    largest_loss_percent: int = Field(default=20, ge=0, le=100)
    api_paths: Mapping[str, str] = Field(default_factory=dict)


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read and check every setting.

    Args:
        environment: Where to read from; the process's own environment if None.

    Raises:
        SettingsError: With one sentence per setting that is missing or wrong.
    """
    found = _present(os.environ if environment is None else environment)
    values: dict[str, Any] = {
        name.removeprefix("PARTNER_").lower(): value
        for name, value in found.items()
        if name in EXAMPLES and name != KEY
    }
    problems: list[str] = []
    for field, read in (("api_key", _read_key), ("api_paths", _read_paths)):
        try:
            values[field] = read(found, str(values.get("api_version", "v1")))
        except SettingsError as error:
            problems.append(str(error))
            values[field] = {"api_key": "unread", "api_paths": {}}[field]
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        problems += [_sentence(details) for details in error.errors(include_url=False, include_input=False)]
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def load_lake(environment: Mapping[str, str] | None = None) -> Path:
    """Read only the lake's folder: what a query needs.

    Raises:
        SettingsError: If it is none that DuckDB can open a file in.
    """
    found = _present(os.environ if environment is None else environment)
    folder = Path(found.get("PARTNER_LAKE", Settings.model_fields["lake"].default))
    try:
        return checked_lake(folder)
    except ValueError as error:
        raise SettingsError(_told("PARTNER_LAKE", str(error))) from None


def load_without_api(environment: Mapping[str, str] | None = None) -> Settings:
    """Read what work on the lake alone needs: its folder, and the legal entity.

    Whatever is set for the API is left aside, and its address leads nowhere: nothing can be asked by mistake.

    Raises:
        SettingsError: If one of the two is wrong.
    """
    found = _present(os.environ if environment is None else environment)
    kept = {name: value for name, value in found.items() if name in ("PARTNER_LAKE", "PARTNER_LEGAL_ENTITY")}
    nobody = {"PARTNER_API_BASE_URL": "http://127.0.0.1:9", KEY: "none", "PARTNER_ORDERS_START": "2000-01-01"}
    return load({**kept, **nobody})


def load_orders_start(environment: Mapping[str, str] | None = None) -> date:
    """Read only the first day of orders: what the graph needs to be drawn, before anything is run.

    Returns:
        The day; the first of this year while nothing is set, since a run says so and a graph need not.

    Raises:
        SettingsError: If a value is set that is no day, or one in the future.
    """
    found = _present(os.environ if environment is None else environment)
    value = found.get("PARTNER_ORDERS_START")
    if value is None:
        return datetime.now(UTC).date().replace(month=1, day=1)
    try:
        return checked_start(day_named(value))
    except ValueError as error:
        raise SettingsError(_told("PARTNER_ORDERS_START", str(error))) from None


def load_dagster_home(environment: Mapping[str, str] | None = None) -> Path | None:
    """Read where Dagster keeps its runs; None if nothing is set, and runs are then forgotten when they end.

    Raises:
        SettingsError: If the folder does not exist, or its path is not absolute.
    """
    found = _present(os.environ if environment is None else environment)
    if "DAGSTER_HOME" not in found:
        return None
    home = Path(found["DAGSTER_HOME"])
    if home.is_absolute() and home.is_dir():
        return home
    raise SettingsError(
        f"DAGSTER_HOME: {home} must be the absolute path of a folder that exists. Example: /srv/dagster."
    )


def _present(environment: Mapping[str, str]) -> _Variables:
    """Return the variables that say something: one that is set to nothing counts as not set."""
    return _Variables({name: value.strip() for name, value in environment.items() if value.strip()})


def _read_key(found: Mapping[str, str], _version: str) -> SecretStr:
    if KEY in found and KEY_FILE in found:
        raise SettingsError(f"{KEY} and {KEY_FILE} are both set: keep one of them.")
    if KEY in found:
        return SecretStr(found[KEY])
    if KEY_FILE not in found:
        raise SettingsError(f"{KEY} is missing. Set it to {EXAMPLES[KEY]}, or set {KEY_FILE} to a file that holds it.")
    try:
        return SecretStr(KeyFile(Path(found[KEY_FILE])).read().best_first[0])
    except KeyFileError as error:
        raise key_file_error(error) from None


def key_file_error(error: KeyFileError) -> SettingsError:
    """Return what is wrong with the key file as something that is wrong with the setting."""
    return SettingsError(_told(KEY_FILE, str(error)))


def _read_paths(found: Mapping[str, str], version: str) -> dict[str, str]:
    settings = {f"{PATH_PREFIX}{name.upper()}": name for name in ENDPOINT_NAMES}
    paths = {}
    for variable, path in found.items():
        if not variable.startswith(PATH_PREFIX):
            continue
        if variable not in settings:
            raise SettingsError(f"{variable} moves no endpoint; there are {', '.join(settings)}.")
        name = settings[variable]
        try:
            endpoints_for("v0" if version == "v0" else "v1", {name: path})
        except ValueError as error:
            raise SettingsError(f"{variable}: {error}") from None
        paths[name] = path
    return paths


def _sentence(details: ErrorDetails) -> str:
    variable = f"PARTNER_{str(details['loc'][0]).upper()}"
    if details["type"] == "missing":
        return f"{variable} is missing. Example: {EXAMPLES[variable]}."
    if details["type"] == "value_error":
        return _told(variable, str(details["ctx"]["error"]))
    return _told(variable, _REASONS.get(details["type"], details["msg"].removeprefix("Input ").lower()))


_REASONS: Mapping[str, str] = {
    "int_parsing": "is no whole number",
    "float_parsing": "is no number",
    "literal_error": "is neither v1 nor v0",
    "greater_than": "is too small",
    "greater_than_equal": "is too small",
    "less_than_equal": "is too large",
}


def _told(variable: str, reason: str) -> str:
    return f"{variable}: {reason}. Example: {EXAMPLES[variable]}."
