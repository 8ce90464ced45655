"""Provokes what is said of searches that go in circles, never end or never hold still, with a server that pages so.

Not here: single answers (`api_messages.py`).
"""

from partner_assets.api.errors import RepeatedPage, ShiftingPages, UnendingPaging
from partner_assets_tests.api.fake_time import client
from partner_assets_tests.api.paged_orders import numbers_of, order, shelf
from partner_assets_tests.api.scripted_server import Reply, Request, Script, ScriptedServer, rows
from partner_assets_tests.error_docs.scene import Scene, produces


def search(script: Script, *, max_pages: int = 100) -> None:
    """Search products of a server."""
    with ScriptedServer(script=script) as server, client(server.base_url, max_pages=max_pages) as api:
        list(api.products("R", "PRTF1"))


def numbered(first: int) -> list[dict[str, str]]:
    """Return a full page of products."""
    return [{"number": f"{first + number:06}", "release": "R2025x"} for number in range(100)]


@produces("so none of them is known to be whole", ShiftingPages)
def catalogue_that_moves(scene: Scene) -> None:
    """Search products of which one goes before every answer."""
    alive = numbered(0) + numbered(100)

    def script(request: Request) -> Reply:
        del alive[0]
        return shelf(alive, estimated=len(alive))(request)

    search(script)


@produces("readings, so some may be missing", ShiftingPages)
def orders_that_move(scene: Scene) -> None:
    """Search orders whose pages after the first always begin too late."""
    behind = [order(number) for number in range(250)]

    def script(request: Request) -> Reply:
        return shelf(behind if request.query["skip"] == 0 else behind[2:], estimated=250)(request)

    with ScriptedServer(script=script) as server, client(server.base_url) as api:
        numbers_of(api)


@produces("the server seems to ignore skip", RepeatedPage)
def same_page(scene: Scene) -> None:
    """Search where every page is the first."""
    search(lambda _: rows(*numbered(0), estimated=500))


@produces("no end after N pages", UnendingPaging)
def no_end(scene: Scene) -> None:
    """Search where new rows never cease."""
    search(lambda request: rows(*numbered(request.query["skip"])), max_pages=5)


@produces("the same pages come again and again", UnendingPaging)
def circle(scene: Scene) -> None:
    """Search where two pages of one row alternate."""
    search(lambda request: rows({"number": f"{request.query['skip'] % 2}"}, estimated=500))
