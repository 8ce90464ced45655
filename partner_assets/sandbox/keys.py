"""The API keys that are accepted, and the hashes that new keys are installed by. Not here: refusing a request."""

import hashlib
import secrets
from collections.abc import Iterable

_BCRYPT_ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def hash_of(api_key: str) -> str:
    """Return a text of 60 characters shaped like a bcrypt hash of a key.

    It is not bcrypt, which the standard library lacks: the sandbox only compares it, and nobody's secrets hang on it.
    """
    digest = hashlib.sha256(api_key.encode()).digest() + hashlib.sha256(b"salt" + api_key.encode()).digest()
    return "$2b$12$" + "".join(_BCRYPT_ALPHABET[byte & 63] for byte in digest[:53])


class KeyRing:
    """The keys that the gateway accepts; a generated key counts only once its hash is installed.

    Args:
        accepted: Keys that are accepted from the start.
    """

    def __init__(self, accepted: Iterable[str]) -> None:
        self._accepted = set(accepted)
        self._installed = {hash_of(key) for key in self._accepted}

    def generate(self) -> tuple[str, str]:
        """Make a key that is not accepted yet; return it with its hash."""
        api_key = secrets.token_hex(32)
        return api_key, hash_of(api_key)

    def install(self, hashed_key: str) -> None:
        """Accept the key with this hash from now on."""
        self._installed.add(hashed_key)

    def revoke(self, hashed_key: str) -> None:
        """Refuse the key with this hash from now on."""
        self._installed.discard(hashed_key)
        self._accepted = {key for key in self._accepted if hash_of(key) != hashed_key}

    def accepts(self, api_key: str) -> bool:
        """Whether a key is accepted."""
        if api_key in self._accepted:
            return True
        if hash_of(api_key) not in self._installed:
            return False
        self._accepted.add(api_key)
        return True
