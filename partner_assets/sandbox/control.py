"""The control endpoint under `/_sandbox/`: change the world, look at the counts. It is not part of the Partner API.

Not here: what is true in the world (`truth.py`), and what a change does (`changes.py`, `catalogue.py`).
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from partner_assets.sandbox import changes
from partner_assets.sandbox.catalogue import GONE
from partner_assets.sandbox.clock import SECOND, day_number, parse_timestamp, timestamp_text
from partner_assets.sandbox.envelope import json_answer
from partner_assets.sandbox.fault_plans import NO_QUOTA_TO_SHARE, read_plans
from partner_assets.sandbox.faults import Faults
from partner_assets.sandbox.gateway import CONTROL_PATH, Manners
from partner_assets.sandbox.keys import KeyRing
from partner_assets.sandbox.quota import Quota
from partner_assets.sandbox.statistics import Statistics
from partner_assets.sandbox.world import World

Body = dict[str, object]
Command = Callable[[Body], Body]


@dataclass(frozen=True)
class Control:
    """Everything that the control endpoint can reach."""

    world: World
    keys: KeyRing
    quota: Quota
    statistics: Statistics
    manners: Manners
    faults: Faults

    def routes(self) -> list[Route]:
        """Return the control endpoint's routes; all but the counts are POST."""
        commands: Mapping[str, Command] = {
            "stats/reset": self.reset_stats,
            "orders/change": self.change_orders,
            "orders/add": self.add_orders,
            "orders/remove": self.remove_orders,
            "accreditations/add": self.add_accreditation,
            "accreditations/change": self.change_accreditation,
            "accreditations/remove": self.remove_accreditation,
            "price-lists/add": self.add_price_list,
            "price-lists/change": self.change_price_list,
            "price-lists/remove": self.remove_price_list,
            "products/change": self.change_product,
            "products/remove": self.remove_product,
            "prices/change": self.change_prices,
            "clock": self.set_clock,
            "rate": self.set_rate,
            "latency": self.set_latency,
            "faults": self.set_faults,
            "faults/clear": self.clear_faults,
            "keys/install": self.install_key,
            "keys/revoke": self.revoke_key,
        }
        posts = [
            Route(CONTROL_PATH + path, _answering(command), methods=["POST"]) for path, command in commands.items()
        ]
        return [Route(CONTROL_PATH + "stats", self._show_stats, methods=["GET"]), *posts]

    def stats(self) -> Body:
        """Return all counts since the last reset, and how the world stands."""
        now = timestamp_text(self.world.clock.now())
        cached, orders = self.world.cached(), dict(self.world.overlay.counts)
        told = {"orders": orders, "cached": cached, "now": now, "faults": dict(self.faults.counts)}
        return self.statistics.as_record() | told

    async def _show_stats(self, request: Request) -> Response:
        return json_answer(self.stats())

    def reset_stats(self, body: Body) -> Body:
        """Count requests from zero again."""
        self.statistics.reset()
        self.faults.counts.clear()
        return {}

    def change_orders(self, body: Body) -> Body:
        """`{"id"}`, `{"ids"}` or `{"count", "createdOn"?}`, with `"fields"?`: change orders now."""
        ids, fields = self._ids(body), _object(body, "fields")
        for id_ in ids:
            changes.change_order(self.world, id_, fields)
        return {"ids": ids}

    def add_orders(self, body: Body) -> Body:
        """`{"count"?, "creationDateTime"?}` for made-up orders, `{"document", "creationDateTime"?}` for a given one."""
        creation = parse_timestamp(body["creationDateTime"]) if "creationDateTime" in body else None
        if "creationDateTime" in body and creation is None:
            raise ValueError("creationDateTime must be a timestamp in UTC, for example 2026-01-31T00:00:00Z")
        if "document" in body:
            return {"ids": [changes.add_document(self.world, _object(body, "document"), creation)]}
        return {"ids": [changes.add_made_up_order(self.world, creation) for _ in range(_integer(body, "count", 1))]}

    def remove_orders(self, body: Body) -> Body:
        """`{"id"}`, `{"ids"}` or `{"count", "createdOn"?}`: make orders vanish."""
        ids = self._ids(body)
        changes.remove_orders(self.world, ids)
        return {"ids": ids}

    def add_accreditation(self, body: Body) -> Body:
        """`{"record"}`: a v1 accreditation; its products are made up from its id."""
        self.world.catalogue.put_accreditation(_object(body, "record"))
        return {}

    def change_accreditation(self, body: Body) -> Body:
        """`{"id", "fields"}`: None takes a field away."""
        self.world.catalogue.change_accreditation(_text(body, "id"), _object(body, "fields"))
        return {}

    def remove_accreditation(self, body: Body) -> Body:
        """`{"id"}`."""
        self.world.catalogue.remove_accreditation(_text(body, "id"))
        return {}

    def add_price_list(self, body: Body) -> Body:
        """`{"record", "countries": [codes]}`."""
        countries = body["countries"]
        if not isinstance(countries, list):
            raise ValueError("countries must be a list of country codes")
        self.world.catalogue.add_price_list(_object(body, "record"), map(str, countries))
        return {}

    def change_price_list(self, body: Body) -> Body:
        """`{"id", "fields"}`, for example `{"hasFuturePriceList": true, "effectiveDate": "2027-04-01"}`."""
        self.world.catalogue.change_price_list(_integer(body, "id"), _object(body, "fields"))
        return {}

    def remove_price_list(self, body: Body) -> Body:
        """`{"id"}`."""
        self.world.catalogue.remove_price_list(_integer(body, "id"))
        return {}

    def change_product(self, body: Body) -> Body:
        """`{"accreditationId", "number", "release", "fields"}`: None takes a field away."""
        place = (_text(body, "accreditationId"), _text(body, "number"), _text(body, "release"))
        self.world.catalogue.change_product(*place, _object(body, "fields"))
        return {}

    def remove_product(self, body: Body) -> Body:
        """`{"accreditationId", "number", "release"}`."""
        place = (_text(body, "accreditationId"), _text(body, "number"), _text(body, "release"))
        self.world.catalogue.change_product(*place, GONE)
        return {}

    def change_prices(self, body: Body) -> Body:
        """`{"priceListId", "percent", "priceListStatus"?}`: all prices of a list, in per cent of the made-up ones."""
        status = str(body.get("priceListStatus", "C"))
        self.world.catalogue.change_prices(_integer(body, "priceListId"), status, _integer(body, "percent"))
        return {}

    def set_clock(self, body: Body) -> Body:
        """`{"now"}` or `{"advance_seconds"}`, if the clock is frozen."""
        clock = self.world.clock
        if not clock.is_frozen:
            raise ValueError("the clock is the machine's; start the sandbox with `now` to have one that can be set")
        moment = parse_timestamp(body["now"]) if "now" in body else None
        if "now" in body and moment is None:
            raise ValueError("now must be a timestamp in UTC, for example 2026-01-31T00:00:00Z")
        clock.set(clock.now() + _integer(body, "advance_seconds") * SECOND if moment is None else moment)
        return {"now": timestamp_text(clock.now())}

    def set_rate(self, body: Body) -> Body:
        """`{"rate": n or null, "window"?: seconds, "retry_after"?: bool}`."""
        rate, window = body["rate"], body.get("window", self.quota.window)
        if not (rate is None or isinstance(rate, int)) or not isinstance(window, int | float):
            raise ValueError("rate must be an integer or null, window a number of seconds")
        self.quota.change(rate, window)
        self.manners.retry_after = bool(body.get("retry_after", self.manners.retry_after))
        return {}

    def set_latency(self, body: Body) -> Body:
        """`{"latency_ms": number}`."""
        latency = body["latency_ms"]
        if not isinstance(latency, int | float):
            raise ValueError("latency_ms must be a number")
        self.manners.latency_ms = latency
        return {}

    def set_faults(self, body: Body) -> Body:
        """`{name: {"rate", "endpoints"?, "count"?, "after"?, "seconds"?, "location"?}, "seed"?}`; see `Plan`."""
        seed = _integer(body, "seed") if "seed" in body else None
        plans = read_plans({name: content for name, content in body.items() if name != "seed"})
        if self.quota.rate is None and any(plan.name == "neighbour" for plan in plans):
            raise ValueError(NO_QUOTA_TO_SHARE)
        self.faults.add(plans, seed)
        return {}

    def clear_faults(self, body: Body) -> Body:
        """`{}`: behave."""
        self.faults.clear()
        return {}

    def install_key(self, body: Body) -> Body:
        """`{"hashed_key"}`: accept the key with this hash from now on."""
        self.keys.install(_text(body, "hashed_key"))
        return {}

    def revoke_key(self, body: Body) -> Body:
        """`{"hashed_key"}`: refuse the key with this hash from now on."""
        self.keys.revoke(_text(body, "hashed_key"))
        return {}

    def _ids(self, body: Body) -> list[str]:
        if "count" in body:
            last_day = day_number(date.fromisoformat(_text(body, "createdOn"))) if "createdOn" in body else None
            return self.world.untouched_order_ids(_integer(body, "count"), last_day)
        ids = body["ids"] if "ids" in body else [body["id"]]
        if not isinstance(ids, list):
            raise ValueError("ids must be a list of order ids")
        return [str(id_) for id_ in ids]


def _answering(command: Command) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            # Not orjson, which makes floats of integers beyond 64 bits: a document must come back as it was given.
            body = json.loads(await request.body() or b"{}")
            return json_answer(command(body))
        except KeyError as error:
            return json_answer({"message": f"missing or unknown: {error.args[0]}"}, 400)
        except ValueError as error:
            return json_answer({"message": str(error)}, 400)

    return answer


def _text(body: Body, name: str) -> str:
    value = body[name]
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a string")
    return value


def _integer(body: Body, name: str, default: int | None = None) -> int:
    value = body[name] if default is None else body.get(name, default)
    if not isinstance(value, int):
        raise ValueError(f"{name} must be an integer")
    return value


def _object(body: Body, name: str) -> Body:
    value = body.get(name, {})
    if not isinstance(value, dict):
        raise ValueError(f"{name} must be an object")
    return value
