"""What goes wrong outside: one sentence, the right exit code, no trace, no key."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from partner_assets_tests.commands.shell import run

WRONG_SETTINGS = {
    "PARTNER_API_BASE_URL": "http://example.org",
    "PARTNER_API_KEY_FILE": "/nowhere/key",
    "PARTNER_API_VERSION": "v3",
    "PARTNER_LEGAL_ENTITY": "a/b",
    "PARTNER_ORDERS_START": "soon",
    "PARTNER_API_CONCURRENCY": "0",
    "PARTNER_API_CONNECT_TIMEOUT": "-1",
    "PARTNER_API_READ_TIMEOUT": "never",
    "PARTNER_API_PATH_NOTHING": "/x",
}


class _WebPage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = f"<html>Please log in, {self.headers['X-API-Key']}</html>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def web_page() -> Iterator[str]:
    """The address of a server that answers everything with a web page, in which it repeats the key."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _WebPage) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("name", WRONG_SETTINGS)
def test_a_wrong_setting_is_named_in_one_sentence(name: str, settings: dict[str, str], tmp_path: Path) -> None:
    """Guards against pydantic's own report, and against a doctor who needs right settings to say what is wrong."""
    done = run("doctor", cwd=tmp_path, env={**settings, name: WRONG_SETTINGS[name]})
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert name in done.stderr
    assert not Path(settings["PARTNER_LAKE"]).exists()


@pytest.mark.parametrize("verb", ["run", "ui"])
def test_missing_settings_are_all_told_at_once(verb: str, tmp_path: Path) -> None:
    """Guards against a person who mends one setting only to be told of the next, and against work begun without them."""
    arguments = ["--no-sandbox", "--port", "0"] if verb == "ui" else []
    done = run(verb, *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert [line.split()[0].rstrip(":") for line in done.stderr.splitlines()] == [
        "PARTNER_API_KEY",
        "PARTNER_API_BASE_URL",
        "PARTNER_ORDERS_START",
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_key_ends_a_run_with_a_sentence(settings: dict[str, str], tmp_path: Path) -> None:
    """Guards against a trace, in which a key may stand, and against a run that goes on to fail at every slice."""
    Path(settings["PARTNER_API_KEY_FILE"]).write_text("secret-of-another-partner")
    _assert_one_sentence(tmp_path, settings, "secret-of-another-partner")


def test_a_dead_port_ends_a_run_with_a_sentence(settings: dict[str, str], tmp_path: Path) -> None:
    """Guards against five minutes of retries at an address where nobody listens."""
    _assert_one_sentence(tmp_path, {**settings, "PARTNER_API_BASE_URL": "http://127.0.0.1:9"})


def test_a_web_page_ends_a_run_with_a_sentence(settings: dict[str, str], web_page: str, tmp_path: Path) -> None:
    """Guards against a JSON error from a login page, and against quoting a page that repeats the key."""
    _assert_one_sentence(tmp_path, {**settings, "PARTNER_API_BASE_URL": web_page})


def _assert_one_sentence(tmp_path: Path, settings: dict[str, str], key: str | None = None) -> None:
    key = key or Path(settings["PARTNER_API_KEY_FILE"]).read_text()
    done = run("run", cwd=tmp_path, env=settings)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert key not in done.stdout + done.stderr
