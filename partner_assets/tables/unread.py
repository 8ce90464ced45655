"""What came and could not be read, by as much of its key as could: its rows have not vanished. Pure.

Not here: what becomes of those rows (`lake/history.py`), and of the record, which is kept as `rejected`.
"""

from collections.abc import Callable, Iterable, Sequence

from partner_assets.tables.record import KnownKey, Row


class Unread:
    """Known keys, to be looked up by rows.

    Args:
        keys: What is known of each.
    """

    def __init__(self, keys: Iterable[KnownKey] = ()) -> None:
        self._keys: dict[tuple[str, ...], set[Row]] = {}
        for key in keys:
            self._keys.setdefault(tuple(key), set()).add(tuple(key.values()))

    def matcher(self, names: Sequence[str]) -> Callable[[Row], bool]:
        """Return a function that tells of a row with columns of these names whether it may be one that was not read."""
        parts = [([names.index(name) for name in known], values) for known, values in self._keys.items()]
        return lambda row: any(tuple(row[index] for index in indices) in values for indices, values in parts)


NOTHING_UNREAD = Unread()
