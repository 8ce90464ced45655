"""What Python itself can show of an error: its words, its parts, and the local variables of every frame it came through.

Local variables are what trackers of errors and rich traces print. Not here: what our own processes print
(`test_left_behind.py`).
"""

import errno
import shlex
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from partner_assets.api import errors
from partner_assets.api.client import PartnerApi
from partner_assets.key_file import KeyFile, KeyFileError
from partner_assets.keys import FiledKeys
from partner_assets.resources import Partner
from partner_assets.settings import KEY, KEY_FILE, Settings, SettingsError, load
from partner_assets_tests.api.fake_time import FakeTime
from partner_assets_tests.api.scripted_server import Reply, Request, ScriptedServer, failed, rows
from partner_assets_tests.api.test_failures import PERMANENT, TRANSIENT
from partner_assets_tests.api.test_shifting_pages import products, restless
from partner_assets_tests.keys.disks import RefusingDisk
from partner_assets_tests.secrets_left.search import Search, canary

CANARY = canary()
HERE = str(Path(__file__).parent)
RIGHT = {"PARTNER_API_BASE_URL": "http://127.0.0.1:9", "PARTNER_ORDERS_START": "2026-01-01"}

Ask = Callable[[PartnerApi], object]


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that hang on it, also those that Python would not print."""
    links: list[BaseException | None] = [error]
    seen: list[BaseException] = []
    while links:
        link = links.pop()
        if link is not None and link not in seen:
            seen.append(link)
            links += [link.__cause__, link.__context__]
            yield link


def shown(error: BaseException) -> str:
    """Return all that can be shown of an error; of our own frames, in which the canary is, nothing."""
    texts = []
    for link in chain(error):
        texts += [str(link), repr(link), repr(vars(link)), "".join(traceback.format_exception(link))]
        for frame in traceback.TracebackException.from_exception(link, capture_locals=True).stack:
            if not frame.filename.startswith(HERE):
                texts.append(f"{frame.name}: {frame.locals}")
    return "\n".join(texts)


def assert_hidden(error: BaseException, key: str = CANARY) -> None:
    """Hold all that can be shown of an error against the canary."""
    text = shown(error)
    assert Search(key).text("", text) == [], [line for line in text.split("\n") if Search(key).text("", line)]


def asked(server: ScriptedServer, ask: Ask, **options: Any) -> BaseException:
    """Return the error that a question ends with."""
    time = FakeTime()
    given = {"attempts": 2, "max_answer_bytes": 5000, "sleep": time.sleep, "monotonic": time.monotonic, **options}
    with PartnerApi(server.base_url, SecretStr(CANARY), **given) as api, pytest.raises(BaseException) as caught:
        ask(api)
    return caught.value


def accreditations(api: PartnerApi) -> object:
    """Read a search."""
    return list(api.accreditations())


def sold(api: PartnerApi) -> object:
    """Read a search that has a body."""
    return list(api.products("R", "PRTF136"))


def details(api: PartnerApi) -> object:
    """Read orders on threads of the client's."""
    return [one for _, one in api.order_details_many(["PO_1", "PO_2"])]


def new_key(api: PartnerApi) -> object:
    """Have a key made."""
    return api.new_key()


def after_the_end(api: PartnerApi) -> object:
    """Ask a client that was closed."""
    api.close()
    return accreditations(api)


def in_circles(request: Request) -> Reply:
    """Give one of two pages, for ever."""
    return rows({"id": f"{request.query['skip'] % 2}"}, estimated=500)


def one_leaves(records: list[Any], request: int) -> None:
    """Take a row away before every answer."""
    del records[0]


def echo(status: int) -> Callable[[Request], Reply]:
    """Return a server that repeats the key wherever a failure has words."""

    def script(request: Request) -> Reply:
        key = request.headers["x-api-key"]
        reply = failed(status, key, key, detail=key)
        return replace(reply, headers={"Retry-After": key, "Location": f"http://localhost:9/?{key}"})

    return script


SEARCHES: dict[type[errors.PartnerApiError], tuple[Ask, Callable[[Request], Reply]]] = {
    errors.RepeatedPage: (accreditations, lambda _: rows(*({"id": f"{one}"} for one in range(100)), estimated=500)),
    errors.UnendingPaging: (accreditations, in_circles),
    errors.ShiftingPages: (sold, restless(products(150), one_leaves)),
    errors.Stopped: (after_the_end, lambda _: rows()),
}
"""What no single answer is: the errors of whole searches, and how to get them."""


@pytest.mark.parametrize("ask", [accreditations, new_key])
@pytest.mark.parametrize(("reply", "kind"), [case[:2] for case in PERMANENT + TRANSIENT])
def test_no_failed_answer_shows_the_key(reply: Reply, kind: type[errors.PartnerApiError], ask: Ask) -> None:
    """Guards against a key in what a tracker of errors keeps: requests hangs the header onto its exceptions."""
    with ScriptedServer(reply) as server:
        error = asked(server, ask)
    assert isinstance(error, errors.PartnerApiError)
    assert ask is new_key or type(error) is kind
    assert_hidden(error)


