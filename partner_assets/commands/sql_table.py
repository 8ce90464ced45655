"""How an answer becomes a table that fits the screen.

Numbers, dates and times are never cut: a shortened number is a wrong one. Texts are, then names are folded, and only then
columns are left out, which the last line says. Not here: how a value becomes a text (`sql_formats.py`).
"""

import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import StringIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

GAP = 2
MOST_ROWS = 100
"""Rows shown on a terminal, where more would only scroll by."""

NARROWEST_TEXT, WIDEST_TEXT = 14, 60
NULL = "NULL"
_UNLIMITED = 1_000_000
_NUMBERS = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL.*|FLOAT|DOUBLE|BIGNUM", re.IGNORECASE)
_TEXTS = re.compile(r"VARCHAR|JSON|BLOB|.*\[\]|STRUCT.*|MAP.*|UNION.*|ENUM.*", re.IGNORECASE)

_MOVING = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)
"""Controls, ends of lines, what turns the direction of writing, halves of signs. Not the blanks and joiners of other scripts."""


@dataclass(frozen=True)
class Answer:
    """An answer as text.

    Attributes:
        names: The columns' names.
        types: Their DuckDB types.
        rows: The values as text, None for NULL.
    """

    names: Sequence[str]
    types: Sequence[str]
    rows: Sequence[Sequence[str | None]]


@dataclass(frozen=True)
class _Column:
    name: str
    is_number: bool
    is_text: bool
    cells: Sequence[str | None]
    width: int = 0

    @property
    def content_width(self) -> int:
        return max((cell_len(NULL if cell is None else cell) for cell in self.cells), default=0)

    @property
    def folded_width(self) -> int:
        """Width at which the name, folded at its underscores, and every value fit."""
        return max(self.content_width, *map(cell_len, _parts(self.name)), 1)

    @property
    def full_width(self) -> int:
        return max(self.content_width, cell_len(self.name))


def render(answer: Answer, *, is_screen: bool) -> str:
    """Return the table and the line below it.

    Args:
        answer: What to show.
        is_screen: True if it goes to standard output, which may be a terminal with a width and colours.
    """
    is_terminal = is_screen and sys.stdout.isatty()
    # A pipe has no width, unless COLUMNS gives it one; then nothing is cut.
    width = shutil.get_terminal_size((_UNLIMITED, 0)).columns if is_screen else _UNLIMITED
    rows = answer.rows[:MOST_ROWS] if is_terminal else answer.rows
    columns = [
        _Column(
            _visible(name),
            _NUMBERS.fullmatch(kind) is not None,
            _TEXTS.fullmatch(kind) is not None,
            [None if row[index] is None else _visible(str(row[index])) for row in rows],
        )
        for index, (name, kind) in enumerate(zip(answer.names, answer.types, strict=True))
    ]
    fitting = _fitted(columns, width)
    if len(fitting) < len(columns) and len(rows) == 1:
        return _draw(_upright(columns, width), is_terminal, _footer(answer, 1, len(columns)))
    return _draw(fitting, is_terminal, _footer(answer, len(rows), len(fitting)))


def _fitted(columns: Sequence[_Column], width: int) -> list[_Column]:
    """Return as many columns as fit, each with its width: first in full, then texts cut, then names folded."""
    for widths in ([column.full_width for column in columns], [column.folded_width for column in columns]):
        if _total(widths) <= width:
            return [replace(column, width=wide) for column, wide in zip(columns, widths, strict=True)]
    for count in range(len(columns), 0, -1):
        kept = columns[:count]
        for cap in range(WIDEST_TEXT, NARROWEST_TEXT - 1, -1):
            widths = [_capped(column, cap) for column in kept]
            if _total(widths) <= width:
                return [replace(column, width=wide) for column, wide in zip(kept, widths, strict=True)]
    return [replace(column, width=width) for column in columns[:1]]


def _capped(column: _Column, cap: int) -> int:
    return min(column.folded_width, cap) if column.is_text else column.folded_width


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * max(len(widths) - 1, 0)


def _upright(columns: Sequence[_Column], width: int) -> list[_Column]:
    """Return a single row that is too wide as two columns: names and values."""
    names = _Column("column", False, True, [column.name for column in columns])
    values = _Column("value", False, True, [column.cells[0] for column in columns])
    first = names.full_width
    return [replace(names, width=first), replace(values, width=max(min(values.full_width, width - first - GAP), 1))]


def _draw(columns: Sequence[_Column], is_terminal: bool, footer: str) -> str:
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), show_edge=False)
    for column in columns:
        table.add_column(
            Text("\n".join(_folded(column.name, column.width)), style="bold"),
            justify="right" if column.is_number else "left",
            vertical="bottom",
            width=column.width,
            no_wrap=True,
            overflow="ellipsis",
        )
    table.add_row(*(Text("─" * column.width, style="dim") for column in columns))
    for row in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*(Text(NULL, style="dim italic") if cell is None else Text(cell) for cell in row))
    total = _total([column.width for column in columns]) + GAP
    file = StringIO()
    console = Console(file=file, force_terminal=is_terminal, width=total, highlight=False, emoji=False, markup=False)
    if columns:
        console.print(table, no_wrap=True)
    console.print(Text(footer, style="dim"), soft_wrap=True)
    lines = file.getvalue().split("\n")
    return "\n".join(line if is_terminal else line.rstrip() for line in lines)


def _folded(name: str, width: int) -> list[str]:
    """Return a name in as many lines as it needs, broken behind underscores."""
    lines = [""]
    for part in _parts(name):
        if lines[-1] and cell_len(lines[-1] + part) > width:
            lines.append("")
        lines[-1] += part
    return lines


def _parts(name: str) -> list[str]:
    return re.findall(r"[^_]*_|[^_]+$", name)


def _footer(answer: Answer, rows: int, columns: int) -> str:
    total = len(answer.rows)
    told = f"{total:,} row{'' if total == 1 else 's'}"
    if rows < total:
        told += f", the first {rows} shown"
    if columns < len(answer.names):
        told += f", {columns} of {len(answer.names)} columns shown"
    is_whole = rows == total and columns == len(answer.names)
    return told if is_whole else f"{told}; --format csv gives all"


def _visible(text: str) -> str:
    """Return a text without what would move the cursor: data must not be able to draw on a terminal."""
    return "".join(sign.encode("unicode_escape").decode() if _MOVING.match(sign) else sign for sign in text)
