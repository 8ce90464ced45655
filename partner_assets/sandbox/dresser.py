"""What every answer gets on its way out: the rate headers, gzip where that pays, and a place in the counts.

Not here: what an answer says (`endpoints.py`), and faults (`misbehaviour.py`).
"""

import zlib

from starlette.types import Message, Scope, Send

from partner_assets.sandbox.quota import Spent
from partner_assets.sandbox.statistics import Statistics

# Below this a gzip header and the time to make it cost more than the bytes saved; level 1 takes a tenth of level 9.
_SMALLEST_GZIP, _GZIP_LEVEL = 1400, 1

Headers = list[tuple[bytes, bytes]]


class Dresser:
    """Sends one answer on. Answers here have their body in one piece.

    Args:
        scope: The request.
        send: Where to.
        spent: What is left of the quota.
        statistics: Where it is counted.
        packs: Whether the client takes gzip.
        says_when: Whether a 429 says when to come back.
    """

    __slots__ = ("_says_when", "_scope", "_send", "_start", "_statistics", "packs", "spent")

    def __init__(
        self, scope: Scope, send: Send, spent: Spent, statistics: Statistics, *, packs: bool, says_when: bool
    ) -> None:
        self.spent = spent
        self.packs = packs
        self._scope = scope
        self._send = send
        self._statistics = statistics
        self._says_when = says_when
        self._start: Message = {}

    async def __call__(self, message: Message) -> None:
        """Take a part of the answer; send it when it is whole."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        headers, body = self.dress(self._start["status"], self._start["headers"], message.get("body", b""))
        await self._send({**self._start, "headers": headers})
        await self._send({**message, "body": body})

    def dress(self, status: int, headers: Headers, body: bytes) -> tuple[Headers, bytes]:
        """Return headers and body as they go out, and count them."""
        spent = self.spent
        if self.packs and len(body) >= _SMALLEST_GZIP:
            packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, 31)
            body = packer.compress(body) + packer.flush()
            headers = [header for header in headers if header[0] != b"content-length"]
            headers += [(b"content-length", b"%d" % len(body)), (b"content-encoding", b"gzip")]
        headers += [
            (b"vary", b"Accept-Encoding"),
            (b"X-RateLimit-Limit", b"%d" % spent.limit),
            (b"X-RateLimit-Remaining", b"%d" % spent.remaining),
            (b"X-RateLimit-Reset", b"%d" % spent.reset),
        ]
        if status == 429 and self._says_when:
            headers.append((b"Retry-After", b"%d" % spent.reset))
        self.count(status, len(body))
        return headers, body

    def count(self, status: int, size: int) -> None:
        """Count an answer."""
        self._statistics.count(self._scope.get("endpoint_name", "no_route"), status, size)
