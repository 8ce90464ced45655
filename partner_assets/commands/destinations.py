"""Where an answer goes: standard output, a file that takes its name only when whole, or what is no file and stays what it is.

Not here: how an answer is written (`sql_formats.py`).
"""

import contextlib
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click


@contextmanager
def destination(output: Path | None) -> Iterator[BinaryIO]:
    """Open what an answer is written to.

    A file is replaced when all of the answer has been written, keeps its mode, and is found through links, which stay. A
    pipe, a device or a terminal is written into: put in its place, a file would take it away from everybody.

    Args:
        output: What to write to; standard output if None.

    Raises:
        click.ClickException: If it cannot be written.
    """
    if output is None:
        with _standard_output() as out:
            yield out
        return
    try:
        facts = _facts(output)
        if facts is not None and _is_standard_output(facts):
            # Opened by its name, /dev/stdout would empty the file that a shell has put behind it with >>.
            with _standard_output() as out:
                yield out
        elif facts is not None and not stat.S_ISREG(facts.st_mode):
            with output.open("wb") as out:
                yield out
        else:
            with _whole(output.resolve(), facts) as out:
                yield out
    except BrokenPipeError:
        raise
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {(error.strerror or str(error)).lower()}.") from None


@contextmanager
def _whole(file: Path, facts: os.stat_result | None) -> Iterator[BinaryIO]:
    """Open a new file that takes the place of a file, and its mode, when all is written."""
    if facts is not None and not os.access(file, os.W_OK):
        file.open("ab").close()  # refuses in the system's words; to replace it would need leave of the folder only
    # Not of the file's own name, which may be as long as a name can be; and of two who write at once, none has the other's.
    partial = file.with_name(f".{secrets.token_hex(8)}.partial")
    try:
        with partial.open("xb") as out:
            yield out
            if facts is not None:
                os.fchmod(out.fileno(), stat.S_IMODE(facts.st_mode))
        partial.replace(file)
    finally:
        # A folder that is gone, or was never there, has been told of already.
        with contextlib.suppress(OSError):
            partial.unlink()


@contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    if sys.stdout is None:
        raise click.ClickException("Standard output is closed: leave >&- away, or name a file with --output.")
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


def _facts(output: Path) -> os.stat_result | None:
    """Return what is known of a file behind all links; None if there is none yet."""
    try:
        return output.stat()
    except FileNotFoundError:
        return None


def _is_standard_output(facts: os.stat_result) -> bool:
    # There may be none, or one that is no file of the system.
    with contextlib.suppress(OSError, AttributeError, ValueError):
        return os.path.samestat(facts, os.fstat(sys.stdout.fileno()))
    return False
