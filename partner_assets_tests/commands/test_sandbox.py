"""`partner-assets sandbox`."""

import signal
import socket
from pathlib import Path

import pytest
import requests

from partner_assets.sandbox.fault_plans import PROFILES
from partner_assets_tests.commands.shell import read_until, run, started


def test_it_says_how_to_be_used_and_never_its_key(tmp_path: Path) -> None:
    """Guards against a key in a terminal's history or a log, and against a key file that others can read."""
    with started("sandbox", "--port", "0", "--days", "2", cwd=tmp_path) as process:
        text = read_until(process, "PARTNER_ORDERS_START", 20)
        exports = dict(line.removeprefix("export ").split("=", 1) for line in text.splitlines() if "export " in line)
        assert list(exports) == [
            "PARTNER_API_BASE_URL",
            "PARTNER_API_KEY_FILE",
            "PARTNER_LEGAL_ENTITY",
            "PARTNER_ORDERS_START",
        ]
        file = Path(exports["PARTNER_API_KEY_FILE"])
        key = file.read_text().strip()
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.parent.stat().st_mode & 0o777 == 0o700
        answer = requests.get(
            f"{exports['PARTNER_API_BASE_URL']}/order/api4partners/v0/price-lists/search",
            headers={"X-API-Key": key},
            timeout=10,
        )
        assert answer.status_code == 200
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=20)
        assert process.returncode == 0
        assert key not in text + rest


def test_it_keeps_the_key_that_it_finds(tmp_path: Path) -> None:
    """Guards against a restart after which everything that was configured is refused."""
    (tmp_path / "key").write_text("a-key-of-mine\n")
    with started("sandbox", "--port", "0", "--key-file", "key", cwd=tmp_path) as process:
        read_until(process, "PARTNER_ORDERS_START", 20)
    assert (tmp_path / "key").read_text() == "a-key-of-mine\n"


def test_a_port_in_use_is_told_in_a_sentence(tmp_path: Path) -> None:
    """Guards against a trace where somebody has started it twice."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for verb in (["sandbox", "--port", str(port)], ["ui", "--sandbox", "--port", str(port), "--sandbox-port", "0"]):
            done = run(*verb, cwd=tmp_path)
            assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
            assert str(port) in done.stderr


def test_it_misbehaves_as_it_is_told(tmp_path: Path) -> None:
    """Guards against an option that is taken and does nothing."""
    with started("sandbox", "--port", "0", "--fault", "unavailable=1", cwd=tmp_path) as process:
        text = read_until(process, "PARTNER_ORDERS_START", 20)
        address = text.split("export PARTNER_API_BASE_URL=")[1].split()[0]
        answer = requests.get(f"{address}/order/api4partners/v0/price-lists/search", timeout=10)
        assert answer.status_code == 503


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("too_many", "'too_many' is no fault with its rate: write it like too_many=0.1."),
        ("toomany=0.1", "There is no fault 'toomany'; there are too_many, "),
        ("too_many=2", "The rate of too_many is 2; it must be between 0 and 1."),
        ("neighbour=0.5", "The fault neighbour spends a quota, and there is none: set a rate first."),
    ],
)
def test_a_fault_that_is_none_is_told_in_a_sentence(value: str, words: str, tmp_path: Path) -> None:
    """Guards against a mistyped fault that never happens, and against a stack trace for it."""
    done = run("sandbox", "--port", "0", "--fault", value, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr.splitlines()[-1]


def test_the_help_names_every_fault(tmp_path: Path) -> None:
    """Guards against faults that only the source knows."""
    told = " ".join(run("sandbox", "--help", cwd=tmp_path).stdout.split())
    assert f"Names: {', '.join(PROFILES)}." in told
