"""SQL text out of Python values: names, literals, patterns, code maps. No statement of its own."""

from collections.abc import Mapping


def name(identifier: str) -> str:
    """Quote an identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str | None) -> str:
    """Quote a text, or give NULL for None."""
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


def as_pattern(path: str) -> str:
    """Return an expression for a pattern of files that matches one path and no other, whatever signs it holds.

    Args:
        path: An expression for the path.
    """
    return rf"regexp_replace({path}, '([[*?])', '[\1]', 'g')"


def label_of(column: str, labels: Mapping[str, str]) -> str:
    """Return an expression for the label of a code, null for a code without one.

    A map and not a join: the labels are constants, and a view that joins a table per code pays for all of them in
    every query, even if no label is selected.
    """
    pairs = ", ".join(f"{text(code)}: {text(label)}" for code, label in labels.items())
    return f"MAP {{{pairs}}}[CAST({column} AS VARCHAR)]"
