"""Provokes what the table `rejected` says of records that could not become rows. Not here: the check that counts them."""

from typing import Any

from partner_assets.materialization.order_day import read_order_day, search_day
from partner_assets_tests.api.fake_time import client
from partner_assets_tests.api.scripted_server import Reply, Request, ScriptedServer, failed, rows
from partner_assets_tests.error_docs.scene import Scene, produces
from partner_assets_tests.materialization.site import NOW, TODAY
from partner_assets_tests.materialization.test_rejected import add, document

ORDER = "PO_A000000001"


def with_lines(scene: Scene, *lines: Any) -> str:
    """Return why the lines of an order could not become rows."""
    site = scene.open_site(orders_per_day=0)
    add(site, document(ORDER, licenseChargeConditions=list(lines)))
    site.run_day(TODAY)
    return " ".join(one["reason"] for one in site.rows("rejected"))


@produces("COLUMN: expected …, got")
def text_for_a_number(scene: Scene) -> str:
    """Send a text for a number."""
    charge = {"sequenceNumber": 1, "quantity": "two seats"}
    return with_lines(scene, {"sequenceNumber": 1, "licenseChargeBreakdown": [charge]})


@produces("expected an object, got …")
def text_for_a_line(scene: Scene) -> str:
    """Send a text where a line belongs."""
    return with_lines(scene, "a line")


def disagreeing(listed: dict[str, Any], details: Reply) -> str:
    """Return why an order is rejected of which the search and its details say different things."""

    def script(request: Request) -> Reply:
        if "search" in request.path:
            return rows(*([listed] if request.query["skip"] == 0 else []), estimated=1)
        return details

    given = {"fetched_at": NOW, "run_id": "a-run", "legal_entity": "main"}
    with ScriptedServer(script=script) as server, client(server.base_url) as api:
        read = read_order_day(api, search_day(api, TODAY, given), [])
    return " ".join(one.reason for one in read.rejected)


@produces("an entry of the search")
def entry_without_an_id(scene: Scene) -> str:
    """Let the search list an order without an id."""
    return disagreeing(document(None), Reply(500))


@produces("but its details answer that there is no such order")
def order_without_details(scene: Scene) -> str:
    """Let the search list an order that the details do not know."""
    return disagreeing(document(ORDER), failed(404, "resourceNotFound", "Gone"))


@produces("…: the document says that it is")
def details_of_another(scene: Scene) -> str:
    """Answer with another order's details."""
    return disagreeing(document(ORDER), rows(document("PO_A000000002")))


@produces("…: the document says that it was created at")
def details_of_another_day(scene: Scene) -> str:
    """Answer with details that tell of another day."""
    return disagreeing(document(ORDER), rows(document(ORDER, creationDateTime="2026-02-01T00:00:00Z")))


@produces("COLUMN: the record has no")
def details_without_a_time(scene: Scene) -> str:
    """Answer with details that do not tell when the order was created."""
    return disagreeing(document(ORDER), rows(document(ORDER, creationDateTime=None)))
