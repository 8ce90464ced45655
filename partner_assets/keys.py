"""The keys that the settings name, as a client asks for them.

Not here: the files they are in (`key_file.py`), and which of them a request carries (`api/keys.py`).
"""

import contextlib
from collections.abc import Sequence
from pathlib import Path

from pydantic import SecretStr

from partner_assets.api.transport import ApiKey
from partner_assets.key_file import KeyFile, KeyFileError
from partner_assets.settings import Settings, key_file_error


class FiledKeys:
    """The keys in `PARTNER_API_KEY_FILE`, read anew whenever a client asks for them.

    Args:
        path: The file.
        is_noted: Whether it is written down when the API accepts a key that waited for it.
    """

    def __init__(self, path: Path, *, is_noted: bool = True) -> None:
        self._file = KeyFile(path)
        self._is_noted = is_noted
        self._read: Sequence[SecretStr] = ()

    def held_keys(self) -> Sequence[SecretStr]:
        """Return the keys, best first.

        Raises:
            SettingsError: If the file cannot be read at first; later, the refusal that led here is the better news.
        """
        try:
            self._read = [SecretStr(key) for key in self._file.read().best_first]
        except KeyFileError as error:
            if not self._read:
                raise key_file_error(error) from None
        return self._read

    def accepted(self, key: ApiKey) -> None:
        """Write down that the API accepts a key; where that is not possible, it is found out again next time."""
        if self._is_noted:
            with contextlib.suppress(KeyFileError):
                self._file.accept(key.value)


def keys_for(settings: Settings, *, is_noted: bool = True) -> SecretStr | FiledKeys:
    """Return what a client is to ask with: the key of `PARTNER_API_KEY`, or those in the file.

    Args:
        settings: The settings.
        is_noted: Whether it is written down when the API accepts a key that waited for it.
    """
    if settings.api_key_file is None:
        return settings.api_key
    return FiledKeys(settings.api_key_file, is_noted=is_noted)
