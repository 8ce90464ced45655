"""The settings: every one checked, every mistake told in one sentence with an example, and the key shown nowhere.

Not here: what the settings do (`materialization/`), and when they are read (`assets/test_definitions.py`).
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from partner_assets.settings import (
    EXAMPLES,
    Settings,
    SettingsError,
    load,
    load_dagster_home,
    load_lake,
    load_orders_start,
)

SECRET = "s3cret-" + "x" * 57
RIGHT = {
    "PARTNER_API_BASE_URL": "https://partner.example",
    "PARTNER_API_KEY": SECRET,
    "PARTNER_ORDERS_START": "2026-01-01",
}
IN_THE_FUTURE = (datetime.now(UTC).date() + timedelta(days=2)).isoformat()  # two, since the tests may run over midnight


def problems(environment: Mapping[str, str]) -> list[str]:
    """Return the sentences that wrong settings are told with."""
    with pytest.raises(SettingsError) as caught:
        load(environment)
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value)
    return str(caught.value).split("\n")


def test_the_smallest_environment_gives_settings_with_the_defaults_of_the_examples() -> None:
    """Guards against a setting that a newcomer must know of before anything works."""
    settings = load(RIGHT)
    assert settings.api_key.get_secret_value() == SECRET
    assert settings.orders_start == date(2026, 1, 1)
    shown = {
        "PARTNER_API_VERSION": settings.api_version,
        "PARTNER_LEGAL_ENTITY": settings.legal_entity,
        "PARTNER_LAKE": str(settings.lake),
        "PARTNER_API_CONCURRENCY": str(settings.api_concurrency),
        "PARTNER_API_CONNECT_TIMEOUT": f"{settings.api_connect_timeout:.0f}",
        "PARTNER_API_READ_TIMEOUT": f"{settings.api_read_timeout:.0f}",
        "PARTNER_PACKAGE_PRODUCT_TYPES": ",".join(settings.package_product_types),
        "PARTNER_PACKAGE_OFFERINGS": ",".join(settings.package_offerings),
    }
    assert shown == {name: EXAMPLES[name] for name in shown}


def test_every_example_is_a_setting_and_every_setting_has_an_example() -> None:
    """Guards against a variable that does nothing, and against one that nobody is told of."""
    fields = {f"PARTNER_{name.upper()}" for name in Settings.model_fields if name != "api_paths"}
    assert EXAMPLES.keys() == fields | {"PARTNER_API_KEY_FILE"}


def test_every_example_is_a_right_value() -> None:
    """Guards against advice that is refused when it is followed."""
    values = {
        name: value for name, value in EXAMPLES.items() if name not in ("PARTNER_API_KEY", "PARTNER_API_KEY_FILE")
    }
    values["PARTNER_API_BASE_URL"] = values["PARTNER_API_BASE_URL"].split(" ")[0]
    assert load(RIGHT | values).api_base_url == "http://127.0.0.1:8400"


@pytest.mark.parametrize(
    ("variable", "sentence"),
    [
        ("PARTNER_API_BASE_URL", f"PARTNER_API_BASE_URL is missing. Example: {EXAMPLES['PARTNER_API_BASE_URL']}."),
        ("PARTNER_ORDERS_START", "PARTNER_ORDERS_START is missing. Example: 2026-01-01."),
        (
            "PARTNER_API_KEY",
            "PARTNER_API_KEY is missing. Set it to the 64 characters that the vendor handed out, "
            "or set PARTNER_API_KEY_FILE to a file that holds it.",
        ),
    ],
)
@pytest.mark.parametrize("blank", [None, "", "  "])
def test_a_missing_setting_is_told_in_one_sentence(variable: str, sentence: str, blank: str | None) -> None:
    """Guards against a stack trace, and against an empty variable that counts as a value."""
    environment = {name: value for name, value in RIGHT.items() if name != variable}
    if blank is not None:
        environment[variable] = blank
    assert problems(environment) == [sentence]


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("PARTNER_API_BASE_URL", "partner.example", "is not an address that starts with http:// or https://"),
        ("PARTNER_API_BASE_URL", "https://", "is not an address that starts with http:// or https://"),
        *(
            ("PARTNER_API_BASE_URL", f"https://{host}", "has a host or a port that cannot be")
            for host in ("partner.example:44a", "partner.example:99999", "a b.example", "ex..ample")
        ),
        ("PARTNER_LAKE", "what?", "must not hold a ?, where DuckDB takes the name of a file to end"),
        ("PARTNER_API_BASE_URL", "https://user:word@partner.example", "must not hold a user, a password, a ? or a #"),
        ("PARTNER_API_BASE_URL", "https://partner.example?key=1", "must not hold a user, a password, a ? or a #"),
        ("PARTNER_API_KEY", "two words", "holds something that no key holds: a space, a line break or a letter outside ASCII"),
        ("PARTNER_API_KEY", "clé", "holds something that no key holds: a space, a line break or a letter outside ASCII"),
        ("PARTNER_API_VERSION", "v2", "is neither v1 nor v0"),
        ("PARTNER_LEGAL_ENTITY", "a/b", "may hold only letters, digits, dot, dash and underscore, since it names a folder"),
        ("PARTNER_LEGAL_ENTITY", "..", "may hold only letters, digits, dot, dash and underscore, since it names a folder"),
        ("PARTNER_ORDERS_START", "soon", "is no day"),
        ("PARTNER_ORDERS_START", "2026-02-30", "is no day"),
        ("PARTNER_ORDERS_START", "2026-01-01T12:00:00", "is no day, but a time"),
        ("PARTNER_ORDERS_START", "2026-01-01T00:00:00", "is no day, but a time"),
        ("PARTNER_ORDERS_START", "20260101", "is no day"),
        ("PARTNER_ORDERS_START", "0", "is no day"),
        ("PARTNER_ORDERS_START", IN_THE_FUTURE, "lies in the future"),
        ("PARTNER_API_CONCURRENCY", "many", "is no whole number"),
        ("PARTNER_API_CONCURRENCY", "0", "is too small"),
        ("PARTNER_API_CONCURRENCY", "65", "is too large"),
        ("PARTNER_API_CONNECT_TIMEOUT", "soon", "is no number"),
        ("PARTNER_API_CONNECT_TIMEOUT", "0", "is too small"),
        ("PARTNER_API_CONNECT_TIMEOUT", "601", "is too large"),
        ("PARTNER_API_READ_TIMEOUT", "never", "is no number"),
        ("PARTNER_API_READ_TIMEOUT", "-1", "is too small"),
        ("PARTNER_API_READ_TIMEOUT", "3601", "is too large"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_told_in_one_sentence_with_an_example(variable: str, value: str, reason: str) -> None:
    """Guards against a message that does not say which variable to set, or to what."""
    assert problems(RIGHT | {variable: value}) == [f"{variable}: {reason}. Example: {EXAMPLES[variable]}."]


def test_several_mistakes_are_told_at_once() -> None:
    """Guards against mending one setting after the other, a run for each."""
    told = problems({"PARTNER_API_VERSION": "v9", "PARTNER_API_PATH_NOWHERE": "/x"})
    assert sorted(sentence.split(" ")[0].rstrip(":") for sentence in told) == [
        "PARTNER_API_BASE_URL",
        "PARTNER_API_KEY",
        "PARTNER_API_PATH_NOWHERE",
        "PARTNER_API_VERSION",
        "PARTNER_ORDERS_START",
    ]


def test_the_key_shows_in_no_form_of_the_settings() -> None:
    """Guards against a key in a log, a database or a bug report."""
    settings = load(RIGHT)
    forms = [repr(settings), str(settings), str(settings.model_dump()), settings.model_dump_json(), f"{settings!r}"]
    forms += [json.dumps(settings.model_dump(mode="json")), repr(settings.api_key), str(vars(settings))]
    assert [form for form in forms if SECRET in form] == []


@pytest.mark.parametrize("key", [SECRET + "\nX-Other: 1", SECRET + "é", SECRET + " " + SECRET])
def test_a_wrong_key_is_not_repeated_in_the_error(key: str) -> None:
    """Guards against an error that quotes the very value it complains of."""
    [sentence] = problems(RIGHT | {"PARTNER_API_KEY": key})
    assert sentence.startswith("PARTNER_API_KEY: ")
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({"api_base_url": "https://x.example", "api_key": key, "orders_start": "2026-01-01"})
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8400", "http://[::1]:8400", "http://localhost:8400", "http://127.9.9.9"]
)
def test_plain_http_is_for_this_machine(url: str) -> None:
    """Guards against a sandbox that needs a certificate."""
    assert load(RIGHT | {"PARTNER_API_BASE_URL": url + "/"}).api_base_url == url


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1.example.com",
        "localhost.example.com",
        "0.0.0.0",  # noqa: S104 - the point is that it is refused
        "10.0.0.1",
        "[::]",
        "partner.example",
    ],
)
def test_plain_http_to_anywhere_else_is_refused(host: str) -> None:
    """Guards against a key that travels in clear text."""
    [sentence] = problems(RIGHT | {"PARTNER_API_BASE_URL": f"http://{host}"})
    assert "sends the key in clear text" in sentence


def test_the_key_may_stand_in_a_file_with_a_line_break_at_its_end(tmp_path: Path) -> None:
    """Guards against the line break that every editor adds, in a header."""
    file = tmp_path / "key"
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    environment = {name: value for name, value in RIGHT.items() if name != "PARTNER_API_KEY"}
    settings = load(environment | {"PARTNER_API_KEY_FILE": str(file)})
    assert settings.api_key.get_secret_value() == SECRET


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read (No such file or directory)"),
        (b" \n", "is empty"),
        (b"\xff\xfe\x00", "cannot be read (it is not text)"),
    ],
)
def test_a_wrong_key_file_is_told_in_one_sentence(tmp_path: Path, content: bytes | None, reason: str) -> None:
    """Guards against a stack trace of Python's about a file that somebody mistyped."""
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    environment = {name: value for name, value in RIGHT.items() if name != "PARTNER_API_KEY"}
    assert problems(environment | {"PARTNER_API_KEY_FILE": str(file)}) == [
        f"PARTNER_API_KEY_FILE: {file} {reason}. Example: /run/secrets/partner_api_key."
    ]


