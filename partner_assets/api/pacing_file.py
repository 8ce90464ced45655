"""What is known of a quota, in a file that the processes of a machine share.

Here: locking, reading and writing it, and doing without it when it cannot be used. Not here: what is in it
(`pacing_state.py`), and where it stands: whoever makes the client says so.
"""

import mmap
import os
import sys
import time
import weakref
import zlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from partner_assets.api.pacing_state import QuotaState, Result

if sys.platform != "win32":
    import fcntl

_BYTES = 16 * 1024
_LINE_END = b"\n"
# The lock is held for some microseconds, unless its holder was stopped (Ctrl-Z, a paused container) in just these.
_LOCK_SECONDS, _LOCK_POLL_SECONDS = 0.2, 0.0005
_DO_WITHOUT_SECONDS = 1.0
# Clocks of processes and of machines that share a folder agree to this; a state from later than now is from before the
# clock was put back.
_CLOCKS_APART_SECONDS = 5.0

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(QuotaState)


class QuotaFile:
    """A state in a file, changed by one process at a time.

    The kernel lets go of the lock when its holder dies. Times are the machine's wall clock, which means the same to all
    processes, also after a restart of the machine. A file that holds anything else is as good as a new one. Where the
    file cannot be used (no such folder, a full disk, a file system or a system without `flock`, such as Windows), the client
    reckons alone with what it knew last, as it would without a file, and tries again every second.

    The file is mapped into memory: reading and writing it by calls lets other threads of the process run in between, with
    the lock held.

    Args:
        path: The file; it is made with its folder when first used.
        clock: Wall clock in seconds.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._open: _OpenFile | None = None
        self._own = QuotaState()
        self._without_until = float("-inf")

    def change(self, act: Callable[[QuotaState, float], Result]) -> Result:
        """Return what `act` makes of the state and the time, while no other process looks at it.

        Args:
            act: May change the state.
        """
        file = self._locked()
        if file is None:
            return act(self._own, self._clock())
        try:
            now = self._clock()
            self._own = file.read(now)
            result = act(self._own, now)
            file.write(self._own)
            return result
        finally:
            file.unlock()

    def close(self) -> None:
        """Let go of the file; the next change opens it again."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _locked(self) -> "_OpenFile | None":
        if time.monotonic() < self._without_until:
            return None
        try:
            if self._open is None or self._open.is_gone():
                self.close()
                self._open = _OpenFile(self._path)
            self._open.lock()
        except (OSError, ValueError):
            # Not an error of the request: without the file the quota is still kept, by each process for itself.
            self.close()
            self._without_until = time.monotonic() + _DO_WITHOUT_SECONDS
        return self._open


class _OpenFile:
    """The file, open and mapped."""

    def __init__(self, path: Path) -> None:
        if sys.platform == "win32":
            raise OSError("There is no flock.")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        # Clients are not always closed; a descriptor has to be.
        self._closed = weakref.finalize(self, os.close, self._descriptor)
        size = os.fstat(self._descriptor).st_size
        if size < _BYTES:
            # Written and not only sized: on a full disk this fails here, and not as a signal when the map is written.
            os.pwrite(self._descriptor, bytes(_BYTES - size), size)
        self._map = mmap.mmap(self._descriptor, _BYTES)

    def close(self) -> None:
        self._map.close()
        self._closed()

    def is_gone(self) -> bool:
        """Tell whether somebody deleted the file, or shortened it: to touch the map would then kill the process."""
        found = os.fstat(self._descriptor)
        return found.st_nlink == 0 or found.st_size < _BYTES

    def lock(self) -> None:
        """Lock the file.

        Raises:
            OSError: If it cannot be locked, or not soon.
        """
        deadline = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_LOCK_POLL_SECONDS)
            else:
                return

    def unlock(self) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def read(self, now: float) -> QuotaState:
        """Return what the file says; nothing yet if it is new, or damaged, or from before the clock was put back."""
        line = self._map[: max(self._map.find(_LINE_END), 0)]
        checksum, _, text = line.partition(b" ")
        if checksum != b"%08x" % zlib.crc32(text):
            return QuotaState()
        try:
            state = _decoder.decode(text)
        except ValueError:
            return QuotaState()
        return state if state.touched_at <= now + _CLOCKS_APART_SECONDS else QuotaState()

    def write(self, state: QuotaState) -> None:
        text = _encoder.encode(state)
        line = b"%08x %s%s" % (zlib.crc32(text), text, _LINE_END)
        self._map[: len(line)] = line
