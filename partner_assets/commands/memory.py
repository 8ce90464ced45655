"""How a process gives memory back to the system once it is free, instead of keeping it for later.

A run takes most of its memory when it writes a month, and little in between. Left alone, what it needed for the largest
month is kept, in pieces, for the rest of the run. What runs hold themselves is decided where they are made (`materialization/`).
"""

import ctypes
import os
import sys

_MEGABYTE = str(1024 * 1024)

SPARING = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_TRIM_THRESHOLD_": _MEGABYTE,
    "MALLOC_MMAP_THRESHOLD_": _MEGABYTE,
}
"""What tells Arrow and glibc to do so, as variables of the environment: a quarter less memory for a run over 100 days,
for some three hundredths of its time (`docs/performance.md`)."""

_OPTIONS = {"MALLOC_TRIM_THRESHOLD_": -1, "MALLOC_MMAP_THRESHOLD_": -3}
"""What glibc's `malloc.h` calls M_TRIM_THRESHOLD and M_MMAP_THRESHOLD."""


def spare_memory() -> None:
    """Let this process, and those that it starts, give memory back; whatever its environment says already stays as it is.

    To be called before Arrow is imported, which reads its variable when it first needs memory. glibc read its own when the
    process began, so it is told directly; other C libraries have no such options.
    """
    for name in SPARING.keys() - os.environ.keys():
        os.environ[name] = SPARING[name]
        if name in _OPTIONS and sys.platform == "linux":
            tell = getattr(ctypes.CDLL(None), "mallopt", None)
            if tell is not None:
                tell(_OPTIONS[name], int(SPARING[name]))
