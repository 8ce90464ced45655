"""The key in use, and the change to another one when the API refuses it.

A partner whose key is being replaced has two, and nobody tells the program on which day the vendor accepts the one and
no longer the other. Here: which key a request carries. Not here: where the keys come from (`partner_assets/keys.py`),
and what a refusal looks like (`answers.py`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from partner_assets.api.transport import ApiKey, SecretValue


@runtime_checkable
class KeySource(Protocol):
    """Where a client gets its keys; one legal entity's all of them."""

    def held_keys(self) -> Sequence[SecretValue]:
        """Return the keys to try, best first. Asked at the start, and whenever the key in use has been refused."""

    def accepted(self, key: ApiKey) -> None:
        """Take note that the API accepts this key, after it has refused another one."""


@dataclass(frozen=True)
class OneKey:
    """A source with one key and no other, whatever becomes of it."""

    key: ApiKey

    def held_keys(self) -> Sequence[SecretValue]:
        """Return the key."""
        return (self.key,)

    def accepted(self, key: ApiKey) -> None:
        """Take no note: there is nothing to choose."""


class KeyInUse:
    """The key that requests carry; safe to use from many threads.

    Args:
        key: A key, plain or wrapped, or where keys come from.

    Raises:
        ValueError: If a key cannot be the value of a header.
    """

    def __init__(self, key: str | SecretValue | KeySource) -> None:
        self._source = key if isinstance(key, KeySource) else OneKey(ApiKey.of(key))
        self._current = self._keys()[0]

    @property
    def current(self) -> ApiKey:
        """The key for the next request."""
        return self._current

    def other_than(self, refused: Collection[ApiKey]) -> ApiKey | None:
        """Return a key that has not been refused; None if there is no other."""
        return next((key for key in self._keys() if key not in refused), None)

    def accept(self, key: ApiKey) -> None:
        """Use this key from now on."""
        if key != self._current:
            self._current = key
            self._source.accepted(key)

    def _keys(self) -> list[ApiKey]:
        return [ApiKey.of(key) for key in self._source.held_keys()]
