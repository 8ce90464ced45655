"""What each fault does to a request; `fault_plans.PROFILES` says it in words.

Not here: when it happens (`faults.py`), and how bytes get on the wire (`exchange.py`).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import MappingProxyType

import orjson
from starlette.responses import Response

from partner_assets.sandbox import fault_contents as contents
from partner_assets.sandbox.envelope import TOO_MANY, UNKNOWN_KEY, Fault, Refusal, gateway_message, json_answer
from partner_assets.sandbox.exchange import Exchange, MovePage
from partner_assets.sandbox.keys import hash_of
from partner_assets.sandbox.statistics import NO_ANSWER

_INTERNAL_ERROR = "errors:3dx:internalServerError"

Misbehave = Callable[[Exchange], Awaitable[None]]

_PIECES = 20
_CAP = 3
_SHIFT = 2
_NEIGHBOURS_SHARE = 10
_HOUR = timedelta(hours=1)
_WEB_PAGE = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"


async def misbehave(exchange: Exchange) -> None:
    """Answer a request as its fault has it."""
    await _MISBEHAVIOUR[exchange.plan.name](exchange)


def _saying(make: Callable[[], Response]) -> Misbehave:
    async def say(exchange: Exchange) -> None:
        await exchange.send(make())

    return say


def _rewriting(rewrite: Callable[[bytes], bytes], media_type: str = "application/json") -> Misbehave:
    async def send(exchange: Exchange) -> None:
        truth = await exchange.truth()
        await exchange.send(Response(rewrite(bytes(truth.body)), truth.status_code, media_type=media_type))

    return send


def _turning(move: MovePage) -> Misbehave:
    async def send(exchange: Exchange) -> None:
        await exchange.send(await exchange.truth(move))

    return send


def _failure(status: int, code: int, kind: str, title: str) -> Response:
    info = {"success": False, "statusCode": code, "estimatedSearchCount": 0}
    return json_answer({"data": [], "info": info, "error": [{"type": kind, "title": title, "errors": []}]}, status)


def _refusal_in_200() -> Response:
    refused = Refusal([Fault("The request was refused for once.", "#")]).answer()
    return Response(refused.body, 200, media_type="application/json")


def _come_back(message: Response) -> Response:
    message.headers["Retry-After"] = "1"
    return message


async def _neighbour(exchange: Exchange) -> None:
    burst = max(1, (exchange.quota.rate or 0) // _NEIGHBOURS_SHARE)
    spent = exchange.quota.spend(exchange.api_key, burst)
    exchange.dresser.spent = replace(spent, is_over=exchange.dresser.spent.is_over)
    await exchange.send(await exchange.truth())


async def _reset_at_once(exchange: Exchange) -> None:
    await exchange.reset(is_counted=False)


async def _reset_after_head(exchange: Exchange) -> None:
    head, _ = exchange.on_the_wire(await exchange.truth())
    await exchange.write([head])
    await exchange.reset()


async def _reset_in_body(exchange: Exchange) -> None:
    head, body = exchange.on_the_wire(await exchange.truth())
    await exchange.write([head, contents.truncated(body)])
    await exchange.reset()


async def _length_too_long(exchange: Exchange) -> None:
    await _with_length(exchange, lambda length: length + 1000)
    exchange.close()


async def _length_too_short(exchange: Exchange) -> None:
    await _with_length(exchange, lambda length: length // 2)
    exchange.go_on()


async def _with_length(exchange: Exchange, length: Callable[[int], int]) -> None:
    truth = await exchange.truth()
    # Measured first: what is said depends on what is sent, and that on the client's taking gzip.
    exchange.dresser.packs = False
    told = str(length(len(truth.body)))
    head, body = exchange.on_the_wire(truth, Content_Length=told, Connection="keep-alive")
    await exchange.write([head + body])


async def _slow_headers(exchange: Exchange) -> None:
    head, body = exchange.on_the_wire(await exchange.truth())
    if await exchange.write(_pieces(head), exchange.plan.seconds):
        await exchange.write([body])
        exchange.close()


async def _slow_body(exchange: Exchange) -> None:
    head, body = exchange.on_the_wire(await exchange.truth())
    await exchange.write([head])
    if await exchange.write(_pieces(body), exchange.plan.seconds):
        exchange.close()


async def _stall(exchange: Exchange) -> None:
    await exchange.asked()
    if await exchange.has_gone(exchange.plan.seconds):
        exchange.dresser.count(NO_ANSWER, 0)
    else:
        await exchange.send(await exchange.truth())


async def _redirect(exchange: Exchange) -> None:
    await exchange.send(Response(status_code=302, headers={"Location": exchange.plan.location}))


async def _gzip_bomb(exchange: Exchange) -> None:
    truth = await exchange.truth()
    headers = {"Content-Encoding": "gzip"}
    packed = Response(contents.bomb(bytes(truth.body)), truth.status_code, headers, "application/json")
    await exchange.send(packed, packs=False)


async def _page_too_large(exchange: Exchange) -> None:
    page = await exchange.truth()
    rows = len(orjson.loads(page.body).get("data", ()))
    following = await exchange.truth(lambda skip, top: (skip + rows, top))
    body = contents.joined(bytes(page.body), bytes(following.body))
    await exchange.send(Response(body, page.status_code, media_type="application/json"))


async def _key_revoked(exchange: Exchange) -> None:
    exchange.keys.revoke(hash_of(exchange.api_key))
    await exchange.send(gateway_message(UNKNOWN_KEY, 403))


def _by_a_clock(off: timedelta) -> Misbehave:
    async def send(exchange: Exchange) -> None:
        now = datetime.now(UTC) + off
        message = gateway_message(TOO_MANY, 429)
        later = format_datetime(now + timedelta(seconds=1), usegmt=True)
        # The server library has its own date, so that this answer has to be written by hand.
        head, body = exchange.on_the_wire(message, Date=format_datetime(now, usegmt=True), Retry_After=later)
        await exchange.write([head + body])
        exchange.close()

    return send


_MISBEHAVIOUR: Mapping[str, Misbehave] = MappingProxyType(
    {
        "too_many": _saying(lambda: gateway_message(TOO_MANY, 429)),
        "too_many_told": _saying(lambda: _come_back(gateway_message(TOO_MANY, 429))),
        "neighbour": _neighbour,
        "server_error": _saying(lambda: _failure(500, 500, _INTERNAL_ERROR, "Internal Server Error")),
        "bad_gateway": _saying(lambda: Response(_WEB_PAGE, 502, media_type="text/html")),
        "unavailable": _saying(lambda: Response(status_code=503)),
        "reset_at_once": _reset_at_once,
        "reset_after_head": _reset_after_head,
        "reset_in_body": _reset_in_body,
        "length_too_long": _length_too_long,
        "length_too_short": _length_too_short,
        "slow_headers": _slow_headers,
        "slow_body": _slow_body,
        "stall": _stall,
        "truncated_json": _rewriting(contents.truncated),
        "invalid_json": _rewriting(contents.with_a_comma_too_many),
        "success_false": _saying(lambda: _failure(200, 500, _INTERNAL_ERROR, "Internal Server Error")),
        "refused_in_200": _saying(_refusal_in_200),
        "latin_1": _rewriting(contents.in_latin_1, "application/json; charset=iso-8859-1"),
        "utf_16": _rewriting(contents.in_utf_16, "application/json; charset=utf-16"),
        "redirect": _redirect,
        "gzip_bomb": _gzip_bomb,
        "deep_json": _rewriting(contents.deep),
        "huge_answer": _rewriting(contents.huge),
        "doubled_rows": _turning(lambda skip, top: (max(0, skip - _SHIFT), top)),
        "missing_rows": _turning(lambda skip, top: (skip + _SHIFT if skip else 0, top)),
        "page_too_large": _page_too_large,
        "page_capped": _turning(lambda skip, top: (skip, min(top, _CAP))),
        "key_revoked": _key_revoked,
        "clock_ahead": _by_a_clock(_HOUR),
        "clock_behind": _by_a_clock(-_HOUR),
    }
)


def _pieces(text: bytes) -> list[bytes]:
    size = max(1, -(-len(text) // _PIECES))
    return [text[start : start + size] for start in range(0, len(text), size)]