@pytest.mark.parametrize("kind", SEARCHES)
def test_no_failed_search_shows_the_key(kind: type[errors.PartnerApiError]) -> None:
    """Guards against the errors that are made far from the transport, by hands that know the caller."""
    ask, script = SEARCHES[kind]
    with ScriptedServer(script=script) as server:
        error = asked(server, ask, max_answer_bytes=1_000_000)
    assert type(error) is kind
    assert_hidden(error)


def test_every_kind_of_error_is_tried() -> None:
    """Guards against a new kind of error that nobody has looked at."""
    found = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.PartnerApiError)]
    kinds = {kind for kind in found if not kind.__subclasses__()}
    assert kinds == {*SEARCHES, *(case[1] for case in PERMANENT + TRANSIENT)}


@pytest.mark.parametrize("ask", [accreditations, details, new_key])
@pytest.mark.parametrize("script", [echo(status) for status in (200, 302, 400, 401, 403, 429, 500)])
def test_no_server_can_make_an_error_show_the_key(script: Callable[[Request], Reply], ask: Ask) -> None:
    """Guards against a gateway that repeats what it was sent, in any of the places that we read."""
    with ScriptedServer(script=script) as server:
        assert_hidden(asked(server, ask))


def test_a_new_key_is_not_shown_by_a_broken_answer() -> None:
    """Guards against the one answer that holds a key by right."""
    made = canary()
    with ScriptedServer(Reply(200, {"api_key": made, "hashed_key": 5})) as server:
        assert_hidden(asked(server, new_key), made)


class Interrupting(FakeTime):
    """A clock that is Ctrl+C to whoever reads it while the headers of an answer come."""

    def monotonic(self) -> float:
        """Return the seconds so far, or never return."""
        if any(frame.name == "readinto" for frame in traceback.extract_stack()):
            raise KeyboardInterrupt
        return super().monotonic()


def test_ctrl_c_in_the_middle_of_an_answer_shows_no_key() -> None:
    """Guards against the frames of the HTTP libraries, in which the headers are local variables."""
    with ScriptedServer(rows()) as server:
        error = asked(server, accreditations, monotonic=Interrupting().monotonic)
    assert isinstance(error, KeyboardInterrupt)
    assert_hidden(error)


@pytest.mark.parametrize(
    "wrong",
    [{"PARTNER_API_VERSION": "v9"}, {"PARTNER_API_PATH_X": "/"}, {"PARTNER_ORDERS_START": ""}, {KEY: f"{CANARY} é"}],
    ids=lambda wrong: "".join(wrong),
)
def test_wrong_settings_show_no_key(wrong: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards against the environment as a local variable of whoever complains of it."""
    for name, value in {**RIGHT, KEY: CANARY, **wrong}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        assert Partner().api
    assert_hidden(caught.value)


def test_what_the_settings_are_made_of_shows_no_key() -> None:
    """Guards against pydantic's own error, which quotes what it was given."""
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({"api_key": SecretStr(f"{CANARY} é"), "api_base_url": "http://", "lake": 5})
    assert_hidden(caught.value)


def test_a_run_that_reaches_nobody_shows_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards against the settings and the client as local variables of what works with them."""
    for name, value in {**RIGHT, KEY: CANARY}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(errors.Unreachable) as caught:
        next(Partner().impatient_api().accreditations())
    assert_hidden(caught.value)


@pytest.mark.parametrize("content", [f"{CANARY}\n{CANARY}", f"{CANARY}é"], ids=["two lines", "no ASCII"])
def test_a_wrong_key_file_shows_nothing_of_it(content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards against a file that is quoted because it holds no key: it may hold two."""
    (tmp_path / "key").write_text(content)
    for name, value in {**RIGHT, KEY_FILE: str(tmp_path / "key")}.items():
        monkeypatch.setenv(name, value)
    for read in (load, FiledKeys(tmp_path / "key").held_keys):
        with pytest.raises(SettingsError) as caught:
            read()
        assert_hidden(caught.value)


@pytest.mark.parametrize("step", range(12))
def test_a_disk_that_refuses_a_new_key_shows_neither(step: int, tmp_path: Path) -> None:
    """Guards against texts on their way into files, which are local variables of who writes them."""
    made = canary()
    (tmp_path / "key").write_text(CANARY)
    file = KeyFile(tmp_path / "key", RefusingDisk(step, errno.ENOSPC))
    with pytest.raises(KeyFileError) as caught, file.changing():
        file.put(newest=made, waiting_hash="$2b$12$hash", working=CANARY)
    assert_hidden(caught.value)
    assert_hidden(caught.value, made)


def test_a_key_in_a_local_variable_is_found() -> None:
    """Guards against a look that sees no local variables, for which all of the above would hold."""
    with pytest.raises(ValueError, match="No closing quotation") as caught:
        shlex.split(CANARY)
    with pytest.raises(AssertionError):
        assert_hidden(caught.value)
