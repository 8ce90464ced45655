"""The eleven endpoints of the Partner API as one table, and which of them a version uses.

Here: methods, paths, page sizes, and the name of the setting that moves a path. Not here: request bodies (`client.py`),
and reading the settings (`partner_assets/settings.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

VERSIONS = ("v0", "v1")

_BOTH = frozenset(VERSIONS)
_OLD = frozenset({"v0"})
_NEW = frozenset({"v1"})


@dataclass(frozen=True)
class Endpoint:
    """One endpoint.

    Args:
        name: Noun by which counts, messages and settings know it.
        method: HTTP method.
        path: Path below the base URL; that of `order_details` holds ``{id}``.
        purpose: What a call does, to follow "could not" in a message.
        versions: API versions that use this endpoint.
        default_top: Page size if the request names none; None where there is no paging.
        maximum_top: Largest page size allowed, and the one we ask for.
        is_strict: Whether a page that repeats the one before is always an error. It is the end, elsewhere, if all rows that
            were estimated have come: a server may ignore `skip` where it has nothing to add.
    """

    name: str
    method: str
    path: str
    purpose: str
    versions: frozenset[str] = _BOTH
    default_top: int | None = None
    maximum_top: int | None = None
    is_strict: bool = False

    @property
    def setting(self) -> str:
        """Name of the setting that moves the path."""
        return f"PARTNER_API_PATH_{self.name.upper()}"


_BASE = "/order/api4partners"

# The reference as we have it does not print the paths of products, prices and package content: those three are a guess.
ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("new_key", "POST", f"{_BASE}/v0/apikeys", "make a new API key"),
    Endpoint("orders_search", "POST", f"{_BASE}/v0/orders/search", "search orders", _OLD, 10, 100, True),
    Endpoint("order_details", "GET", f"{_BASE}/v0/orders/{{id}}", "fetch an order", _OLD),
    Endpoint("orders_search", "POST", f"{_BASE}/v1/orders/search", "search orders", _NEW, 10, 100, True),
    Endpoint("order_details", "GET", f"{_BASE}/v1/orders/{{id}}", "fetch an order", _NEW),
    Endpoint("price_lists_search", "GET", f"{_BASE}/v0/price-lists/search", "list the price lists"),
    Endpoint(
        "accreditations_search", "GET", f"{_BASE}/v0/accreditations/search", "list the accreditations", _OLD, 100, 100
    ),
    Endpoint(
        "accreditations_search", "GET", f"{_BASE}/v1/accreditations/search", "list the accreditations", _NEW, 100, 100
    ),
    Endpoint("products_search", "POST", f"{_BASE}/v1/products/search", "search products", _BOTH, 100, 100),
    Endpoint("prices_search", "POST", f"{_BASE}/v1/products/prices/search", "search prices", _BOTH, 100, 100),
    Endpoint("package_content_search", "POST", f"{_BASE}/v1/packages/content/search", "read a package", _BOTH, 10, 10),
)

ENDPOINT_NAMES: tuple[str, ...] = tuple(dict.fromkeys(endpoint.name for endpoint in ENDPOINTS))


def endpoints_for(version: str, overrides: Mapping[str, str]) -> Mapping[str, Endpoint]:
    """Return the endpoints that a version uses, by name, each at the path it has after the overrides.

    Args:
        version: ``"v0"`` (names, deprecated) or ``"v1"`` (codes); decides only orders and accreditations.
        overrides: Path by endpoint name, for those that are to be moved.

    Raises:
        ValueError: If the version or a name is unknown, or a path cannot be one.
    """
    if version not in VERSIONS:
        raise ValueError(f"The API version must be one of {', '.join(VERSIONS)}, not {version!r}.")
    for name, path in overrides.items():
        if name not in ENDPOINT_NAMES:
            raise ValueError(f"There is no endpoint {name!r} to move; there are {', '.join(ENDPOINT_NAMES)}.")
        if not path.startswith("/") or "?" in path or "#" in path:
            raise ValueError(f"The path of {name} must start with / and hold neither ? nor #, unlike {path!r}.")
        if (name == "order_details") != ("{id}" in path):
            raise ValueError(f"Only the path of order_details holds {{id}}, and it must; {name} has {path!r}.")
    chosen = {endpoint.name: endpoint for endpoint in ENDPOINTS if version in endpoint.versions}
    return MappingProxyType(
        {name: replace(chosen[name], path=overrides.get(name, chosen[name].path)) for name in ENDPOINT_NAMES}
    )


def paths_for(version: str, overrides: Mapping[str, str]) -> Mapping[str, str]:
    """Return the path of every endpoint by name, as `endpoints_for` decides it.

    Args:
        version: ``"v0"`` or ``"v1"``.
        overrides: Path by endpoint name.

    Raises:
        ValueError: As `endpoints_for`.
    """
    return {name: endpoint.path for name, endpoint in endpoints_for(version, overrides).items()}
