"""Looks into the lake every second, and notes when a change to an order is first seen there.

An observer from outside: it knows the files and not Dagster, so it says what an analyst would have seen.
"""

import threading
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from partner_assets_tests.soak.lake_rows import files, rows
from partner_assets_tests.soak.ledger import Ledger

_LOOK_SECONDS = 1.0
_TABLE, _COLUMNS = "orders", ("transaction_id", "last_update_datetime")


class Watch:
    """A thread that looks, for the length of a `with` block.

    Args:
        lake: The folder of the tables.
        ledger: What is waited for, and where it is noted.
    """

    def __init__(self, lake: Path, ledger: Ledger) -> None:
        self._lake = lake
        self._ledger = ledger
        self._seen: dict[Path, int] = {}
        self._held: dict[str, datetime] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="soak-watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            self.look()

    def look(self) -> None:
        """Note what has arrived since the last look."""
        stamps = {file: file.stat().st_mtime_ns for file in files(self._lake, _TABLE)}
        if stamps != self._seen:
            self._seen = stamps
            found = rows(self._lake, _TABLE, _COLUMNS)
            self._held = {row["transaction_id"]: row["last_update_datetime"] for row in found}
        now = datetime.now(UTC)
        for version in self._ledger.waiting():
            held = self._held.get(version.order)
            if held is not None and held >= version.updated:
                version.landed = now
