"""One page of a search: what it holds, and when an empty one may be believed.

Here: decoding with every digit, and the pages' own arithmetic. Not here: the order in which pages are asked for
(`readings.py`), and fetching one (`searches.py`).
"""

import decimal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from partner_assets.api.nesting import check_levels, decode

Record = dict[str, Any]

# Below this an estimate that is off by a few rows is off by half.
_LEAST_ESTIMATE = 20


def exact(text: str) -> decimal.Decimal:
    """Return a JSON number with a fraction or an exponent, every digit of it.

    Raises:
        ValueError: If its exponent is beyond what even a decimal can hold.
    """
    try:
        return decimal.Decimal(text)
    except decimal.InvalidOperation:
        raise ValueError(f"the number {text[:40]} is beyond all bounds") from None


_records = msgspec.json.Decoder(list[Record], float_hook=exact)


@dataclass(frozen=True)
class Page:
    """One page of a search.

    Args:
        raw: The array as received.
        records: The same, decoded; numbers with a fraction are `decimal.Decimal`.
        estimated: The server's estimate of all rows, None if it gave none.
    """

    raw: bytes = field(repr=False)
    records: list[Record] = field(repr=False)
    estimated: int | None


def decode_records(raw: bytes) -> list[Record]:
    """Return the records of a JSON array with every digit of their numbers.

    Raises:
        ValueError: If it is not an array of objects, or nested too deep.
    """
    records = decode(_records, raw)
    check_levels(records)
    return records


def doubt_empty(*, received: int, expected: int | None) -> str | None:
    """Return why an empty page cannot be the end of the search, None if it can.

    The estimate may be off, but not by everything: an index that is being rebuilt answers with nothing and a true
    count, and taken at its word it would close a whole catalogue.

    Args:
        received: Rows received before it.
        expected: The highest estimate of this reading, that of the empty page included; None if there was none.
    """
    if expected is None or expected <= 0:
        return None
    if received == 0:
        return f"with no row at all, although it estimates {expected:,}"
    if expected >= _LEAST_ESTIMATE and received * 2 < expected:
        return f"with an empty page after {received:,} rows, although the estimate was {expected:,}"
    return None


def unique_records(records: Iterable[Record]) -> Iterator[Record]:
    """Yield the records in the order received; those equal in every field come once."""
    seen: set[str] = set()
    for record in records:
        fields = repr(record)
        if fields not in seen:
            seen.add(fields)
            yield record
