"""The scene: an empty folder, and one small sandbox for all messages that do not change it."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from partner_assets.sandbox.server import RunningSandbox, SandboxConfig, new_api_key
from partner_assets_tests.error_docs.scene import Scene
from partner_assets_tests.materialization.site import KEY, OpenSite


@pytest.fixture(scope="module")
def quiet_sandbox() -> Iterator[RunningSandbox]:
    """A small sandbox. Producers must not change it; a key that is made is accepted only when it is activated."""
    with RunningSandbox(SandboxConfig(days=3, orders_per_day=5, api_keys=(new_api_key(), KEY))) as running:
        yield running


@pytest.fixture
def scene(tmp_path: Path, quiet_sandbox: RunningSandbox, open_site: OpenSite, instance: dg.DagsterInstance) -> Scene:
    """Where messages are provoked."""
    folder = tmp_path / "here"
    folder.mkdir()
    return Scene(folder, quiet_sandbox, open_site, instance)
