"""JSON of the values that the fast encoder refuses: nested too deeply, numbers too long, or half of a surrogate pair.

Slow, and the same text to the letter for what both can write. Not here: who tries the fast one first (`values.py`).
"""

import json
from decimal import Decimal
from typing import Any


def deep_json(value: Any, *, is_sorted: bool) -> str:
    """Return a value of the API as compact JSON, however deep it is: no call is made per level.

    Args:
        value: What a JSON decoder gives: objects, lists, texts, int or Decimal, truth values, None.
        is_sorted: True to sort the names of objects.
    """
    parts: list[str] = []
    # What is still to be written, the next piece last: a text as it is, any other value in a tuple of its own.
    pieces: list[str | tuple[Any]] = [(value,)]
    while pieces:
        piece = pieces.pop()
        if isinstance(piece, str):
            parts.append(piece)
            continue
        (inner,) = piece
        if isinstance(inner, dict):
            names = sorted(inner) if is_sorted else list(inner)
            pieces.append("}")
            for number in reversed(range(len(names))):
                pieces += [(inner[names[number]],), f"{',' if number else ''}{_scalar(names[number])}:"]
            pieces.append("{")
        elif isinstance(inner, list):
            pieces.append("]")
            for number in reversed(range(len(inner))):
                pieces += [(inner[number],), "," if number else ""]
            pieces.append("[")
        else:
            parts.append(_scalar(inner))
    return "".join(parts)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=not is_unicode(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return str(Decimal(value))  # Python refuses to show an int of more than 4,300 digits
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


def is_unicode(text: str) -> bool:
    """Tell whether a text can be written down: half of a surrogate pair stands for no character, and has no UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
