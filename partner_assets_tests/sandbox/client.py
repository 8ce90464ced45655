"""A bare HTTP client for the tests of the sandbox: it knows paths and the key, and nothing of paging or retries."""

from collections.abc import Mapping
from typing import Any

import requests

from partner_assets.sandbox.server import RunningSandbox

SEARCH_V0 = "/order/api4partners/v0/orders/search"
SEARCH = "/order/api4partners/v1/orders/search"
ORDER_V0 = "/order/api4partners/v0/orders/"
ORDER = "/order/api4partners/v1/orders/"
PRICE_LISTS = "/order/api4partners/v0/price-lists/search"
ACCREDITATIONS_V0 = "/order/api4partners/v0/accreditations/search"
ACCREDITATIONS = "/order/api4partners/v1/accreditations/search"
PRODUCTS = "/order/api4partners/v1/products/search"
PRICES = "/order/api4partners/v1/products/prices/search"
PACKAGES = "/order/api4partners/v1/packages/content/search"
API_KEYS = "/order/api4partners/v0/apikeys"


class Client:
    """Asks a running sandbox, with its own key unless told otherwise."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self.sandbox = sandbox

    def get(self, path: str, headers: dict[str, str] | None = None, **query: object) -> requests.Response:
        """Get a path."""
        return self._ask("GET", path, headers, query)

    def post(
        self, path: str, body: object = None, headers: dict[str, str] | None = None, **query: object
    ) -> requests.Response:
        """Post a JSON body, or raw bytes, to a path."""
        return self._ask("POST", path, headers, query, body)

    def ids(self, criteria: Mapping[str, object], *, path: str = SEARCH, top: int = 100) -> list[str]:
        """Search orders page after page until one is empty; return the ids in the order received."""
        found: list[str] = []
        while page := self.post(path, criteria, skip=len(found), top=top).json()["data"]:
            found += [row["transaction"]["id"] for row in page]
        return found

    def all_rows(self, path: str, body: Mapping[str, object], top: int) -> list[dict[str, Any]]:
        """Read a paged answer to its end."""
        found: list[dict[str, Any]] = []
        while page := self.post(path, body, skip=len(found), top=top).json()["data"]:
            found += page
        return found

    def _ask(
        self, method: str, path: str, headers: dict[str, str] | None, query: dict[str, object], body: object = None
    ) -> requests.Response:
        sent = {"X-API-Key": self.sandbox.api_key} if headers is None else headers
        payload: dict[str, Any] = {"data": body} if isinstance(body, bytes) else {"json": body}
        params = {name: str(value) for name, value in query.items()}
        return requests.request(
            method, self.sandbox.base_url + path, headers=sent, params=params, timeout=20, **payload
        )


def faults_of(answer: requests.Response) -> list[str]:
    """Return the pointers of a refusal, after checking that it is one."""
    content = answer.json()
    assert answer.status_code == 400, content
    assert content["data"] == []
    assert content["info"]["success"] is False
    assert content["error"][0]["type"] == "errors:3dx:invalidRequest"
    return [fault["pointer"] for fault in content["error"][0]["errors"]]
