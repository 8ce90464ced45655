"""A server before the sandbox that repeats the key in whatever it answers, as a careless gateway might.

Not here: the faults that the sandbox has itself (`partner_assets/sandbox/misbehaviour.py`).
"""

import http.client
from urllib.parse import urlsplit

from partner_assets.sandbox.server import RunningSandbox
from partner_assets_tests.api.scripted_server import Reply, Request, failed


class Echo:
    """A server before the sandbox that, when it is told to, repeats the key in whatever it answers."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self.is_on = False
        self._sandbox = sandbox

    def __call__(self, request: Request) -> Reply:
        """Answer a request."""
        reply, key = _passed_on(request, self._sandbox.base_url), request.headers.get("x-api-key", "")
        if not self.is_on:
            return reply
        if reply.status == 403:
            return Reply(403, {"message": f"The key {key} is not known"}, {"X-Consumer": key})
        if "orders/search" in request.path:
            return failed(400, f"invalid {key}", f"Bad key {key}", detail=f"not {key}")
        if "price-lists" in request.path:
            return Reply(302, b"", {"Location": f"http://localhost:9/?key={key}"})
        if "products" in request.path:
            return Reply(200, f"<html>Please log in, {key}</html>".encode(), {"Content-Type": "text/html"})
        return reply


def _passed_on(request: Request, base_url: str) -> Reply:
    """Return what a sandbox answers to a request that came to a server before it."""
    address = urlsplit(base_url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    try:
        headers = {name: value for name, value in request.headers.items() if name in ("content-type", "x-api-key")}
        connection.request(request.method, request.target, request.body, headers)
        response = connection.getresponse()
        kept = {name: value for name, value in response.getheaders() if name in ("content-type", "location")}
        return Reply(response.status, response.read(), kept)
    except (http.client.HTTPException, OSError):
        return Reply(is_reset=True)
    finally:
        connection.close()
