"""Provokes what is said of connections that fail, break, or bring nothing in time: with real sockets.

Not here: answers that arrive (`api_messages.py`).
"""

import socket
from contextlib import ExitStack

from partner_assets.api.client import PartnerApi
from partner_assets.api.errors import BrokenAnswer, Unreachable
from partner_assets_tests.api.fake_time import KEY
from partner_assets_tests.api.scripted_server import Reply, ScriptedServer
from partner_assets_tests.api.test_slow_answers import HEAD, READ_TIMEOUT, trickling
from partner_assets_tests.error_docs.scene import Scene, produces


def ask(base_url: str, **options: float) -> None:
    """Ask once."""
    with PartnerApi(base_url, KEY, attempts=1, **options) as api:  # type: ignore[arg-type] # numbers of seconds
        list(api.accreditations())


@produces("failed: no connection within N seconds", Unreachable)
def full_house(scene: Scene) -> None:
    """Ask where a queue of one is taken: the operating system lets nobody else in."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(2):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        ask(f"http://127.0.0.1:{listener.getsockname()[1]}", connect_timeout=0.2)


@produces("failed: no answer within N seconds", Unreachable)
def silence(scene: Scene) -> None:
    """Ask a server that thinks for longer than we wait."""
    with ScriptedServer(Reply(delay=0.4)) as server:
        ask(server.base_url, read_timeout=0.1)


@produces("trickled in too slowly", BrokenAnswer)
def trickle(scene: Scene) -> None:
    """Ask a server that sends a byte now and then."""
    with trickling(HEAD + b"\r\n") as server:
        ask(server.base_url, read_timeout=READ_TIMEOUT)


@produces("the certificate was not accepted", Unreachable)
def no_tls(scene: Scene) -> None:
    """Ask a server that speaks no TLS for TLS."""
    ask(scene.sandbox.base_url.replace("http://", "https://"))


@produces("no connection, or the connection broke", Unreachable)
def reset(scene: Scene) -> None:
    """Ask a server that hangs up."""
    with ScriptedServer(Reply(is_reset=True)) as server:
        ask(server.base_url)


@produces("the proxy did not let us through")
def no_proxy(scene: Scene) -> str:
    """Ask through a proxy that is not there."""
    proxy = "http://127.0.0.1:9"
    names = {"http_proxy": proxy, "HTTP_PROXY": proxy, "no_proxy": "", "NO_PROXY": "", "all_proxy": "", "ALL_PROXY": ""}
    return scene.type("run", **names)
