"""The address that Dagster is pointed at: it loads anywhere, reads no network, and says what is wrong in one sentence.

Each test starts a Python of its own with an environment of its own. Not here: the graph itself (`test_graph.py`).
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
NO_NETWORK = """
import socket
import sys

def refuse(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise SystemExit(f"the network was used: {event} {args}")

sys.addaudithook(refuse)
"""
COUNT_ASSETS = """
from partner_assets.definitions import defs
print(len(defs.resolve_asset_graph().materializable_asset_keys))
"""
NO_ENVIRONMENT = """
import os
import sys

asked = []

class Watched(dict):
    def get(self, name, default=None):
        asked.append(name)
        return super().get(name, default)

    def __getitem__(self, name):
        asked.append(name)
        return super().__getitem__(name)

    def items(self):
        asked.append("every variable")
        return super().items()
"""
IMPORT_ALL = """
import dagster
import duckdb
import pyarrow
import requests
os.environ = Watched(os.environ)
import partner_assets.build
import partner_assets.resources
import partner_assets.runs
import partner_assets.settings
print([name for name in asked if name.startswith(("PARTNER_", "every"))])
"""
WRONG_START = """
import partner_assets.build
from partner_assets.settings import SettingsError
try:
    partner_assets.build.build_defs()
except SettingsError as error:
    print(error)
"""


def run_python(code: str, **environment: str) -> str:
    """Run code in a Python without any variable but those given; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "DAGSTER_DISABLE_TELEMETRY": "1", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_graph_loads_without_any_setting_and_without_the_network() -> None:
    """Guards against a code location that only loads where everything is set, or that asks the partner to be drawn."""
    assert run_python(NO_NETWORK + COUNT_ASSETS) == "11"


def test_importing_reads_no_variable() -> None:
    """Guards against `os.environ` at import, which freezes settings at a moment that nobody chose."""
    assert run_python(NO_ENVIRONMENT + IMPORT_ALL) == "[]"


def test_a_wrong_first_day_is_told_when_the_graph_is_built_and_not_before() -> None:
    """Guards against an import that fails, and against a stack trace of pydantic's in the UI."""
    told = run_python(WRONG_START, PARTNER_ORDERS_START="the first of May")
    assert told == "PARTNER_ORDERS_START: is no day. Example: 2026-01-01."
