"""Answers that are proper HTTP and say the wrong thing: bodies that cannot be read, or should not be.

Pure functions from bytes to bytes. Not here: who gets them (`misbehaviour.py`), and what is not HTTP at all
(`exchange.py`).
"""

import gzip
import json

DEEP_LEVELS = 100_000
HUGE_BYTES = 50_000_000
BOMB_BYTES = 300_000_000

_BLANKS = b" " * 1_000_000
# Gzip allows several members after one another, and a million blanks make one of a thousand bytes.
_BLANKS_MEMBER = gzip.compress(_BLANKS)

_OPENING, _CLOSING = b'{"data":[', b'],"info":'


def truncated(body: bytes) -> bytes:
    """Return the first half."""
    return body[: len(body) // 2]


def with_a_comma_too_many(body: bytes) -> bytes:
    """Return JSON that its last comma makes none."""
    return body.rstrip()[:-1] + b",}"


def in_latin_1(body: bytes) -> bytes:
    """Return JSON in ISO 8859-1, where what that cannot write is escaped."""
    return "".join(one if ord(one) < 256 else json.dumps(one)[1:-1] for one in body.decode()).encode("latin-1")


def in_utf_16(body: bytes) -> bytes:
    """Return JSON in UTF-16, with its byte order mark."""
    return body.decode().encode("utf-16")


def deep(body: bytes) -> bytes:
    """Return an envelope whose first row has a field that is nested too deep for any decoder that recurses."""
    return _in_first_row(body, b'"deep":' + b"[" * DEEP_LEVELS + b"]" * DEEP_LEVELS)


def huge(body: bytes) -> bytes:
    """Return the same envelope in 50 MB; all of them blanks, so that it means what it meant."""
    return _in_first_row(body, _BLANKS * (HUGE_BYTES // len(_BLANKS)), is_field=False)


def bomb(body: bytes) -> bytes:
    """Return gzip that unpacks to the same JSON and 300 MB of blanks."""
    return gzip.compress(body) + _BLANKS_MEMBER * (BOMB_BYTES // len(_BLANKS))


def joined(page: bytes, following: bytes) -> bytes:
    """Return one envelope with the rows of both; it is the first one's in everything else."""
    opened, end, info = page.rpartition(_CLOSING)
    rows = following.rpartition(_CLOSING)[0].removeprefix(_OPENING)
    if not (opened and rows):
        return page
    comma = b"," if opened != _OPENING else b""
    return opened + comma + rows + end + info


def _in_first_row(body: bytes, inserted: bytes, *, is_field: bool = True) -> bytes:
    head, brace, rest = body.partition(_OPENING + b"{")
    if not brace:
        # No row to hold it: it takes the place of one.
        head, brace, rest = body.partition(_OPENING)
        return head + brace + (b"{%s}" % inserted if is_field else inserted) + rest
    return head + brace + inserted + (b"," if is_field else b"") + rest
