"""Reading requests: bodies and paging, with the fault and the place of whatever is wrong with them.

Not here: what is found (`world.py`), and how a refusal looks (`envelope.py`).
"""

import re
from collections.abc import Mapping
from typing import Literal

import orjson
from starlette.datastructures import QueryParams

from partner_assets.sandbox.clock import DAY, parse_timestamp
from partner_assets.sandbox.criteria import Criteria, Window
from partner_assets.sandbox.envelope import Fault, Refusal, refusal

WINDOW_DAYS = {"creationDateTime": 7, "bookingDateTime": 7, "lastUpdateDateTime": 3}
_TEXTS = {"installedBaseNumber": 40, "onlineInstanceSeatId": 15}
_MOST_PO_REFERENCE = 60
_NO_CRITERION = (
    "Please specify at least one search criterion. Valid options include: `creationDateTime`, `bookingDateTime`, "
    "`lastUpdateDateTime`, `installedBaseNumber`, `onlineInstanceSeatId`, `billToPoReferences`."
)
_WHOLE_NUMBER = re.compile(r"-?\d{1,18}", re.ASCII)


def read_page(query: QueryParams, most: int, default: int, *, skip_name: str, top_name: str) -> tuple[int, int]:
    """Read `skip` and `top`.

    Args:
        query: The query parameters.
        most: The largest `top` allowed.
        default: What `top` is when it is not given.
        skip_name: How the endpoint's refusals call `skip`.
        top_name: How they call `top`.

    Raises:
        Refusal: If either is not a whole number, or out of range.
    """
    skip, top = _whole(query.get("skip", "0")), _whole(query.get("top", str(default)))
    faults = []
    if skip is None or skip < 0:
        faults.append(Fault("Invalid pagination parameter. It must be a positive whole number.", f"#/{skip_name}"))
    if top is None or not 1 <= top <= most:
        detail = f"Invalid pagination parameter. It must be a positive natural number between 1 and {most}."
        faults.append(Fault(detail, f"#/{top_name}"))
    if faults or skip is None or top is None:
        raise Refusal(faults)
    return skip, top


def read_object(body: bytes) -> dict[str, object]:
    """Read a JSON object.

    Raises:
        Refusal: If the body is no JSON, or no object.
    """
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise refusal("The request body is not valid JSON.", "#") from error
    if not isinstance(content, dict):
        raise refusal("The request body must be a JSON object.", "#")
    return content


def read_text(body: Mapping[str, object], name: str, most: int) -> str:
    """Read a required text of at most so many characters.

    Raises:
        Refusal: If it is absent, no text, empty or too long.
    """
    fault = _text_fault(body.get(name), most, f"#/{name}")
    if fault is not None:
        raise Refusal([fault])
    return str(body[name])


def read_criteria(body: Mapping[str, object], now: int, window_end: Literal["inclusive", "exclusive"]) -> Criteria:
    """Read what a search for orders asks for.

    Args:
        body: The request body.
        now: The present moment, which windows may not start after and open ends are computed from.
        window_end: Whether an order exactly at the end of a window belongs to it.

    Raises:
        Refusal: With all faults at once, if anything is wrong.
    """
    if not any(name in body for name in (*WINDOW_DAYS, *_TEXTS, "billToPoReferences")):
        raise Refusal([Fault(_NO_CRITERION, "#")], title="Missing required search criteria")
    faults: list[Fault] = []
    windows = {name: _window(body, name, now, window_end, faults) for name in WINDOW_DAYS if name in body}
    for name, most in _TEXTS.items():
        fault = _text_fault(body[name], most, f"#/{name}") if name in body else None
        faults.extend([fault] if fault else [])
    references = _po_references(body["billToPoReferences"], faults) if "billToPoReferences" in body else None
    kind = body.get("transactionType")
    if "transactionType" in body and kind not in ("PO", "RN"):
        faults.append(Fault("The value must be one of: PO, RN.", "#/transactionType"))
    if faults:
        raise Refusal(faults)
    return Criteria(
        creation=windows.get("creationDateTime"),
        booking=windows.get("bookingDateTime"),
        last_update=windows.get("lastUpdateDateTime"),
        installed_base_number=_optional_text(body.get("installedBaseNumber")),
        seat=_optional_text(body.get("onlineInstanceSeatId")),
        po_references=references,
        transaction_type=_optional_text(kind),
    )


def _whole(text: str) -> int | None:
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else None


def _optional_text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _text_fault(value: object, most: int, pointer: str) -> Fault | None:
    if not isinstance(value, str) or not value:
        return Fault("The value must be a non-empty string.", pointer)
    return Fault(f"The value must have at most {most} characters.", pointer) if len(value) > most else None


def _po_references(value: object, faults: list[Fault]) -> tuple[str, ...]:
    pointer = "#/billToPoReferences"
    if not isinstance(value, list) or not value:
        faults.append(Fault("The value must be a non-empty list of strings.", pointer))
        return ()
    found = (_text_fault(item, _MOST_PO_REFERENCE, f"{pointer}/{at}") for at, item in enumerate(value))
    faults.extend(fault for fault in found if fault)
    return tuple(str(item) for item in value)


def _moment(value: object, pointer: str, faults: list[Fault]) -> int | None:
    moment = parse_timestamp(value)
    if moment is None:
        faults.append(
            Fault("The value must be an ISO 8601 timestamp in UTC, for example 2024-05-21T14:30:00Z.", pointer)
        )
    return moment


def _window(
    body: Mapping[str, object], name: str, now: int, window_end: Literal["inclusive", "exclusive"], faults: list[Fault]
) -> Window | None:
    pointer, span, days = f"#/{name}", body[name], WINDOW_DAYS[name]
    if not isinstance(span, dict) or not ("from" in span or "to" in span):
        faults.append(Fault("Please specify `from`, `to`, or both.", pointer))
        return None
    start = _moment(span["from"], f"{pointer}/from", faults) if "from" in span else None
    end = _moment(span["to"], f"{pointer}/to", faults) if "to" in span else None
    if ("from" in span and start is None) or ("to" in span and end is None):
        return None
    if start is None:
        start = (0 if end is None else end) - days * DAY
    if start > now:
        faults.append(Fault("The `from` timestamp must not be in the future.", f"{pointer}/from"))
        return None
    if end is None:
        end = min(start + days * DAY, now)
    elif end <= start:
        faults.append(Fault("The `to` timestamp must be later than `from`.", f"{pointer}/to"))
    if end - start > days * DAY:
        faults.append(Fault(f"The time window must not exceed {days} days.", pointer))
    return Window(start, end + 1 if window_end == "inclusive" else end)
