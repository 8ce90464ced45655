"""Lets happen what the plan says: the API goes down and comes back, answers slowly, the daemon dies and is started.

Not here: when (`plan.py`), and the changes to orders (`order_changer.py`).
"""

import time
from datetime import UTC, datetime

from partner_assets.automation.jobs import CATALOGUE_ROOTS
from partner_assets_tests.soak import records
from partner_assets_tests.soak.catalogue_changer import CatalogueChanger
from partner_assets_tests.soak.lake_rows import current
from partner_assets_tests.soak.plan import SLOW_ANSWER_MS, Happening
from partner_assets_tests.soak.site import SoakSite
from partner_assets_tests.soak.story import Story, Trouble

DOWN, SLOW, DEAD = "API down", "API slow", "no daemon"

_PATIENCE_SECONDS = 15.0
"""How long the death of the daemon waits for a run to be under way, so that it interrupts something."""

_DEAD_SECONDS = 3.0


class Happenings:
    """The hand of fate.

    Args:
        story: Where troubles are written down.
        site: What it strikes.
        catalogue: Changes the catalogue, before the operator has it read.
    """

    def __init__(self, story: Story, site: SoakSite, catalogue: CatalogueChanger) -> None:
        self._story = story
        self._site = site
        self._catalogue = catalogue
        self._under_way: dict[str, Trouble] = {}
        self._kill_by: float | None = None
        self._start_at: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether the daemon lives and nothing is about to happen to it."""
        return self._kill_by is None and self._start_at is None

    def happen(self, what: Happening) -> None:
        """Let something happen; a death only comes with the next `look` at which a run is under way."""
        site = self._site
        if what == "catalogue":
            self._catalogue.turn({row["price_list_id"] for row in current(site.lake, "price_lists")})
            site.launch(CATALOGUE_ROOTS)
            self._story.last_turn = datetime.now(UTC)
        elif what == "down":
            site.go_down()
            self._begin(DOWN)
        elif what == "up":
            site.come_back()
            self._end(DOWN)
        elif what == "slow":
            site.sandbox.control("latency", latency_ms=SLOW_ANSWER_MS)
            self._begin(SLOW)
        elif what == "quick":
            site.sandbox.control("latency", latency_ms=0)
            self._end(SLOW)
        elif what == "kill":
            self._kill_by = time.monotonic() + _PATIENCE_SECONDS

    def look(self) -> None:
        """Kill the daemon, or start it, if it is time."""
        now = time.monotonic()
        if self._kill_by is not None and (records.is_running(self._site.instance) or now > self._kill_by):
            self._site.kill_daemon()
            # It ends with the first tick after it, which the instance knows better (`conduct.py`).
            self._story.troubles.append(Trouble(DEAD, datetime.now(UTC)))
            self._kill_by, self._start_at = None, now + _DEAD_SECONDS
        elif self._start_at is not None and now > self._start_at:
            self._site.start_daemon()
            self._start_at = None

    def _begin(self, what: str) -> None:
        self._under_way[what] = Trouble(what, datetime.now(UTC))
        self._story.troubles.append(self._under_way[what])

    def _end(self, what: str) -> None:
        self._under_way.pop(what).end = datetime.now(UTC)