def test_a_key_and_a_key_file_are_one_too_many() -> None:
    """Guards against an old key that wins over the new one."""
    sentence = "PARTNER_API_KEY and PARTNER_API_KEY_FILE are both set: keep one of them."
    assert problems(RIGHT | {"PARTNER_API_KEY_FILE": "/run/secrets/key"}) == [sentence]


def test_an_endpoint_can_be_moved() -> None:
    """Guards against paths that the reference does not print and nobody can mend."""
    settings = load(RIGHT | {"PARTNER_API_PATH_PRODUCTS_SEARCH": "/elsewhere/products"})
    assert settings.api_paths == {"products_search": "/elsewhere/products"}


@pytest.mark.parametrize(
    ("variable", "path"),
    [
        ("PARTNER_API_PATH_PRODUCTS", "/elsewhere"),
        ("PARTNER_API_PATH_PRODUCTS_SEARCH", "https://elsewhere.example/products"),
        ("PARTNER_API_PATH_ORDER_DETAILS", "/orders-without-an-id"),
    ],
)
def test_a_wrong_path_is_told_in_one_sentence(variable: str, path: str) -> None:
    """Guards against a key that is sent to another host, and against a mistyped variable that is ignored."""
    [sentence] = problems(RIGHT | {variable: path})
    assert sentence.startswith(variable)


