"""The truth of the moment under `/_sandbox/truth/`, one JSON record a line, straight from the data, not from the API.

Not here: any change (`control.py`).
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import islice

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from partner_assets.sandbox.clock import date_text, day_of
from partner_assets.sandbox.envelope import json_answer, json_bytes
from partner_assets.sandbox.gateway import CONTROL_PATH
from partner_assets.sandbox.world import World

Records = Iterable[Mapping[str, object]]
_RECORDS_AT_ONCE = 200


def truth_routes(world: World) -> list[Route]:
    """Return the routes of the truth of a world."""
    sources: Mapping[str, Callable[[Request], Records]] = {
        "orders": lambda request: _orders(world, request),
        "accreditations": lambda _: world.accreditations(),
        "price-lists": lambda _: world.price_lists(),
        "products": lambda _: _products(world),
        "prices": lambda _: _prices(world),
        "packages": lambda _: _packages(world),
    }
    return [Route(f"{CONTROL_PATH}truth/{name}", _lines(source)) for name, source in sources.items()]


def _orders(world: World, request: Request) -> Records:
    first = date.fromisoformat(request.query_params.get("from", date_text(world.first_day)))
    last = date.fromisoformat(request.query_params.get("to", date_text(day_of(world.clock.now()))))
    return world.order_documents(first, last)


def _products(world: World) -> Iterator[Mapping[str, object]]:
    for accreditation in world.accreditations():
        place = {"accreditationType": accreditation["accreditationType"], "accreditationId": accreditation["id"]}
        for row in world.products(str(accreditation["id"])):
            yield place | row


def _prices(world: World) -> Iterator[Mapping[str, object]]:
    lists = {price_list["id"]: price_list for price_list in world.catalogue.every_price_list()}
    for accreditation in world.accreditations():
        for price_list in lists.values():
            for status in ("C", "F"):
                place = {
                    "accreditationType": accreditation["accreditationType"],
                    "accreditationId": accreditation["id"],
                    "priceListId": price_list["id"],
                    "priceListStatus": status,
                    "currency": price_list["currency"],
                }
                for row in world.prices(str(accreditation["id"]), int(str(price_list["id"])), status):
                    yield place | row


def _packages(world: World) -> Iterator[Mapping[str, object]]:
    for number, release in world.catalogue.packages():
        yield {"number": number, "release": release, "content": world.package_content(number, release)}


def _lines(source: Callable[[Request], Records]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            records = iter(source(request))
        except ValueError as error:
            return json_answer({"message": str(error)}, 400)
        return StreamingResponse(_in_pieces(records), media_type="application/x-ndjson")

    return answer


async def _in_pieces(records: Iterator[Mapping[str, object]]) -> AsyncIterator[bytes]:
    while piece := b"".join(json_bytes(record) + b"\n" for record in islice(records, _RECORDS_AT_ONCE)):
        yield piece
