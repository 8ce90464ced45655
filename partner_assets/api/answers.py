"""What an answer means: the envelope it holds, or the error it is.

Here: the one place that turns a status and a body into a type of `errors.py` and a sentence. Not here: failures before
there is an answer (`transport.py`), and decoding the rows (`pages.py`, `documents.py`).
"""

from dataclasses import dataclass
from typing import Any

import msgspec

from partner_assets.api import errors
from partner_assets.api.endpoints import Endpoint
from partner_assets.api.hints import read_quota, read_retry_after
from partner_assets.api.nesting import decode
from partner_assets.api.transport import Answer, ApiKey

_LONGEST_QUOTATION = 500
_INTERNAL = "errors:3dx:internalServerError"
_NOT_FOUND = "errors:3dx:resourceNotFound"


@dataclass(frozen=True)
class Asked:
    """The question that an answer belongs to.

    Args:
        endpoint: Whom we asked.
        attempted: What we were doing, with method and path, to open a message with.
        key: To be hidden should the server echo it.
    """

    endpoint: Endpoint
    attempted: str
    key: ApiKey


class Info(msgspec.Struct, frozen=True):
    """The envelope's word on itself."""

    success: bool | None = None
    status_code: int | None = msgspec.field(default=None, name="statusCode")
    estimated: int | None = msgspec.field(default=None, name="estimatedSearchCount")


class Envelope(msgspec.Struct, frozen=True):
    """What every endpoint but `new_key` wraps its data in; `data` stays the bytes received."""

    data: msgspec.Raw = msgspec.Raw()
    info: Info | None = None


class Complaint(msgspec.Struct, frozen=True):
    """What a failed answer says, from the API's envelope or from the gateway's bare message."""

    words: str
    types: frozenset[str] = frozenset()
    has_envelope: bool = False


# Lenient about types: an estimate in quotes is still an estimate, and not worth a failed search.
_envelopes = msgspec.json.Decoder(Envelope, strict=False)
_anything = msgspec.json.Decoder(Any)


def read_envelope(answer: Answer, asked: Asked) -> Envelope:
    """Return the envelope of a successful answer.

    Args:
        answer: What came back.
        asked: What we were doing.

    Raises:
        PartnerApiError: In every other case, as the type that says what is wrong.
    """
    check_status(answer, asked)
    try:
        envelope = decode(_envelopes, answer.body)
    except ValueError as error:
        raise broken(answer, asked, str(error)) from None
    if envelope.info is not None and envelope.info.success is False:
        raise _refused(answer, asked, info=envelope.info)
    if not bytes(envelope.data):
        raise broken(answer, asked, "there is no `data` in it")
    return envelope


def check_status(answer: Answer, asked: Asked) -> None:
    """Do nothing if the HTTP status is a success and the body is not a web page.

    The HTTP status decides, not `info.statusCode`: a documented 404 carries 400 there.

    Raises:
        PartnerApiError: Otherwise.
    """
    status = answer.status
    error: type[errors.PartnerApiError]
    if status >= 500 or status in (408, 425, 429):
        complaint = read_complaint(answer.body, asked.key)
        error = errors.RateLimited if status == 429 else errors.ServerError
        told = read_retry_after(answer.headers)
        if told is None and status == 429:
            told = read_quota(answer.headers).reset_seconds
        raise error(f"{asked.attempted} answered {status}{complaint.words}.", status=status, retry_after=told)
    if 300 <= status < 400:
        raise errors.Redirected(
            f"{asked.attempted} answered {status} and points to another address, to which the key is not sent. "
            "Set the base URL to the address where the API itself answers.",
            status=status,
        )
    if _is_web_page(answer):
        raise errors.NotJson(
            f"{asked.attempted} answered {status} with a web page instead of JSON: "
            "is this the address of the Partner API?",
            status=status,
        )
    if 200 <= status < 300:
        return
    complaint = read_complaint(answer.body, asked.key)
    error, advice = _permanent(status, complaint, asked.endpoint)
    raise error(f"{asked.attempted} answered {status}{complaint.words}. {advice}", status=status)


def _permanent(status: int, complaint: Complaint, endpoint: Endpoint) -> tuple[type[errors.PermanentError], str]:
    match status:
        case 401:
            return errors.MissingKey, "The gateway saw no key: set PARTNER_API_KEY, and look for a proxy that drops it."
        case 403:
            return (
                errors.KeyRefused,
                "The key is unknown here or has no access to this part: does it belong to this environment?",
            )
        # Only the API itself can say that an order is gone; a gateway without the path says nothing about orders.
        case 404 if complaint.has_envelope:
            return errors.NotFound, "It does not exist, or not for this key."
        case 404:
            return (
                errors.NoRoute,
                f"Nothing answers there: if {endpoint.name} has another path, set {endpoint.setting}.",
            )
        case _:
            return errors.BadRequest, "The same request would fail again, so it was made once."


def _refused(answer: Answer, asked: Asked, *, info: Info) -> errors.PartnerApiError:
    complaint = read_complaint(answer.body, asked.key)
    said = f"{asked.attempted} answered {answer.status}, but its body says success: false{complaint.words}."
    if _NOT_FOUND in complaint.types:
        return errors.NotFound(said, status=answer.status)
    if info.status_code == 429:
        return errors.RateLimited(said, status=answer.status, retry_after=read_quota(answer.headers).reset_seconds)
    # An internal error passes as any 500 does. The rest is a judgement on the request, the same every time.
    if (info.status_code or 0) >= 500 or _INTERNAL in complaint.types:
        return errors.ServerError(said, status=answer.status)
    return errors.Refused200(f"{said} The same request would be refused again.", status=answer.status)


def read_complaint(body: bytes, key: ApiKey) -> Complaint:
    """Return what a failed answer says about itself, as far as it can be read.

    Args:
        body: JSON of either kind, or anything else.
        key: Hidden should the server echo it.
    """
    content = _decode_leniently(body)
    if not isinstance(content, dict):
        return Complaint("")
    has_envelope = isinstance(content.get("info"), dict) or isinstance(content.get("error"), list)
    words: list[str] = []
    types: set[str] = set()
    if isinstance(content.get("message"), str):
        words.append(content["message"])
    for entry in content["error"] if isinstance(content.get("error"), list) else []:
        if isinstance(entry, dict):
            types.add(key.hide_in(str(entry.get("type"))))
            words.extend(_entry_words(entry))
    quotation = key.hide_in("; ".join(words))[:_LONGEST_QUOTATION]
    return Complaint(f' ("{quotation}")' if quotation else "", frozenset(types), has_envelope)


def _entry_words(entry: dict[str, Any]) -> list[str]:
    words = [str(entry["title"])] if entry.get("title") else []
    for item in entry["errors"] if isinstance(entry.get("errors"), list) else []:
        if isinstance(item, dict):
            pointer = f" at {item['pointer']}" if item.get("pointer") else ""
            words.append(f"{item.get('detail', '')}{pointer}".strip())
    return [word for word in words if word]


def _decode_leniently(body: bytes) -> object:
    try:
        return decode(_anything, body)
    except ValueError:
        return None


def _is_web_page(answer: Answer) -> bool:
    return "text/html" in answer.headers.get("Content-Type", "").lower() or answer.body.lstrip()[:1] == b"<"


def broken(answer: Answer, asked: Asked, reason: str) -> errors.BrokenAnswer:
    """Return the error for a body that is not what it should be."""
    return errors.BrokenAnswer(
        f"{asked.attempted} answered {answer.status} with a body of {len(answer.body):,} bytes "
        f"that cannot be read: {reason}.",
        status=answer.status,
    )
