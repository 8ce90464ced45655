"""The statement that `sql` is to ask: what was typed, or what comes from standard input, as text."""

import os
import sys

import click


def statement_of(argument: str) -> str:
    """Return a statement.

    Args:
        argument: What was typed; - to read it from standard input.

    Raises:
        click.ClickException: If it is not UTF-8, or standard input cannot be read.
    """
    if argument != "-":
        # Where the locale knows no more than ASCII, what was typed comes with bytes in it that are no letters.
        is_text = not any("\ud800" <= sign <= "\udfff" for sign in argument)
        return argument if is_text else _text(os.fsencode(argument))
    if sys.stdin is None:
        raise click.ClickException("Standard input is closed: leave <&- away, or write the statement in place of -.")
    try:
        typed = sys.stdin.buffer.read()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise click.ClickException(
            f"Standard input cannot be read: {reason}. Write it like: partner-assets sql - < question.sql"
        ) from None
    return _text(typed)


def _text(typed: bytes) -> str:
    try:
        return typed.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.ClickException(
            f"The statement is not UTF-8: byte {error.start + 1} is 0x{typed[error.start]:02x}. Save it as UTF-8, as in: "
            "iconv -f LATIN1 -t UTF-8 question.sql | partner-assets sql -"
        ) from None
