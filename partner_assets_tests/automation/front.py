"""A server between the client and a sandbox: it passes everything on, after whatever a test wants to happen first.

Not here: answers that no sandbox would give (`partner_assets_tests/api/scripted_server.py`).
"""

import http.client
from collections.abc import Callable
from urllib.parse import urlsplit

from partner_assets_tests.api.scripted_server import Reply, Request, ScriptedServer
from partner_assets_tests.materialization.site import Site

Before = Callable[[Request], Reply | None]
"""Called with every request, one after the other; what it returns is the answer, and None lets the sandbox answer."""

_KEPT = ("content-type", "x-api-key")


def in_front_of(site: Site, before: Before) -> ScriptedServer:
    """Return a server that a site's client talks to from when it is entered.

    Args:
        site: Whose sandbox it passes requests on to.
        before: What happens first.
    """
    address = urlsplit(site.sandbox.base_url)

    def script(request: Request) -> Reply:
        answer = before(request)
        if answer is not None:
            return answer
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
        try:
            headers = {name: value for name, value in request.headers.items() if name in _KEPT}
            connection.request(request.method, request.target, request.body, headers)
            response = connection.getresponse()
            return Reply(response.status, response.read())
        finally:
            connection.close()

    server = ScriptedServer(script=script)
    site.partner.api.close()
    site.partner.settings = site.partner.settings.model_copy(update={"api_base_url": server.base_url})
    del site.partner.api
    return server
