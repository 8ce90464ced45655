"""The tables of `docs/errors.md`, row by row, and the pattern that the words in the first column stand for.

Not here: where the messages come from (`scene.py`, and the files of producers).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "errors.md"

PLACES: Mapping[str, str] = {
    "…": ".*",
    "N": r"[\d,.]+",
    "DAY": r"\d{4}-\d\d-\d\d",
    "FILE": r"\S+",
    "TABLE": "[a-z_]+",
    "COLUMN": r"[A-Za-z_.]+",
    "VARIABLE": "PARTNER_[A-Z_]+",
    "REASON": ".+",
}
"""What a placeholder in the first column stands for."""

_PLACE = re.compile(rf"…|(?<![\w-])(?:{'|'.join(name for name in PLACES if name != '…')})(?![\w=-])")
_ROW = re.compile(r"^\| `(?P<seen>[^`]+)` \| (?P<means>.+?) \| (?P<does>.+?) \|$")


@dataclass(frozen=True)
class Row:
    """One message.

    Attributes:
        group: The heading that it stands under.
        seen: Its fixed words, with placeholders.
        means: What it means.
        does: What to do.
    """

    group: str
    seen: str
    means: str
    does: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """What a message of the row looks like, wherever it stands in a text without line breaks."""
        pieces, places = self.fragments, _PLACE.findall(self.seen)
        found = [
            re.escape(piece) + (PLACES[place] if place else "")
            for piece, place in zip(pieces, [*places, ""], strict=True)
        ]
        return re.compile("".join(found))

    @property
    def fragments(self) -> list[str]:
        """Its fixed words between the placeholders, empty texts included."""
        return _PLACE.split(self.seen)


def all_rows() -> list[Row]:
    """Return every row, in the order of the document.

    Raises:
        ValueError: If a line of a table is no row of three cells with code in the first.
    """
    rows, group = [], ""
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            group = line.removeprefix("## ")
        if not line.startswith("|") or line.startswith(("| what you see", "|---")):
            continue
        match = _ROW.fullmatch(line)
        if match is None:
            raise ValueError(f"No row of three cells with code in the first: {line}")
        rows.append(Row(group, **match.groupdict()))
    return rows
