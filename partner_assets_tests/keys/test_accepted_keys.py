"""Runs and ticks while a key is being replaced, on a sandbox: each takes a key that the API accepts, told by nobody.

Not here: the files alone (`test_key_file.py`), and the command that replaces the key (`commands/test_key.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from partner_assets.api.client import PartnerApi
from partner_assets.api.documents import NewKey
from partner_assets.api.errors import KeyRefused
from partner_assets.key_file import KeyFile
from partner_assets.keys import keys_for
from partner_assets.resources import Partner
from partner_assets.sandbox.keys import hash_of
from partner_assets.sandbox.server import RunningSandbox, SandboxConfig, new_api_key
from partner_assets.settings import Settings, SettingsError, load


@dataclass
class Rotation:
    """A key that waits, and the vendor who will accept it."""

    sandbox: RunningSandbox
    file: KeyFile
    settings: Settings
    made: NewKey

    def activate(self) -> None:
        """Accept the new key."""
        self.sandbox.control("keys/install", hashed_key=self.made.hashed_key)

    def revoke_old(self) -> None:
        """Refuse the key that worked so far."""
        self.sandbox.control("keys/revoke", hashed_key=hash_of(self.sandbox.api_key))

    def refused(self) -> int:
        """Return how many requests were refused for their key since this was last asked."""
        statuses = self.sandbox.stats()["statuses"]
        self.sandbox.control("stats/reset")
        assert isinstance(statuses, dict)
        return int(statuses.get("403", 0))

    def environment(self) -> dict[str, str]:
        """Return the settings as variables."""
        return {
            "PARTNER_API_BASE_URL": self.sandbox.base_url,
            "PARTNER_API_KEY_FILE": str(self.file.path),
            "PARTNER_ORDERS_START": self.settings.orders_start.isoformat(),
        }


@pytest.fixture
def rotation(tmp_path: Path) -> Iterator[Rotation]:
    """A key in a file, and a new one put in its place that waits."""
    with RunningSandbox(SandboxConfig(days=2, orders_per_day=30, api_keys=(new_api_key(),))) as sandbox:
        path = tmp_path / "key"
        path.write_text(sandbox.api_key)
        settings = Settings(
            api_base_url=sandbox.base_url,
            api_key=SecretStr(sandbox.api_key),
            api_key_file=path,
            lake=tmp_path / "lake",
            orders_start=date(2026, 1, 1),
        )
        with Partner(lambda: settings).impatient_api() as api:
            made = api.new_key()
        file = KeyFile(path)
        with file.changing():
            file.put(newest=made.api_key, waiting_hash=made.hashed_key, working=sandbox.api_key)
        yield Rotation(sandbox, file, settings, made)


def ask(rotation: Rotation) -> None:
    """Ask the API as a run does."""
    with Partner(lambda: rotation.settings).impatient_api() as api:
        assert list(api.accreditations())


def test_while_a_key_waits_no_request_is_refused(rotation: Rotation) -> None:
    """Guards against a refused request for every tick of a sensor, for all the days that the vendor takes."""
    ask(rotation)
    assert rotation.refused() == 0
    assert load(rotation.environment()).api_key.get_secret_value() == rotation.sandbox.api_key


def test_when_the_old_key_is_refused_the_new_one_is_taken_and_waits_no_longer(rotation: Rotation) -> None:
    """Guards against an exchange of keys at night that waits for somebody to come and check."""
    rotation.activate()
    rotation.revoke_old()
    ask(rotation)
    assert rotation.refused() == 1
    assert rotation.file.read().waiting_hash is None
    ask(rotation)
    assert rotation.refused() == 0


def test_the_keys_are_exchanged_in_the_middle_of_a_run(rotation: Rotation) -> None:
    """Guards against a backfill of hours that fails at the minute of the exchange, with several requests under way."""
    today = datetime.now(UTC).date()
    documents: Any = rotation.sandbox.world.order_documents(today - timedelta(days=1), today)
    ids = [document["transaction"]["id"] for document in documents]
    fetched = []
    with Partner(lambda: rotation.settings).impatient_api() as api:
        for number, (order, document) in enumerate(api.order_details_many(ids)):
            if number == 5:
                rotation.activate()
                rotation.revoke_old()
            fetched.append((order, type(document).__name__))
    assert fetched == [(order, "OrderDocument") for order in ids]
    assert len(ids) > 20
    assert 1 <= rotation.refused() <= rotation.settings.api_concurrency
    assert rotation.file.read().waiting_hash is None


def test_a_process_that_lives_long_learns_of_a_new_key(rotation: Rotation) -> None:
    """Guards against a daemon whose ticks go on with the key of its start until somebody restarts it."""
    partner = Partner(lambda: rotation.settings)
    with partner.impatient_api() as api:
        list(api.accreditations())
    rotation.activate()
    rotation.file.accept(rotation.made.api_key)
    rotation.revoke_old()
    rotation.refused()
    with partner.impatient_api() as api:
        list(api.accreditations())
    assert rotation.refused() == 0


def test_if_the_new_key_turns_out_to_be_refused_the_previous_one_is_taken(rotation: Rotation) -> None:
    """Guards against a lock-out by a gateway of which not every part knows the new key yet."""
    rotation.file.accept(rotation.made.api_key)
    ask(rotation)
    assert rotation.refused() == 1
    assert rotation.file.read().newest == rotation.made.api_key


def test_if_both_are_refused_the_run_says_so(rotation: Rotation) -> None:
    """Guards against a sentence that sends somebody to look for the other key."""
    rotation.revoke_old()
    with pytest.raises(KeyRefused, match="The other key that there is was refused as well"):
        ask(rotation)
    assert rotation.file.read().waiting_hash == rotation.made.hashed_key


def test_a_file_that_vanishes_under_way_leaves_the_refusal_to_be_told(rotation: Rotation) -> None:
    """Guards against a failure that speaks of a file, where the API refuses the key."""
    rotation.file.path.unlink()
    with pytest.raises(SettingsError, match=r"^PARTNER_API_KEY_FILE: .*cannot be read"):
        ask(rotation)
    rotation.file.path.write_text(rotation.made.api_key)
    with Partner(lambda: rotation.settings).impatient_api() as api:
        rotation.file.path.unlink()
        rotation.revoke_old()
        with pytest.raises(KeyRefused):
            list(api.accreditations())


def test_what_only_looks_writes_nothing_down(rotation: Rotation) -> None:
    """Guards against a doctor that changes what it looks at."""
    keys = keys_for(rotation.settings, is_noted=False)
    assert not isinstance(keys, SecretStr)
    rotation.activate()
    rotation.revoke_old()
    with PartnerApi(rotation.sandbox.base_url, keys) as api:
        assert list(api.accreditations())
    assert rotation.file.read().waiting_hash == rotation.made.hashed_key
