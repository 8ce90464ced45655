"""JSON that is nested deeper than anything that reads it can follow: refused, as soon as it is decoded.

Here: the bound, and a decoder's own limit turned into a sentence. Not here: what an answer is then (`answers.py`).

Python follows about a thousand levels, less the deeper the caller is: what the client can decode, the code that makes
rows of it could no longer write, and would end the whole run. The API's own documents have five levels.
"""

from typing import Any, TypeVar

import msgspec

MOST_LEVELS = 100

Value = TypeVar("Value")

_TOO_DEEP = f"it is nested more than {MOST_LEVELS} levels deep"


def decode(decoder: msgspec.json.Decoder[Value], text: bytes) -> Value:
    """Return what a decoder makes of JSON.

    Raises:
        ValueError: If it is no JSON, not of the decoder's type, or nested deeper than the decoder can follow.
    """
    try:
        return decoder.decode(text)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None


def check_levels(value: Any) -> None:
    """Do nothing if a decoded value has no more levels than everybody can follow.

    Args:
        value: What was decoded.

    Raises:
        ValueError: Otherwise.
    """
    level = [value]
    for _ in range(MOST_LEVELS):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return
    raise ValueError(_TOO_DEEP)
