"""The vendor's envelope around answers and refusals, and the bare messages of its gateway.

Not here: when to refuse, which is for the endpoints to say.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from starlette.responses import Response

INVALID_REQUEST = "errors:3dx:invalidRequest"
RESOURCE_NOT_FOUND = "errors:3dx:resourceNotFound"

MISSING_KEY = "Missing API key in request"
UNKNOWN_KEY = "API Consumer Not allowed"
NO_ROUTE = "no Route matched with those values"
TOO_MANY = "Too many requests, please try again later"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request.

    Attributes:
        detail: What is wrong, for a person.
        pointer: Where, as a JSON Pointer into the request.
    """

    detail: str
    pointer: str


class Refusal(Exception):
    """A request that the API refuses.

    Args:
        faults: Everything that is wrong with it.
        title: What is wrong in general.
        status: The HTTP status.
        type_: The vendor's kind of error.
    """

    def __init__(
        self, faults: Sequence[Fault], *, title: str = "Bad Request", status: int = 400, type_: str = INVALID_REQUEST
    ) -> None:
        super().__init__(title)
        self.faults = tuple(faults)
        self.title = title
        self.status = status
        self.type = type_

    def answer(self) -> Response:
        """Return the refusal as the API sends it; `info.statusCode` is 400 even for a 404, as the vendor documents."""
        errors = [{"detail": fault.detail, "pointer": fault.pointer} for fault in self.faults]
        return json_answer(
            {
                "data": [],
                "info": {"success": False, "statusCode": 400, "estimatedSearchCount": 0},
                "error": [{"type": self.type, "title": self.title, "errors": errors}],
            },
            self.status,
        )


def refusal(detail: str, pointer: str) -> Refusal:
    """Make a refusal of a request with one fault."""
    return Refusal([Fault(detail, pointer)])


def not_found() -> Refusal:
    """Make the vendor's documented answer for an order that does not exist."""
    fault = Fault("Change your parameters to get results", "#")
    return Refusal([fault], title="Not found", status=404, type_=RESOURCE_NOT_FOUND)


def success(data: Sequence[object], estimated_count: int) -> Response:
    """Return rows in the vendor's envelope."""
    info = {"success": True, "statusCode": 200, "estimatedSearchCount": estimated_count}
    return json_answer({"data": data, "info": info}, 200)


def gateway_message(message: str, status: int) -> Response:
    """Return what the gateway in front of the API says, without envelope."""
    return json_answer({"message": message}, status)


def json_answer(content: object, status: int = 200) -> Response:
    """Return any content as JSON."""
    return Response(json_bytes(content), status, media_type="application/json")


def json_bytes(content: object) -> bytes:
    """Encode any content as JSON, integers beyond 64 bits included: an added order may carry one."""
    try:
        return orjson.dumps(content)
    except TypeError:
        return json.dumps(content, ensure_ascii=False).encode()


def estimated(exact: int, draw: int) -> int:
    """Estimate a count the way the vendor warns of: right, too low or too high, depending on the draw; 0 stays 0."""
    slack = 1 + (draw >> 8) % (exact // 4 + 1)
    return exact if exact == 0 or draw % 3 == 0 else exact - slack if draw % 3 == 1 else exact + slack
