"""What a file of the lake shows of itself to a reader: enough of every row to see one that is missing, doubled or wrong.

A file is only ever replaced whole, so its rows together must be one of the states that it was given, and never an earlier
one than before. Not here: who asks (`reader.py`), and who knows the states (`worlds.py`).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Face:
    """What is looked at of a table.

    Attributes:
        table: The table; a view of that name shows it.
        part: The column that tells which file a row is in, by its month if it is a day; None if there is one file.
        columns: The columns that are looked at.
        shown: The condition, in SQL, of the rows that are looked at in the files.
    """

    table: str
    part: str | None
    columns: tuple[str, ...]
    shown: str = "true"

    @property
    def selected(self) -> tuple[str, ...]:
        """The columns to select: those that are looked at, and the one that tells the file."""
        return (*((self.part,) if self.part else ()), *self.columns)


FACES = (
    Face("order_documents", "creation_date", ("transaction_id", "last_update_datetime"), "is_current"),
    Face("orders", "creation_date", ("transaction_id", "status", "last_update_datetime")),
    Face("order_lines", "creation_date", ("transaction_id", "line_number", "usage_scope")),
    Face(
        "order_charges", "creation_date", ("transaction_id", "line_number", "charge_number", "distributor_net_amount")
    ),
    Face("accreditations", None, ("accreditation_id", "name"), "valid_to IS NULL"),
    Face(
        "product_prices",
        "price_list_id",
        ("accreditation_id", "product_number", "price_list_status", "revenue_type", "distributor_price"),
        "valid_to IS NULL",
    ),
)

States = Mapping[str, str]
"""By file, such as `orders 2026-03`, the fingerprint of its rows."""


def states(face: Face, rows: Iterable[Sequence[Any]]) -> dict[str, str]:
    """Return the state of each file that rows are of.

    Args:
        face: What was looked at.
        rows: Values of `face.selected`, in any order.
    """
    files: dict[str, list[str]] = {}
    for row in rows:
        part, values = (_part(row[0]), row[1:]) if face.part else ("", row)
        files.setdefault(f"{face.table} {part}".strip(), []).append(repr([_plain(value) for value in values]))
    return {file: hashlib.sha256("\n".join(sorted(shown)).encode()).hexdigest()[:16] for file, shown in files.items()}


def _part(value: Any) -> str:
    return f"{value:%Y-%m}" if isinstance(value, date) else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return f"{value:.2f}" if isinstance(value, Decimal) else value


class Announcements:
    """The states that files may be in, in their order, in a file that readers follow.

    Args:
        file: Where they are written down, before the first process can bring them about.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._read = 0
        self._places: dict[tuple[str, str], list[int]] = {}
        self._count = 0

    def announce(self, now: States) -> None:
        """Write down what is true from now on."""
        with self.file.open("a") as file:
            file.write(json.dumps(now) + "\n")

    def places(self, file: str, state: str) -> list[int]:
        """Return at which of the announcements a file was in a state; nothing if it never was."""
        if (file, state) not in self._places:
            self._catch_up()
        return self._places.get((file, state), [])

    def files(self) -> set[str]:
        """Return the files that there were from the first announcement on."""
        self._catch_up()
        return {file for (file, _), places in self._places.items() if places[0] == 0}

    def newest(self) -> States:
        """Return what was announced last."""
        self._catch_up()
        return {file: state for (file, state), places in self._places.items() if places[-1] == self._count - 1}

    def _catch_up(self) -> None:
        with self.file.open() as lines:
            lines.seek(self._read)
            for line in iter(lines.readline, ""):
                for file, state in json.loads(line).items():
                    self._places.setdefault((file, state), []).append(self._count)
                self._count += 1
            self._read = lines.tell()
