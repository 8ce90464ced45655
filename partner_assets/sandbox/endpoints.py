"""The eleven endpoints of the Partner API, each from a request to an answer.

Not here: keys and quotas (`gateway.py`).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import orjson
from starlette.requests import Request
from starlette.responses import Response

from partner_assets.sandbox.config import SandboxConfig
from partner_assets.sandbox.envelope import estimated, json_answer, not_found, refusal, success
from partner_assets.sandbox.keys import KeyRing
from partner_assets.sandbox.numbers import mix_text
from partner_assets.sandbox.order_names import in_v0
from partner_assets.sandbox.search_body import read_criteria, read_object, read_page, read_text
from partner_assets.sandbox.world import World

Endpoint = Callable[[Request], Awaitable[Response]]

_BASE = "/order/api4partners"
_MOST_ACCREDITATION_ID, _MOST_NUMBER, _MOST_RELEASE = 15, 20, 50


class Endpoints:
    """The endpoints over one world.

    Args:
        world: What they answer from.
        keys: Where new keys come from.
        config: How they read windows, cap pages and count.
    """

    def __init__(self, world: World, keys: KeyRing, config: SandboxConfig) -> None:
        self._world = world
        self._keys = keys
        self._config = config

    def routes(self) -> list[tuple[str, str, str, Endpoint]]:
        """Return name, method, path and function of every endpoint."""
        return [
            ("create_api_key", "POST", f"{_BASE}/v0/apikeys", self.create_api_key),
            ("search_orders_v0", "POST", f"{_BASE}/v0/orders/search", self.search_orders_v0),
            ("order_details_v0", "GET", f"{_BASE}/v0/orders/{{id}}", self.order_details_v0),
            ("search_orders", "POST", f"{_BASE}/v1/orders/search", self.search_orders),
            ("order_details", "GET", f"{_BASE}/v1/orders/{{id}}", self.order_details),
            ("price_lists", "GET", f"{_BASE}/v0/price-lists/search", self.price_lists),
            ("accreditations_v0", "GET", f"{_BASE}/v0/accreditations/search", self.accreditations_v0),
            ("accreditations", "GET", f"{_BASE}/v1/accreditations/search", self.accreditations),
            ("products", "POST", f"{_BASE}/v1/products/search", self.products),
            ("prices", "POST", f"{_BASE}/v1/products/prices/search", self.prices),
            ("package_content", "POST", f"{_BASE}/v1/packages/content/search", self.package_content),
        ]

    async def create_api_key(self, request: Request) -> Response:
        """Make a new key, which is not accepted before its hash is installed."""
        api_key, hashed_key = self._keys.generate()
        return json_answer({"hashed_key": hashed_key, "api_key": api_key})

    async def search_orders_v0(self, request: Request) -> Response:
        """Search orders, values as names."""
        return await self._search_orders(request, self._world.order_summary_in_v0)

    async def search_orders(self, request: Request) -> Response:
        """Search orders, values as codes."""
        return await self._search_orders(request, self._world.order_summary)

    async def order_details_v0(self, request: Request) -> Response:
        """Give one order, values as names."""
        return self._details(request, self._world.order_in_v0)

    async def order_details(self, request: Request) -> Response:
        """Give one order, values as codes."""
        return self._details(request, self._world.order)

    async def price_lists(self, request: Request) -> Response:
        """Give all countries with their price lists; there is no paging."""
        countries = self._world.price_lists()
        return success(countries, self._estimate(request, {}, len(countries)))

    async def accreditations_v0(self, request: Request) -> Response:
        """Give the accreditations, values as names."""
        return self._accreditations(request, [in_v0(each) for each in self._world.accreditations()])

    async def accreditations(self, request: Request) -> Response:
        """Give the accreditations, values as codes."""
        return self._accreditations(request, self._world.accreditations())

    async def products(self, request: Request) -> Response:
        """Give the products of an accreditation."""
        skip, top = self._page(request, 100, 100)
        body = read_object(await request.body())
        rows = self._world.products(self._accreditation_id(body))
        return self._rows(request, body, rows, skip, top)

    async def prices(self, request: Request) -> Response:
        """Give the prices of an accreditation's products on a price list."""
        skip, top = self._page(request, 100, 100)
        body = read_object(await request.body())
        accreditation_id = self._accreditation_id(body)
        price_list_id, status = body.get("priceListId"), body.get("priceListStatus", "C")
        if not isinstance(price_list_id, int) or isinstance(price_list_id, bool):
            raise refusal("The value must be an integer.", "#/priceListId")
        if status not in ("C", "F"):
            raise refusal("The value must be one of: C, F.", "#/priceListStatus")
        if self._world.catalogue.price_list(price_list_id) is None:
            raise refusal("The price list does not exist, or is not yours to see.", "#/priceListId")
        return self._rows(request, body, self._world.prices(accreditation_id, price_list_id, status), skip, top)

    async def package_content(self, request: Request) -> Response:
        """Give the parts of a package; a package that nobody knows is empty."""
        skip, top = self._page(request, 10, 10)
        body = read_object(await request.body())
        number, release = read_text(body, "number", _MOST_NUMBER), read_text(body, "release", _MOST_RELEASE)
        return self._rows(request, body, self._world.package_content(number, release), skip, top)

    def _details(self, request: Request, find: Callable[[str], Mapping[str, object] | None]) -> Response:
        order_id = request.path_params["id"]
        document = find(order_id)
        if document is None:
            raise not_found()
        self._world.given.note(order_id, document, self._world.clock.now())
        return success([document], 1)

    async def _search_orders(self, request: Request, summary: Callable[[str], dict[str, object]]) -> Response:
        skip, top = self._page(request, 100, 10)
        body = read_object(await request.body())
        criteria = read_criteria(body, self._world.clock.now(), self._config.window_end)
        hits = self._world.find(criteria)
        page = [summary(id_) for _, id_ in hits[skip : skip + top]]
        return success(page, self._estimate(request, body, len(hits)))

    def _accreditations(self, request: Request, rows: Sequence[object]) -> Response:
        # The vendor's published refusals of this endpoint, and of no other, spell the pointers with a capital.
        skip, top = self._page(request, 100, 100, skip_name="Skip", top_name="Top")
        return self._rows(request, {}, rows, skip, top)

    def _accreditation_id(self, body: dict[str, object]) -> str:
        kind = read_text(body, "accreditationType", 1)
        if kind not in ("R", "I"):
            raise refusal("The value must be one of: R, I.", "#/accreditationType")
        id_ = read_text(body, "accreditationId", _MOST_ACCREDITATION_ID)
        if not (id_.isascii() and id_.isalnum() and id_.upper() == id_):
            raise refusal("The value must consist of uppercase letters and numbers.", "#/accreditationId")
        held = self._world.catalogue.accreditation_type(id_)
        if held is None:
            raise refusal("You are not accredited for this portfolio or experience.", "#/accreditationId")
        if held != kind:
            raise refusal("The accreditation is not of this type.", "#/accreditationType")
        return id_

    def _page(
        self, request: Request, most: int, default: int, *, skip_name: str = "skip", top_name: str = "top"
    ) -> tuple[int, int]:
        skip, top = read_page(request.query_params, most, default, skip_name=skip_name, top_name=top_name)
        cap = self._config.page_cap
        return skip, top if cap is None else min(top, cap)

    def _rows(self, request: Request, body: dict[str, object], rows: Sequence[object], skip: int, top: int) -> Response:
        return success(rows[skip : skip + top], self._estimate(request, body, len(rows)))

    def _estimate(self, request: Request, body: dict[str, object], exact: int) -> int:
        if self._config.exact_counts:
            return exact
        asked = request.url.path + orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()
        return estimated(exact, mix_text(self._world.seed, asked))
