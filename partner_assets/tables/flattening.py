"""Records that hold an array of which each element is a row: one record per element, with the fields of both.

Not here: what becomes of the records (`record.py`), and the documents of orders, which hold arrays of arrays (`order_rows.py`).
"""

from collections.abc import Iterable, Iterator
from typing import Any

from partner_assets.tables.record import Record

PARENT = "(parent)"
"""Name under which `extra` holds the fields of a nesting record that its elements have too."""


def flattened(records: Iterable[Any], children: str) -> Iterator[Any]:
    """Yield one record per element of an array that each record holds, with the fields of both.

    A record whose array is empty yields nothing; so does one without the array, unless it holds something else that could
    be the array under a new name. That, and whatever stands in the array's place or in the place of one of its elements,
    is yielded within its record: the table then rejects it whole, and nothing is lost.

    Args:
        records: Records that hold the array.
        children: The field that holds it.
    """
    for record in records:
        if not _has_elements(record, children):
            yield record
            continue
        for element in record.get(children) or ():
            yield _with_parent(element, record, children)


def _has_elements(record: Any, children: str) -> bool:
    """Tell whether a record holds the array, or at least nothing that looks like it."""
    if not isinstance(record, dict):
        return False
    if record.get(children) is None:
        return not any(isinstance(value, list | dict) for value in record.values())
    return isinstance(record[children], list)


def _with_parent(element: Any, record: Record, children: str) -> Record:
    if not isinstance(element, dict):
        return {**record, children: [element]}
    own = {name: value for name, value in record.items() if name != children}
    hidden = {name: value for name, value in own.items() if name in element}
    place = PARENT
    while place in own or place in element:
        place = f"({place})"
    # A name that both have is the element's; the record's own is kept where `extra` will find it.
    return {**own, **element, **({place: hidden} if hidden else {})}
