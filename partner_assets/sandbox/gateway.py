"""What stands before the endpoints: keys, quotas, holding back, and faults where some are set.

Not here: what the endpoints answer, and the control endpoint, which no gateway guards.
"""

import asyncio
import contextlib
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from partner_assets.sandbox.dresser import Dresser
from partner_assets.sandbox.endpoints import Endpoint
from partner_assets.sandbox.envelope import MISSING_KEY, TOO_MANY, UNKNOWN_KEY, Refusal, gateway_message
from partner_assets.sandbox.exchange import Exchange
from partner_assets.sandbox.faults import Faults
from partner_assets.sandbox.keys import KeyRing
from partner_assets.sandbox.misbehaviour import misbehave
from partner_assets.sandbox.quota import Quota
from partner_assets.sandbox.statistics import Statistics

CONTROL_PATH = "/_sandbox/"
_CLIENT_LEFT = 499


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
        faults: How it does not answer as it should.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        keys: KeyRing,
        quota: Quota,
        statistics: Statistics,
        manners: Manners,
        faults: Faults,
    ) -> None:
        self._app = app
        self._keys = keys
        self._quota = quota
        self._statistics = statistics
        self._manners = manners
        self._faults = faults

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
        dresser = Dresser(scope, send, spent, self._statistics, packs=packs, says_when=says_when)
        if not (self._faults.are_on and await self._misbehaves(scope, receive, dresser)):
            await self._app(scope, receive, dresser)

    async def _misbehaves(self, scope: Scope, receive: Receive, dresser: Dresser) -> bool:
        """Answer a request that meets a fault; tell whether it met one."""
        endpoint = self._faults.endpoint_of(scope["method"], scope["path"])
        if endpoint is None:
            return False
        plan = self._faults.draw(endpoint, f"{scope['path']}?{scope['query_string'].decode('latin-1')}")
        if plan is None:
            return False
        # What is answered without asking the endpoint is counted as its own all the same.
        scope["endpoint_name"] = endpoint
        exchange = Exchange(self._app, scope, receive, dresser, plan, self._keys, self._quota)
        # Whoever left in the middle of asking meets no fault, and it is no error of ours.
        with contextlib.suppress(ClientDisconnect):
            await misbehave(exchange)
        return True


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
        except ClientDisconnect:
            # A process that was killed while it asked: nobody hears the answer, and it is no error of ours.
            return Response(status_code=_CLIENT_LEFT)

    return guard
