"""The file that holds the API key, and what lies beside it from one key to the next.

- `KEY` holds the newest key; `PARTNER_API_KEY_FILE` names it.
- `KEY.previous` holds the key before it, and stays.
- `KEY.waiting` holds the hash of the newest key, until somebody has seen the API accept it.
- `KEY.lock` is empty; whoever changes the others holds it. `KEY.part` is a text on its way into one of them.

The vendor accepts a new key only when its hash has been handed over, perhaps days later, and tells no program. So as long
as a key waits, the previous one is tried first and the new one when that is refused; afterwards it is the other way
round. No process has to be told, and neither order can lock anybody out.

A new key is put in place by four renames, in this order: what works becomes `KEY.previous`; then `KEY`, if it was not;
the hash becomes `KEY.waiting`; the new key becomes `KEY`. Wherever that ends, the key that works is in `KEY` or
`KEY.previous`. A hash counts only while the two differ, so it never belongs to another key, and it is shown to nobody
before the key lies on the disk: a key that the vendor may activate cannot get lost.

Not here: asking the API (`commands/key.py`), and what a client makes of two keys (`api/keys.py`).
"""

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import filelock

OWNER_ONLY = 0o600

NO_KEY = "holds something that no key holds: a space, a line break or a letter outside ASCII"

# More than any key or hash: room for it is room for them.
_TRIAL = "0" * 4096


class HiddenText(str):
    """A text that no repr shows: what prints local variables, as trackers of errors do, must not print a key."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'[hidden]'"


class KeyFileError(Exception):
    """A key file that cannot be read or changed. The message names it and says why, without what is in it."""


class Disk:
    """What is done to the files of a key. Every change of one of them is a sequence of these."""

    def write(self, file: Path, text: str) -> None:
        """Make a file that only its owner can read; there must be none."""
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="ascii") as made:
            made.write(text)

    def sync(self, path: Path) -> None:
        """Wait until a file or folder lies on the disk as it is."""
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, file: Path, target: Path) -> None:
        """Let a file take the place of another."""
        file.replace(target)

    def remove(self, file: Path) -> None:
        """Remove a file, if there is one."""
        file.unlink(missing_ok=True)


@dataclass(frozen=True)
class HeldKeys:
    """What is held at one moment.

    Attributes:
        newest: The key in the file.
        previous: The key before it; None if there was none.
        waiting_hash: The hash of the newest, if it waits to be accepted.
    """

    newest: str = field(repr=False)
    previous: str | None = field(repr=False)
    waiting_hash: str | None

    @property
    def best_first(self) -> list[str]:
        """The keys in the order in which they are worth trying, each once."""
        keys = [key for key in (self.newest, self.previous) if key is not None]
        return list(dict.fromkeys(reversed(keys) if self.waiting_hash else keys))


class KeyFile:
    """A key file and its neighbours.

    Args:
        path: The file; a link is followed, so that it stays one.
        disk: What changes are made with.
    """

    def __init__(self, path: Path, disk: Disk | None = None) -> None:
        self.path = Path(os.path.realpath(path))
        self._disk = disk or Disk()

    @property
    def previous(self) -> Path:
        """Where the previous key is."""
        return self._beside("previous")

    @property
    def waiting(self) -> Path:
        """Where the hash of the newest key is, while it waits."""
        return self._beside("waiting")

    def read(self) -> HeldKeys:
        """Read all that is held.

        Raises:
            KeyFileError: If the key is missing, or a file cannot be read or holds no key.
        """
        # In this order: whoever sees the newest key also sees what was written before it was put in place.
        newest = self._read_key(self.path)
        if newest is None:
            raise KeyFileError(f"{self.path} cannot be read (No such file or directory)")
        try:
            previous = self._read_key(self.previous)
        except KeyFileError:
            # A spare that nobody needs must not stop those who may read only the newest; one that is in use must.
            if self.waiting.exists():
                raise
            previous = None
        waiting = _read(self.waiting) if previous not in (None, newest) else None
        return HeldKeys(newest, previous, waiting or None)

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """Keep everybody else from changing anything.

        Raises:
            KeyFileError: If somebody is at it, or the folder cannot be changed.
        """
        lock = filelock.FileLock(self._beside("lock"), timeout=0, mode=OWNER_ONLY)
        try:
            lock.acquire()
        except filelock.Timeout:
            raise KeyFileError(f"{self.path} is being changed by another process") from None
        except OSError as error:
            raise KeyFileError(f"the folder of {self.path} cannot be changed ({_reason(error)})") from None
        try:
            with self._telling():
                self._disk.remove(self._part)
            yield
        finally:
            lock.release()

    def try_out(self) -> None:
        """Make sure that a key could be put in place, before one is made that then could not.

        Raises:
            KeyFileError: If the file is somebody else's, who could not read the new one; or if nothing can be written.
        """
        with self._telling():
            if self.path.stat().st_uid != os.geteuid():
                raise KeyFileError(f"{self.path} belongs to another user, who alone should do this")
            self._disk.write(self._part, _TRIAL)
            self._disk.sync(self._part)
            self._disk.remove(self._part)

    def put(self, *, newest: str, waiting_hash: str, working: str) -> None:
        """Put a new key in place, which waits to be accepted from now on. To be called within `changing`.

        Args:
            newest: The new key.
            waiting_hash: Its hash.
            working: The key that the API accepts now; one of those that are held.

        Raises:
            KeyFileError: If something cannot be written, or is no key or hash; what works is held as before.
        """
        newest, working = HiddenText(newest), HiddenText(working)
        if not is_key(newest) or not is_key(waiting_hash) or newest in waiting_hash:
            raise KeyFileError(f"what the API gave is no key with its hash, and was not written to {self.path}")
        held = self.read()
        with self._telling():
            self._replace(self.previous, working)
            if held.newest != working:
                self._replace(self.path, working)
            self._replace(self.waiting, waiting_hash)
            self._replace(self.path, newest)

    def accept(self, key: str) -> None:
        """Note that the API accepts a key: if it is the newest, it waits no longer.

        Raises:
            KeyFileError: If that cannot be noted; the key is then found out about again next time.
        """
        if self.waiting.exists():
            with self.changing(), self._telling():
                if self.read().newest == key:
                    self._disk.remove(self.waiting)

    @property
    def _part(self) -> Path:
        return self._beside("part")

    def _beside(self, suffix: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{suffix}")

    def _replace(self, file: Path, text: str) -> None:
        self._disk.write(self._part, HiddenText(f"{text}\n"))
        self._disk.sync(self._part)
        self._disk.rename(self._part, file)
        self._disk.sync(file.parent)

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        """Turn what the operating system says into a sentence's end, and leave no half file behind."""
        try:
            yield
        except OSError as error:
            with contextlib.suppress(OSError):  # the disk may be too broken for that as well
                self._disk.remove(self._part)
            raise KeyFileError(f"{self.path} and its neighbours cannot be written ({_reason(error)})") from None

    def _read_key(self, file: Path) -> str | None:
        key = _read(file)
        if key == "":
            raise KeyFileError(f"{file} is empty")
        if key is not None and not is_key(key):
            raise KeyFileError(f"{file} {NO_KEY}")
        return key


def is_key(text: str) -> bool:
    """Tell whether a text can be a key, and the value of a header."""
    return re.fullmatch(r"[\x21-\x7e]+", text) is not None


def _read(file: Path) -> str | None:
    """Return what is in a file, None if there is none: somebody may remove a neighbour at any time."""
    try:
        return HiddenText(file.read_text(encoding="utf-8").strip())
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"{file} cannot be read ({_reason(error)})") from None


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "it is not text"
