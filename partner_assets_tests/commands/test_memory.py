"""Memory goes back to the system when it is free, in the processes that our commands are.

Each test looks into a process of its own: what malloc was told once stays told.
"""

import subprocess
import sys

import pytest

from partner_assets_tests.commands.shell import environment

COUNT_MAPPED = """
import ctypes
from partner_assets.commands.memory import spare_memory

class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks".split()]
    _fields_ += [("fordblks", ctypes.c_size_t), ("keepcost", ctypes.c_size_t)]

libc = ctypes.CDLL(None)
libc.mallinfo2.restype = Info
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
if SPARES:
    spare_memory()
mapped = []
for _ in range(2):
    before = libc.mallinfo2().hblks
    block = libc.malloc(8 << 20)
    mapped.append(libc.mallinfo2().hblks - before)
    libc.free(block)
print(mapped)
"""

POOL_AFTER = """
import sys
from partner_assets.cli import main
sys.argv = ["partner-assets", VERB, *OPTIONS]
try:
    main()
except SystemExit:
    import pyarrow
    print(pyarrow.default_memory_pool().backend_name)
"""


def printed(code: str, **variables: str) -> str:
    """Return what a program of Python prints, in an environment without settings but with some variables."""
    given = environment(**variables)
    return subprocess.run(
        [sys.executable, "-c", code], env=given, capture_output=True, text=True, check=True, timeout=60
    ).stdout.strip()


@pytest.mark.skipif(sys.platform != "linux", reason="other C libraries cannot be told")
def test_large_memory_is_the_systems_again_as_soon_as_it_is_free() -> None:
    """Guards against a run that keeps what its largest month took: left alone, glibc keeps every block but the first."""
    assert printed(COUNT_MAPPED.replace("SPARES", "False")) == "[1, 0]"
    assert printed(COUNT_MAPPED.replace("SPARES", "True")) == "[1, 1]"


@pytest.mark.parametrize("verb", ["run", "backfill", "rebuild"])
def test_commands_that_write_the_lake_have_arrow_use_that_memory(verb: str) -> None:
    """Guards against a call that comes after Arrow has chosen its own pool, and changes nothing."""
    options = '["--from", "2026-03-01"]' if verb == "backfill" else "[]"
    code = POOL_AFTER.replace("VERB", f'"{verb}"').replace("OPTIONS", options)
    assert printed(code) == "system"


def test_what_the_environment_says_stays_as_it_is() -> None:
    """Guards against an operator's own choice that is overruled without a word."""
    code = POOL_AFTER.replace("VERB", '"run"').replace("OPTIONS", "[]")
    assert printed(code, ARROW_DEFAULT_MEMORY_POOL="mimalloc") == "mimalloc"
