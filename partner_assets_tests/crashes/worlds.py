"""What is true: a sandbox that changes between runs, or numbered contents that a loop writes. Both announce it beforehand.

Not here: how readers compare (`faces.py`).
"""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from partner_assets.lake import catalogue
from partner_assets.lake.store import Change, Lake
from partner_assets.sandbox.server import RunningSandbox, SandboxConfig
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_lines import ORDER_LINES
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.record import Row
from partner_assets_tests.crashes.faces import FACES, Announcements, States, states
from partner_assets_tests.crashes.victims import Run
from partner_assets_tests.lake.rows import charge, line, order
from partner_assets_tests.materialization.expected_rows import Expected, expected_catalogue, expected_orders
from partner_assets_tests.materialization.site import KEY, NOW, TODAY, shrink_catalogue

FIRST = TODAY - timedelta(days=13)
PRICE_LISTS, ACCREDITATIONS = 2, 3
_DICE = secrets.SystemRandom()


class ChangingWorld:
    """A sandbox of two months, three accreditations and two price lists, in which some of everything changes.

    Args:
        sandbox: The sandbox.
        announcements: Where the truth is announced.
    """

    def __init__(self, sandbox: RunningSandbox, announcements: Announcements) -> None:
        self._sandbox = sandbox
        self._announcements = announcements
        self._generation = 0
        shrink_catalogue(sandbox, accreditations=ACCREDITATIONS, price_lists=PRICE_LISTS)
        countries: list[Any] = list(sandbox.world.price_lists())
        self._lists = sorted({one["id"] for country in countries for one in country["priceLists"]})
        announcements.announce(self.truth())

    def work(self) -> Run:
        """Return the work of a run over all of it."""
        return Run(FIRST, TODAY)

    def variables(self, lake: Path, home: Path) -> dict[str, str]:
        """Return the environment of a run."""
        return {
            "PARTNER_API_BASE_URL": self._sandbox.base_url,
            "PARTNER_API_KEY": KEY,
            "PARTNER_LAKE": str(lake),
            "PARTNER_ORDERS_START": FIRST.isoformat(),
            "DAGSTER_HOME": str(home),
            "DAGSTER_DISABLE_TELEMETRY": "1",
        }

    def change(self) -> None:
        """Change some orders of both months, add one or take one away, and change prices and names."""
        self._generation += 1
        control = self._sandbox.control
        control("clock", advance_seconds=60)
        documents = list(self._sandbox.world.order_documents(FIRST, TODAY))
        ids = [document["transaction"]["id"] for document in documents]
        control("orders/change", ids=_DICE.sample(ids, 6))
        if self._generation % 3 == 0:
            day = FIRST + timedelta(days=_DICE.randrange(14))
            control("orders/add", creationDateTime=f"{day}T00:00:{self._generation % 60:02d}Z")
        elif self._generation % 3 == 1 and len(ids) > 60:
            control("orders/remove", id=_DICE.choice(ids))
        control("prices/change", priceListId=_DICE.choice(self._lists), percent=100 + self._generation)
        name = f"Portfolio {self._generation}"
        control("accreditations/change", id=_DICE.choice(self._accreditations()), fields={"name": name})
        self._announcements.announce(self.truth())

    def expected(self) -> tuple[Expected, Expected]:
        """Return what the tables of orders, and of the catalogue, ought to hold now."""
        world = self._sandbox.world
        return expected_orders(world.order_documents(FIRST, TODAY)), expected_catalogue(world)

    def truth(self) -> States:
        """Return the state that every file ought to be in now."""
        rows = {table: rows for expected in self.expected() for table, rows in expected.rows.items()}
        return {
            file: state
            for face in FACES
            for file, state in states(face, [[row[name] for name in face.selected] for row in rows[face.table]]).items()
        }

    def _accreditations(self) -> list[str]:
        return [str(one["id"]) for one in self._sandbox.world.accreditations()]


@contextmanager
def changing_world(announcements: Announcements) -> Iterator[ChangingWorld]:
    """Start a sandbox for a campaign."""
    config = SandboxConfig(days=14, orders_per_day=8, now=NOW, api_keys=(KEY,))
    with RunningSandbox(config) as sandbox:
        yield ChangingWorld(sandbox, announcements)


MONTHS = (date(2026, 2, 1), date(2026, 3, 1))
TABLES: dict[Any, Callable[..., Row]] = {ORDERS: order, ORDER_LINES: line, ORDER_CHARGES: charge}
FILES = len(MONTHS) * len(TABLES)


@dataclass(frozen=True)
class Numbered:
    """Work that replaces two months of three tables with one numbered content after the other, and builds the catalogue.

    Attributes:
        lake: The lake's folder.
        first: The first number.
        last: The last number.
        pause: Seconds between two files; 0 to replace all of a content together.
    """

    lake: Path
    first: int
    last: int
    pause: float = 0.0

    def __call__(self) -> int:
        """Write; return the exit code."""
        lake = Lake(self.lake, "main")
        for number in range(self.first, self.last + 1):
            changes = [Change(table, [(day,) for day in MONTHS], rows) for table, rows in contents(number).items()]
            for together in [[change] for each in changes for change in _by_month(each)] if self.pause else [changes]:
                lake.replace(together, lineage={"run_id": str(number)})
                time.sleep(self.pause)
            if number % 3 == 1:
                catalogue.build(self.lake)
        return 0


def _by_month(change: Change) -> list[Change]:
    place = change.table.column_names.index("creation_date")
    return [replace(change, slices=[(day,)], rows=[row for row in change.rows if row[place] == day]) for day in MONTHS]


def contents(number: int) -> dict[Any, list[Row]]:
    """Return the rows of each table in a numbered content; how many there are changes too."""
    stamps: dict[Any, dict[str, Any]] = {
        ORDERS: {"status": f"content {number}"},
        ORDER_LINES: {"usage_scope": f"content {number}"},
        ORDER_CHARGES: {"distributor_net_amount": Decimal(number)},
    }
    return {
        table: [
            made(month.month * 1_000 + row, day=month, **stamps[table])
            for month in MONTHS
            for row in range(30 + number % 7)
        ]
        for table, made in TABLES.items()
    }


def announce_contents(announcements: Announcements, first: int, last: int) -> None:
    """Announce numbered contents before they are written."""
    faces = {face.table: face for face in FACES}
    for number in range(first, last + 1):
        now: dict[str, str] = {}
        for table, rows in contents(number).items():
            face = faces[table.name]
            places = [table.column_names.index(name) for name in face.selected]
            now |= states(face, [[row[place] for place in places] for row in rows])
        announcements.announce(now)
