"""The group of all verbs: their order in the help, and how an error becomes a sentence and an exit code.

Not here: what a verb is called with (`cli.py`), and what it does (the files beside this one).
"""

import os
import sys
from typing import Any

import click

EXIT_FAILED, EXIT_SETTINGS, EXIT_INTERRUPTED, EXIT_BROKEN_PIPE = 1, 2, 130, 141

VERBS = ("run", "backfill", "rebuild", "catalogue", "sql", "doctor", "ui", "key", "sandbox", "demo")
"""The verbs, the most used first."""


class Verbs(click.Group):
    """The group of all verbs: lists them by use, and turns the errors that a person can mend into sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of the help."""
        return [name for name in VERBS if name in self.commands]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; what it raises ends here, unless it is a bug."""
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except KeyboardInterrupt:
            ctx.exit(EXIT_INTERRUPTED)
        except BrokenPipeError:
            # The reader has gone, as after `| head`.
            _give_up_standard_output()
            ctx.exit(EXIT_BROKEN_PIPE)
        except Exception as error:  # classified below, and raised again unless it is one that a person can mend
            if _is_interrupt(error):
                ctx.exit(EXIT_INTERRUPTED)
            if isinstance(error, OSError) and _is_of_standard_output(error):
                _give_up_standard_output()
                click.echo(f"Standard output cannot be written: {(error.strerror or '').lower()}.", err=True)
                ctx.exit(EXIT_FAILED)
            code = exit_code(error)
            if code is None:
                raise
            click.echo(str(error), err=True)
            ctx.exit(code)


def exit_code(error: Exception) -> int | None:
    """Return the exit code for an error that a person can mend, None for any other.

    Args:
        error: What a verb raised.
    """
    from partner_assets.api.errors import PartnerApiError
    from partner_assets.lake.errors import LakeError
    from partner_assets.settings import SettingsError

    if isinstance(error, SettingsError):
        return EXIT_SETTINGS
    if isinstance(error, PartnerApiError | LakeError):
        return EXIT_FAILED
    # Without a number it is not the operating system's but our own sentence: there is no catalogue yet.
    if isinstance(error, FileNotFoundError) and error.errno is None:
        return EXIT_FAILED
    return None


def _is_interrupt(error: Exception) -> bool:
    """Tell whether an error is what DuckDB makes of Ctrl+C that it has noticed by itself."""
    return isinstance(error, RuntimeError) and str(error) == "Query interrupted"


def _is_of_standard_output(error: OSError) -> bool:
    """Tell whether it was standard output that could not be written: such an error names no file, as others do not either.

    A line more is tried. If it can be written, the error is another's: a bug, whose trace follows the line.
    """
    if error.errno is None or error.filename is not None or sys.stdout is None:
        return False
    try:
        os.write(sys.stdout.fileno(), b"\n")
    except OSError as again:
        return again.errno == error.errno
    return False


def _give_up_standard_output() -> None:
    """Let what is still buffered go nowhere: it must not fail again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
