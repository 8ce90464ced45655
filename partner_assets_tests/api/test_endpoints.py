"""The table of endpoints and the paths that a configuration moves."""

import pytest

from partner_assets.api.endpoints import ENDPOINTS, endpoints_for, paths_for


def test_the_eleven_endpoints_of_the_reference_are_there() -> None:
    """Guards against an endpoint that nobody wrote down."""
    assert len(ENDPOINTS) == 11
    assert len(paths_for("v1", {})) == 8


def test_the_version_decides_orders_and_accreditations_only() -> None:
    """Guards against a v0 client that asks for products at a path that never was."""
    old, new = paths_for("v0", {}), paths_for("v1", {})
    assert {name for name in new if old[name] != new[name]} == {
        "orders_search",
        "order_details",
        "accreditations_search",
    }


def test_an_override_moves_one_path() -> None:
    """Guards against a setting that has no effect."""
    moved = paths_for("v1", {"products_search": "/elsewhere"})
    assert moved["products_search"] == "/elsewhere"
    assert moved["prices_search"] == "/order/api4partners/v1/products/prices/search"
    assert endpoints_for("v1", {})["products_search"].setting == "PARTNER_API_PATH_PRODUCTS_SEARCH"


@pytest.mark.parametrize(
    ("version", "overrides", "sentence"),
    [
        ("v2", {}, "must be one of v0, v1"),
        ("v1", {"product_search": "/x"}, "no endpoint 'product_search'"),
        ("v1", {"products_search": "x"}, "must start with /"),
        ("v1", {"order_details": "/orders"}, "holds {id}"),
        ("v1", {"products_search": "/{id}"}, "holds {id}"),
    ],
)
def test_a_configuration_that_cannot_work_is_refused(version: str, overrides: dict[str, str], sentence: str) -> None:
    """Guards against a typing error that shows only as a 404."""
    with pytest.raises(ValueError, match=sentence):
        endpoints_for(version, overrides)
