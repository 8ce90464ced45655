"""One request that meets a fault: what the true answer would be, and every way to put another one on the wire.

The server library refuses to send what is not HTTP, so that resets, wrong lengths and trickles are written to the
connection itself. Not here: which fault does what (`misbehaviour.py`).
"""

import asyncio
import socket
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from partner_assets.sandbox.dresser import Dresser, Headers
from partner_assets.sandbox.fault_plans import Plan
from partner_assets.sandbox.keys import KeyRing
from partner_assets.sandbox.quota import Quota
from partner_assets.sandbox.statistics import NO_ANSWER

MovePage = Callable[[int, int], tuple[int, int]]
"""From the `skip` and `top` that were asked for to those that are answered."""

_CYCLE = "cycle"
# What was written before a reset must have arrived, or the client would see the reset alone.
_BEFORE_RESET_SECONDS = 0.05
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class OpenProtocol(HttpToolsProtocol):
    """The server library's protocol, which also tells the application of the connection and of its own state."""

    def on_headers_complete(self) -> None:
        """Begin to answer a request."""
        super().on_headers_complete()
        scope: dict[str, Any] = self.scope  # type: ignore[assignment] # a TypedDict, to which we add
        scope[_CYCLE] = self.cycle


@dataclass
class Exchange:
    """A request that is not to be answered as it should.

    Attributes:
        app: Gives the true answer.
        scope: The request.
        receive: Where the rest of it comes from, and in the end that the client has gone.
        dresser: Sends answers that are whole.
        plan: The fault.
        keys: The keys that are accepted.
        quota: What each key may spend.
    """

    app: ASGIApp
    scope: Scope
    receive: Receive
    dresser: Dresser
    plan: Plan
    keys: KeyRing
    quota: Quota
    _asked: bytes | None = None

    @property
    def api_key(self) -> str:
        """The key that came with the request."""
        return str(self.scope["gateway"][0])

    async def asked(self) -> bytes:
        """Return the request's body. Once it has been read, nothing but the client's going can be received."""
        if self._asked is None:
            self._asked = await Request(self.scope, self.receive).body()
        return self._asked

    async def truth(self, move: MovePage | None = None) -> Response:
        """Return what would be answered, for another page if one is named."""
        asked, messages = await self.asked(), list[Message]()

        async def receive() -> Message:
            return {"type": "http.request", "body": asked, "more_body": False}

        async def send(message: Message) -> None:
            messages.append(message)

        scope = dict(self.scope)
        if move is not None:
            scope["query_string"] = _moved(scope["query_string"], move)
        await self.app(scope, receive, send)
        answer = Response(messages[1].get("body", b""), messages[0]["status"])
        answer.raw_headers = messages[0]["headers"]
        return answer

    async def send(self, answer: Response, *, packs: bool = True) -> None:
        """Send an answer that is proper HTTP, whatever it says."""
        self.dresser.packs &= packs
        await answer(self.scope, self.receive, self.dresser)

    def on_the_wire(self, answer: Response, **changes: str) -> tuple[bytes, bytes]:
        """Return head and body of an answer, byte for byte, and count it as sent.

        Args:
            answer: Which.
            changes: Headers that are to say something else, dashes written as underscores.
        """
        headers, body = self.dresser.dress(answer.status_code, list(answer.raw_headers), bytes(answer.body))
        changes.setdefault("Connection", "close")
        return _head(answer.status_code, headers, changes), body

    async def write(self, pieces: Sequence[bytes], seconds: float = 0.0) -> bool:
        """Write bytes to the connection, evenly over so many seconds.

        Returns:
            Whether the client is still there.
        """
        for piece in pieces:
            self._cycle.transport.write(piece)
            if seconds and await self.has_gone(seconds / len(pieces)):
                return False
        return True

    def go_on(self) -> None:
        """Take what was written for the whole answer, and wait for the next request on the connection."""
        self._cycle.response_started = self._cycle.response_complete = True
        self._cycle.on_response()

    def close(self) -> None:
        """Close the connection, after what was written."""
        self._cycle.transport.close()
        self._cycle.disconnected = True

    async def reset(self, *, is_counted: bool = True) -> None:
        """Break the connection off.

        Args:
            is_counted: Whether an answer to this request has been counted already.
        """
        if not is_counted:
            self.dresser.count(NO_ANSWER, 0)
        await asyncio.sleep(_BEFORE_RESET_SECONDS)
        if self._cycle.disconnected:
            return
        wire: Any = self._cycle.transport.get_extra_info("socket")
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._cycle.transport.abort()
        self._cycle.disconnected = True

    async def has_gone(self, seconds: float) -> bool:
        """Wait for the client to hang up, at most so long; tell whether it did."""
        try:
            async with asyncio.timeout(seconds):
                while (await self.receive())["type"] != "http.disconnect":
                    pass
        except TimeoutError:
            return False
        return True

    @property
    def _cycle(self) -> RequestResponseCycle:
        cycle: RequestResponseCycle = self.scope[_CYCLE]
        return cycle


def _head(status: int, headers: Headers, changes: dict[str, str]) -> bytes:
    changed = {name.replace("_", "-").encode(): value.encode() for name, value in changes.items()}
    lowered = {name.lower() for name in changed}
    kept = [header for header in headers if header[0].lower() not in lowered]
    lines = b"".join(b"%s: %s\r\n" % header for header in [*kept, *changed.items()])
    return b"HTTP/1.1 %d %s\r\n%s\r\n" % (status, HTTPStatus(status).phrase.encode(), lines)


def _moved(query_string: bytes, move: MovePage) -> bytes:
    query = dict(parse_qsl(query_string.decode()))
    skip, top = query.get("skip", "0"), query.get("top", "10")
    if not (skip.isdecimal() and top.isdecimal()):
        return query_string
    query["skip"], query["top"] = map(str, move(int(skip), int(top)))
    return urlencode(query).encode()
