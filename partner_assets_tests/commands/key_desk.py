"""A partner's admin with a key in a file, and the vendor on the other side. What becomes of the key: `test_key*.py`."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from partner_assets.key_file import KeyFile
from partner_assets.resources import Partner
from partner_assets.sandbox.keys import hash_of
from partner_assets.sandbox.server import RunningSandbox, SandboxConfig, new_api_key
from partner_assets.settings import load
from partner_assets_tests.commands.shell import run

HASH = re.compile(r"\$2b\$12\$[./A-Za-z0-9]{53}\n")


@dataclass
class Desk:
    """A partner's admin with a key in a file, and the vendor on the other side."""

    sandbox: RunningSandbox
    folder: Path
    printed: str = ""

    @property
    def file(self) -> KeyFile:
        """The key file."""
        return KeyFile(self.folder / "secret" / "key")

    @property
    def variables(self) -> dict[str, str]:
        """The settings."""
        return {
            "PARTNER_API_BASE_URL": self.sandbox.base_url,
            "PARTNER_API_KEY_FILE": str(self.file.path),
            "PARTNER_ORDERS_START": datetime.now(UTC).date().isoformat(),
            "PARTNER_LAKE": str(self.folder / "lake"),
        }

    def type(self, command: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run a command, and keep what it prints for the search for keys."""
        done = run(*command.split(), cwd=self.folder, env={**self.variables, **variables})
        self.printed += done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        return done

    def ask(self) -> None:
        """Ask the API with what the settings say, as a run does."""
        settings = load(self.variables)
        with Partner(lambda: settings).impatient_api() as api:
            assert list(api.accreditations())

    def activate(self, hashed_key: str) -> None:
        """Accept a new key, as the vendor does with its hash."""
        self.sandbox.control("keys/install", hashed_key=hashed_key.strip())

    def revoke(self, key: str) -> None:
        """Refuse a key."""
        self.sandbox.control("keys/revoke", hashed_key=hash_of(key))

    def keys_made(self) -> int:
        """Return how many keys the API was asked to make."""
        endpoints = self.sandbox.stats()["endpoints"]
        assert isinstance(endpoints, dict)
        return int(endpoints.get("create_api_key", 0))


@contextmanager
def a_desk(tmp_path: Path) -> Iterator[Desk]:
    """A key that the sandbox accepts, in a file that others can read as well."""
    (tmp_path / "secret").mkdir()
    with RunningSandbox(SandboxConfig(days=2, orders_per_day=5, api_keys=(new_api_key(),))) as sandbox:
        (tmp_path / "secret" / "key").write_text(sandbox.api_key + "\n")
        yield Desk(sandbox, tmp_path)
