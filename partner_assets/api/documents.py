"""Single things as the partner sent them: an order with its details, and a new key.

Here: the exact text of an order beside its decoded form. Not here: fetching it (`client.py`), and taking it apart into
rows (`partner_assets/tables/`).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from partner_assets.api.answers import Asked, broken, check_status, read_envelope
from partner_assets.api.nesting import check_levels, decode
from partner_assets.api.pages import exact
from partner_assets.api.transport import Answer


@dataclass(frozen=True)
class OrderDocument:
    """One order's details.

    Args:
        transaction_id: The id that was asked for; the record may spell its own differently.
        text: The JSON object exactly as received, every digit and space of it.
        record: The same, decoded; numbers with a fraction are `decimal.Decimal`.
        api_version: ``"v0"`` or ``"v1"``, which decides names or codes.
        asked_at: When the request was made that this answers: not that of the first attempt, if there were more.
    """

    transaction_id: str
    text: str = field(repr=False)
    record: dict[str, Any] = field(repr=False)
    api_version: str
    asked_at: datetime


@dataclass(frozen=True)
class NewKey:
    """A key that the API made.

    Args:
        hashed_key: Its bcrypt hash, to be sent to Dassault Systèmes, who activate the key.
        api_key: The key itself, to be kept secret and sent to nobody.
    """

    hashed_key: str
    api_key: str = field(repr=False)


_list_of_raw = msgspec.json.Decoder(list[msgspec.Raw])
_record = msgspec.json.Decoder(dict[str, Any], float_hook=exact)
_new_key = msgspec.json.Decoder(NewKey)


def read_document(answer: Answer, asked: Asked, *, number: str, api_version: str) -> OrderDocument:
    """Return the order in an answer.

    Args:
        answer: What came back.
        asked: What we were doing.
        number: Id that was asked for.
        api_version: Version that was asked.

    Raises:
        PartnerApiError: If the answer is not one order. An empty list is a broken answer and not a missing order:
            only a 404 says that an order does not exist, and taking less for it would lose orders to a hiccup.
    """
    envelope = read_envelope(answer, asked)
    try:
        items = decode(_list_of_raw, bytes(envelope.data))
        if len(items) != 1:
            raise broken(answer, asked, f"`data` should hold one order and holds {len(items)}")
        raw = bytes(items[0])
        record = decode(_record, raw)
        check_levels(record)
        return OrderDocument(number, raw.decode("utf-8"), record, api_version, answer.asked_at)
    except ValueError as error:
        raise broken(answer, asked, str(error)) from None


def read_new_key(answer: Answer, asked: Asked) -> NewKey:
    """Return the key in an answer, which has no envelope.

    Args:
        answer: What came back.
        asked: What we were doing.

    Raises:
        PartnerApiError: If it holds no key.
    """
    check_status(answer, asked)
    try:
        return decode(_new_key, answer.body)
    except ValueError as error:
        raise broken(answer, asked, str(error)) from None
