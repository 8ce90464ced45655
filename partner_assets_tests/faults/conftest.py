"""Two stages that a worker sets up once; every run on them begins with the same lake."""

from collections.abc import Iterator

import pytest

from partner_assets_tests.faults.places import PLACES
from partner_assets_tests.faults.stage import Stage, opened

PLACE = {place.endpoint: place for place in PLACES}


@pytest.fixture(scope="session")
def products(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The products of four accreditations, changed since they were loaded."""
    with opened(PLACE["products"], tmp_path_factory.mktemp("products")) as stage:
        yield stage


@pytest.fixture(scope="session")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Three days of orders, changed since they were loaded; faults of the campaign are at the details."""
    with opened(PLACE["order_details"], tmp_path_factory.mktemp("orders")) as stage:
        yield stage
