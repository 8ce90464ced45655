"""What stands before the endpoints: keys, quotas, counting, holding back, and making answers small.

Not here: what the endpoints answer, and the control endpoint, which no gateway guards.
"""

import asyncio
import zlib
from collections import Counter
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from partner_assets.sandbox.endpoints import Endpoint
from partner_assets.sandbox.envelope import MISSING_KEY, TOO_MANY, UNKNOWN_KEY, Refusal, gateway_message
from partner_assets.sandbox.keys import KeyRing
from partner_assets.sandbox.quota import Quota, Spent

CONTROL_PATH = "/_sandbox/"
# Below this a gzip header and the time to make it cost more than the bytes saved; level 1 takes a tenth of level 9.
_SMALLEST_GZIP, _GZIP_LEVEL = 1400, 1


class Statistics:
    """Counts of everything that was asked of the API; the control endpoint is not counted."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Start counting afresh."""
        self.endpoints: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.bytes = 0

    def count(self, endpoint: str, status: int, size: int) -> None:
        """Count one answer."""
        self.endpoints[endpoint] += 1
        self.statuses[status] += 1
        self.bytes += size

    def as_record(self) -> dict[str, object]:
        """Return the counts as the control endpoint shows them."""
        return {
            "requests": self.statuses.total(),
            "endpoints": dict(self.endpoints),
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "bytes": self.bytes,
        }


@dataclass
class Manners:
    """How answers are given; may be changed while the sandbox runs.

    Attributes:
        latency_ms: How long every answer is held back.
        retry_after: Whether a 429 says when to come back.
    """

    latency_ms: float
    retry_after: bool


class Gateway:
    """The middleware that every request to the API passes.

    Args:
        app: What it stands before.
        keys: The keys it accepts.
        quota: What each key may spend.
        statistics: Where it counts.
        manners: How it answers.
    """

    def __init__(self, app: ASGIApp, *, keys: KeyRing, quota: Quota, statistics: Statistics, manners: Manners) -> None:
        self._app = app
        self._keys = keys
        self._quota = quota
        self._statistics = statistics
        self._manners = manners

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through to the application and dress its answer."""
        if scope["type"] != "http" or scope["path"].startswith(CONTROL_PATH):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        api_key = headers.get(b"x-api-key", b"").decode("latin-1")
        is_known = self._keys.accepts(api_key)
        spent = self._quota.spend(api_key if is_known else "")
        scope["gateway"] = (api_key, is_known, spent)
        if self._manners.latency_ms:
            await asyncio.sleep(self._manners.latency_ms / 1000)
        packs = b"gzip" in headers.get(b"accept-encoding", b"")
        says_when = spent.is_over and self._manners.retry_after
        await self._app(
            scope, receive, _Dresser(scope, send, spent, self._statistics, packs=packs, says_when=says_when)
        )


class _Dresser:
    """Sends one answer on with the rate headers, gzipped where that pays. Answers here have their body in one piece."""

    __slots__ = ("_packs", "_says_when", "_scope", "_send", "_spent", "_start", "_statistics")

    def __init__(
        self, scope: Scope, send: Send, spent: Spent, statistics: Statistics, *, packs: bool, says_when: bool
    ) -> None:
        self._scope = scope
        self._send = send
        self._spent = spent
        self._statistics = statistics
        self._packs = packs
        self._says_when = says_when
        self._start: Message = {}

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        body: bytes = message.get("body", b"")
        headers: list[tuple[bytes, bytes]] = self._start["headers"]
        spent, status = self._spent, self._start["status"]
        if self._packs and len(body) >= _SMALLEST_GZIP:
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
        self._statistics.count(self._scope.get("endpoint_name", "no_route"), status, len(body))
        await self._send({**self._start, "headers": headers})
        await self._send({**message, "body": body})


def guarded(name: str, endpoint: Endpoint) -> Endpoint:
    """Wrap an endpoint so that it answers accepted keys within their quota only, and refusals become answers."""

    async def guard(request: Request) -> Response:
        request.scope["endpoint_name"] = name
        api_key, is_known, spent = request.scope["gateway"]
        if not api_key:
            return gateway_message(MISSING_KEY, 401)
        if not is_known:
            return gateway_message(UNKNOWN_KEY, 403)
        if spent.is_over:
            return gateway_message(TOO_MANY, 429)
        try:
            return await endpoint(request)
        except Refusal as refusal:
            return refusal.answer()

    return guard
