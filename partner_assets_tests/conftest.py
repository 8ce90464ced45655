"""What the end-to-end tests share: a real Dagster instance in memory, and sandboxes that end with the test.

Not here: what a test does with them (`materialization/site.py`).
"""

import contextlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from hypothesis import HealthCheck, settings

from partner_assets.sandbox.server import RunningSandbox, SandboxConfig
from partner_assets_tests.materialization.site import KEY, NOW, TODAY, ApiVersion, OpenSite, Site

CAMPAIGN, LONGEST = "campaign", "longest"

# The same examples every time, however slow the machine: a test that fails on one machine must fail on the next.
settings.register_profile("suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers of what is too large for every day, and of what takes longest of the rest."""
    config.addinivalue_line("markers", f"{CAMPAIGN}: full size, a minute or more; run with -m {CAMPAIGN}")
    config.addinivalue_line(
        "markers", f"{LONGEST}: minutes, mostly of waiting; begins first, so that the others run beside it"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the full size out unless markers are asked for, and begin with what takes longest."""
    items.sort(key=lambda item: item.get_closest_marker(LONGEST) is None)
    if not config.getoption("-m"):
        large = [item for item in items if item.get_closest_marker(CAMPAIGN)]
        items[:] = [item for item in items if item not in large]
        config.hook.pytest_deselected(items=large)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """A Dagster instance that lives in memory and tells nobody."""
    with dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}}) as instance:
        yield instance


@pytest.fixture
def open_site(tmp_path: Path, instance: dg.DagsterInstance) -> Iterator[OpenSite]:
    """A function that starts a sandbox, and builds lake and graph over it."""
    with contextlib.ExitStack() as stack:

        def opened(
            *, start: date = TODAY, api_version: ApiVersion = "v1", with_checks: bool = False, **options: Any
        ) -> Site:
            standard = {"days": (TODAY - start).days + 1, "orders_per_day": 10, "now": NOW, "api_keys": (KEY,)}
            sandbox = stack.enter_context(RunningSandbox(SandboxConfig(**{**standard, **options})))
            site = Site(sandbox, tmp_path, instance, start=start, api_version=api_version, with_checks=with_checks)
            stack.callback(site.close)
            return site

        yield opened
