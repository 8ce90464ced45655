"""Connections to one host, kept open and shared by all threads: through the proxy and with the certificates of the environment.

urllib3 itself, since requests puts three quarters of a millisecond on top of every request; what the environment says is read
as requests reads it, once (`HTTPS_PROXY`, `NO_PROXY`, `REQUESTS_CA_BUNDLE`, …). Not here: requests (`transport.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH, select_proxy

from partner_assets.api.slow_heads import give_up_slow_heads

MOST_KEPT = 64
"""Connections kept open at most; as many as there may be requests at once."""


@dataclass(frozen=True)
class Connections:
    """Where requests to a host go.

    Attributes:
        pool: The connections.
        prefix: What a request's target begins with.
    """

    pool: urllib3.HTTPConnectionPool
    prefix: str


def connections(base_url: str, *, head_seconds: float, monotonic: Callable[[], float]) -> Connections:
    """Return the connections to a host; none is made yet.

    Args:
        base_url: Scheme, host and possibly a path.
        head_seconds: How long the head of an answer may take.
        monotonic: Clock in seconds.
    """
    environment = requests.Session().merge_environment_settings(base_url, {}, None, None, None)
    proxy = select_proxy(base_url, environment["proxies"])
    if proxy and "://" not in proxy:
        proxy = f"http://{proxy}"
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=MOST_KEPT)
    manager = adapter.proxy_manager_for(proxy) if proxy else adapter.poolmanager
    give_up_slow_heads(manager, head_seconds, monotonic=monotonic)
    parts = urlsplit(base_url)
    pool = manager.connection_from_url(base_url, pool_kwargs=_trust(environment["verify"]))
    # A proxy is told the whole address, unless it is a tunnel that only passes bytes on.
    is_told = bool(proxy) and parts.scheme == "http" and not str(proxy).lower().startswith("socks")
    return Connections(pool, base_url if is_told else parts.path)


def _trust(verify: str | bool | None) -> dict[str, str]:
    """Return which certificates are trusted: those of the environment's file or folder, or the usual ones."""
    certificates = verify if isinstance(verify, str) else DEFAULT_CA_BUNDLE_PATH
    return {
        "cert_reqs": "CERT_REQUIRED",
        "ca_cert_dir" if Path(certificates).is_dir() else "ca_certs": certificates,
    }
