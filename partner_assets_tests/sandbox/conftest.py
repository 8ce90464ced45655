"""One quiet sandbox per worker for tests that only read, and a way to start one's own for tests that change things."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from partner_assets.sandbox.server import RunningSandbox, SandboxConfig, new_api_key
from partner_assets_tests.sandbox.client import Client

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def client() -> Iterator[Client]:
    """A client of a sandbox that stands still at noon of 2026-03-15. Tests must not change it."""
    config = SandboxConfig(days=60, orders_per_day=40, now=NOON, api_keys=(new_api_key(),))
    with RunningSandbox(config) as sandbox:
        yield Client(sandbox)


@pytest.fixture
def own_client() -> Iterator[Client]:
    """A client of a small sandbox that the test may change."""
    config = SandboxConfig(days=20, orders_per_day=10, now=NOON, api_keys=(new_api_key(),), exact_counts=True)
    with RunningSandbox(config) as sandbox:
        yield Client(sandbox)
