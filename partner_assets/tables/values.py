"""One value of the API to one value of a column, exactly, or a sentence that says why not.

The rules come from the API's contract: amounts have 2 significant decimals and percentages 10, digits beyond are noise
of serialisation, to be rounded half up on the number's decimal text; a date may be the text "null". Not here: records.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

import msgspec

from partner_assets.tables.deep_json import deep_json, is_unicode
from partner_assets.tables.table import ColumnType

Convert = Callable[[Any], Any]

_LARGEST_INT = 2**63 - 1
_LIMIT = 10**19
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_SORTED_ENCODER = msgspec.json.Encoder(decimal_format="number", order="sorted")
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
# Wide enough for any number that JSON text can hold in practice, so that quantize rounds once and never overflows.
_EXACT = Context(prec=200, rounding=ROUND_HALF_UP, Emax=999_999, Emin=-999_999)


class Unfit(ValueError):
    """A value that its column cannot hold. The message completes the sentence "column: …"."""


def json_text(value: Any) -> str:
    """Return a value of the API as compact JSON; numbers keep the digits that the API sent."""
    try:
        return _ENCODER.encode(value).decode()
    except (RecursionError, ValueError):
        return deep_json(value, is_sorted=False)


def sorted_json_text(value: Any) -> str:
    """Return a value as compact JSON whose names are sorted: equal values give equal texts in whatever order they came."""
    try:
        return _SORTED_ENCODER.encode(value).decode()
    except (RecursionError, ValueError):
        return deep_json(value, is_sorted=True)


def from_json(text: str) -> Any:
    """Return what a JSON text holds; numbers are int or Decimal, with the digits of the text.

    Raises:
        ValueError: If it is no JSON, or nested more deeply than Python can hold.
    """
    try:
        return _DECODER.decode(text)
    except RecursionError:
        # Calls under way count as levels: on a stack of its own, whatever the client could read can be read here too.
        with ThreadPoolExecutor(1) as alone:
            return alone.submit(_decode_alone, text).result()
    except InvalidOperation:
        raise ValueError("a number is beyond all bounds") from None


def _decode_alone(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _shown(value: Any) -> str:
    kind = {str: "the text", dict: "an object", list: "a list", bool: "the truth value"}.get(type(value), "the number")
    text = json_text(value)
    return f"{kind} {text if len(text) <= 60 else text[:57] + '...'}"


def _text(value: Any) -> str:
    if isinstance(value, str):
        if value.isascii() or is_unicode(value):
            return value
        raise Unfit(f"expected a text of whole characters, got {_shown(value)}")
    raise Unfit(f"expected a text, got {_shown(value)}")


def _whole_number(value: Any) -> int:
    # Compared before it is converted: an int of a million digits takes seconds. Without abs(), which rounds to the 28
    # digits of Python's context, and raises for 1E+1000000.
    if isinstance(value, Decimal) and -_LIMIT < value < _LIMIT and value == value.to_integral_value():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        if -_LARGEST_INT - 1 <= value <= _LARGEST_INT:
            return value
        raise Unfit(f"expected a number of at most 64 bits, got {_shown(value)}")
    raise Unfit(f"expected a whole number, got {_shown(value)}")


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise Unfit(f"expected true or false, got {_shown(value)}")


def _day(value: Any) -> date | None:
    if isinstance(value, str):
        if value in ("", "null"):
            return None
        try:
            if len(value) == len("2026-03-01") and "W" not in value:  # a week's day is ISO 8601 too, but no date here
                return date.fromisoformat(value)
        except ValueError:
            pass
    raise Unfit(f"expected a date such as 2026-03-01, got {_shown(value)}")


def _instant(value: Any) -> datetime | None:
    if isinstance(value, str):
        if value in ("", "null"):
            return None
        try:
            instant = datetime.fromisoformat(value)
            if len(value) > len("2026-03-01"):
                # All times of the API are UTC; a time without its Z is one too. What is finer than the column's
                # microseconds is cut off by fromisoformat.
                return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
        except (ValueError, OverflowError):
            # OverflowError: the first hours of the year 1 east of Greenwich, which some systems send for "never".
            pass
    raise Unfit(f"expected a time such as 2026-03-01T14:30:00Z, got {_shown(value)}")


def _decimal(places: int, width: int) -> Convert:
    step = Decimal(1).scaleb(-places)
    limit = Decimal(10) ** (width - places)

    def convert(value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise Unfit(f"expected a number, got {_shown(value)}")
        if not -limit < value < limit:
            raise Unfit(f"expected at most {width - places} digits before the point, got {_shown(value)}")
        rounded = Decimal(value).quantize(step, context=_EXACT)
        if abs(rounded) >= limit:
            raise Unfit(f"expected at most {width - places} digits before the point, got {_shown(value)}")
        return rounded

    return convert


_CONVERTERS: dict[ColumnType, Convert] = {
    ColumnType.TEXT: _text,
    ColumnType.INT: _whole_number,
    ColumnType.BOOL: _truth,
    ColumnType.DATE: _day,
    ColumnType.TS: _instant,
    ColumnType.MONEY: _decimal(2, 18),
    ColumnType.PERCENT: _decimal(10, 20),
    ColumnType.RATIO: _decimal(10, 20),
    ColumnType.JSON: json_text,
}


def converter(column_type: ColumnType) -> Convert:
    """Return the function that brings a value of the API (numbers as int or Decimal, never float) to a column's type.

    The function raises `Unfit` for a value that the column cannot hold without changing it.
    """
    return _CONVERTERS[column_type]