def test_what_marks_a_package_can_be_replaced() -> None:
    """Guards against packages of a code that the reference does not print."""
    settings = load(RIGHT | {"PARTNER_PACKAGE_PRODUCT_TYPES": " P, OFF ,", "PARTNER_PACKAGE_OFFERINGS": "PCK,NEW"})
    assert settings.package_product_types == {"P", "OFF"}
    assert settings.package_offerings == {"PCK", "NEW"}


def test_a_query_needs_the_lake_and_nothing_else() -> None:
    """Guards against an analyst who must have a key to read files."""
    assert load_lake({}) == Path("data")
    assert load_lake({"PARTNER_LAKE": "/srv/lake"}) == Path("/srv/lake")


def test_the_graph_needs_no_setting_and_refuses_a_wrong_day() -> None:
    """Guards against a graph that cannot be drawn before anything is set, and against one that starts in the future."""
    assert load_orders_start({}) == datetime.now(UTC).date().replace(month=1, day=1)
    assert load_orders_start({"PARTNER_ORDERS_START": "2024-02-29"}) == date(2024, 2, 29)
    for value, reason in (
        ("yesterday", "is no day"),
        ("20260101", "is no day"),
        ("2026-01-01T00:00:00", "is no day, but a time"),
        (IN_THE_FUTURE, "lies in the future"),
    ):
        with pytest.raises(SettingsError) as caught:
            load_orders_start({"PARTNER_ORDERS_START": value})
        assert str(caught.value) == f"PARTNER_ORDERS_START: {reason}. Example: 2026-01-01."


def test_dagster_home_is_a_folder_that_exists(tmp_path: Path) -> None:
    """Guards against runs that are kept in a folder nobody meant."""
    assert load_dagster_home({}) is None
    assert load_dagster_home({"DAGSTER_HOME": str(tmp_path)}) == tmp_path
    for value in ("relative", str(tmp_path / "missing")):
        with pytest.raises(SettingsError, match=r"^DAGSTER_HOME: .* must be the absolute path of a folder that exists"):
            load_dagster_home({"DAGSTER_HOME": value})
