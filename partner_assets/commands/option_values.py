"""What a person types after an option, as values: days, moments, faults with their rates. Or a sentence on how to type it.

Not here: which options there are (`cli.py`).
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click


class NamedPath(click.Path):
    """A path with a name: an empty text, as of a variable that is not set, would be the folder that one is in."""

    def __init__(self, example: str, **rules: Any) -> None:
        super().__init__(path_type=Path, **rules)
        self._example = example

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path."""
        if value == "":
            raise click.BadParameter(f"An empty text is no name: write it like {self._example}.", ctx, param)
        return super().convert(value, param, ctx)


def day(ctx: click.Context, param: click.Parameter, value: str | None) -> date | None:
    """Return a day."""
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a day: write it like 2026-03-01.") from None


def moment(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """Return a moment; one without an offset could be any of twenty-four."""
    try:
        told = None if value is None else datetime.fromisoformat(value)
        if told is None or told.tzinfo is not None:
            return told
    except ValueError:
        pass
    raise click.BadParameter(f"{value!r} is no moment with an offset: write it like 2026-03-15T12:00:00Z.")


def faults(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, float]:
    """Return the rate of each fault by its name."""
    rates = {}
    for value in values:
        name, _, rate = value.partition("=")
        try:
            rates[name.replace("-", "_")] = float(rate)
        except ValueError:
            raise click.BadParameter(f"{value!r} is no fault with its rate: write it like too_many=0.1.") from None
    return rates
