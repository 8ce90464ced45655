"""A soak from beginning to end: fill the lake, start the daemon, let things happen, wait for two ticks, judge.

Not here: what happens when (`plan.py`), and what is right (`judge_tables.py`, `judge_versions.py`, `judge_runs.py`).
"""

import time
from collections import deque
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, date, datetime
from pathlib import Path

from partner_assets.automation.catalogue_changes import NAME as CATALOGUE_CHANGES
from partner_assets.automation.catalogue_state import CatalogueState
from partner_assets.automation.day_ranges import RANGE_END, RANGE_START
from partner_assets.automation.jobs import CATALOGUE_ROOTS, ORDERS
from partner_assets.automation.order_changes import NAME as ORDER_CHANGES
from partner_assets.automation.sensor_states import cursor_of, sensor_state
from partner_assets.lake.layout import QUARANTINE_NAME
from partner_assets_tests.soak import records
from partner_assets_tests.soak.catalogue_changer import CatalogueChanger
from partner_assets_tests.soak.happenings import DEAD, DOWN, Happenings
from partner_assets_tests.soak.judge_runs import judge_runs
from partner_assets_tests.soak.judge_tables import (
    differing_catalogue,
    differing_orders,
    differing_parts,
    differing_rejected,
)
from partner_assets_tests.soak.judge_ticks import failed_ticks
from partner_assets_tests.soak.judge_versions import judge_versions, lost_removals
from partner_assets_tests.soak.lake_rows import Row, rows
from partner_assets_tests.soak.order_changer import OrderChanger
from partner_assets_tests.soak.plan import BURST_SECONDS, Plan
from partner_assets_tests.soak.site import SoakSite
from partner_assets_tests.soak.story import Story
from partner_assets_tests.soak.watch import Watch

TICKS = 2
"""Ticks of a sensor within which the lake has to be right after the last change."""

_TICK_SECONDS, _RUN_SECONDS, _LOOK_SECONDS = 150.0, 300.0, 0.5
_MOST_RESTLESS_TURNS = 3

Say = Callable[[str], None]


def run_soak(plan: Plan, folder: Path, say: Say) -> Story:
    """Soak, and judge.

    Args:
        plan: How long, and with which seed.
        folder: Where everything goes; nothing is removed from it.
        say: Told what happens, a line at a time.

    Raises:
        SoakError: If the soak itself cannot go on.
    """
    story = Story(plan)
    with SoakSite(plan, folder) as site:
        conductor = _Conductor(story, site, say)
        conductor.begin()
        with Watch(site.lake, story.ledger) as watch:
            conductor.let_happen()
            conductor.settle()
            watch.look()
        conductor.judge()
    return story


class _Conductor:
    """One soak, step by step."""

    def __init__(self, story: Story, site: SoakSite, say: Say) -> None:
        self._story = story
        self._site = site
        self._say = say
        seed, world = story.plan.seed, site.sandbox.world
        self._orders = OrderChanger(world, site.tell, story.ledger, seed=seed, first=site.first)
        self._catalogue = CatalogueChanger(world, site.tell, story.ledger, seed=seed)

    def begin(self) -> None:
        """Fill the lake and start the daemon."""
        story, site = self._story, self._site
        began = time.monotonic()
        self._catalogue.shrink()
        site.fill()
        story.fill_seconds = time.monotonic() - began
        story.fill_requests = sum(self._requests().values())
        self._say(f"The lake is filled: {story.fill_requests:,} requests in {story.fill_seconds:.0f} s.")
        site.sandbox.control("stats/reset")
        story.started = datetime.now(UTC)
        site.start_daemon()
        self._await_ticks([ORDER_CHANGES], story.started, 1)

    def let_happen(self) -> None:
        """Make changes for as long as planned, while the API and the daemon have their troubles."""
        story, site = self._story, self._site
        fate = Happenings(story, site, self._catalogue)
        events, bursts, began = deque(story.plan.events()), 0, time.monotonic()
        while (second := time.monotonic() - began) < story.plan.seconds or events or not fate.is_over:
            while events and events[0].second <= second:
                event = events.popleft()
                self._say(f"{second:6.0f} s  {event.what}")
                fate.happen(event.what)
            fate.look()
            if second >= bursts * BURST_SECONDS and second < story.plan.seconds:
                self._orders.burst()
                bursts += 1
            site.check_daemon()
            site.commands_under_way()
            time.sleep(_LOOK_SECONDS)

    def settle(self) -> None:
        """Give the sensors two ticks, then let the operator do what the night would; compare the lake each time."""
        story, site = self._story, self._site
        story.quiet = datetime.now(UTC)
        self._say("The last change is made.")
        for _ in range(_MOST_RESTLESS_TURNS):
            stood = self._world_of_orders()
            self._await_ticks([ORDER_CHANGES], datetime.now(UTC))
            self._await_runs()
            # The sandbox's own nature changes an order every hour or so: then all of this again.
            if self._world_of_orders() == stood:
                break
        story.settled_seconds = (datetime.now(UTC) - story.quiet).total_seconds()
        self._complain(f"Within {TICKS} ticks", differing_orders(site, but=story.ledger.removals.keys()))
        self._await_ticks(records.sensors(site.instance), self._roots_read())
        self._await_runs()
        self._complain(f"Within {TICKS} ticks", differing_parts(site, but=self._asked_in_vain()))
        # The feed does not tell of removals, and what is in the parts of the catalogue is read once a day: the night's turn.
        self._say("The night reads all of it again.")
        site.launch(ORDERS, {RANGE_START: str(site.first), RANGE_END: str(site.today)})
        site.read_catalogue()
        self._await_runs()
        self._complain("After the night", differing_orders(site))
        self._complain("After the night", differing_catalogue(site))
        self._complain("After the night", differing_rejected(site))
        story.ended = datetime.now(UTC)

    def _asked_in_vain(self) -> dict[str, set[str]]:
        """Return by job the partitions that runs have failed to bring: the next one comes after minutes, not at the next tick."""
        instance, now = self._site.instance, datetime.now(UTC)
        failed = {run.job for run in records.runs(instance, since=self._story.started) if run.status == "FAILURE"}
        cursor = cursor_of(sensor_state(instance, CATALOGUE_CHANGES))
        wanted = CatalogueState.from_json(cursor).wanted if cursor else {}
        return {job: {key for key, one in wanted.get(job, {}).items() if not one.is_due(now)} for job in failed}

    def _roots_read(self) -> datetime:
        """Return when the operator's last turn was through; if its run had bad luck, the operator tries once more."""
        for is_second_try in (False, True):
            if is_second_try:
                self._site.launch(CATALOGUE_ROOTS)
                self._await_runs()
            for run in records.runs(self._site.instance, since=self._story.last_turn):
                if run.job == CATALOGUE_ROOTS and run.status == "SUCCESS" and run.ended is not None:
                    return run.ended
        self._story.complaints.append("The roots of the catalogue could not be read after the last turn.")
        return self._story.quiet

    def judge(self) -> None:
        """Judge versions, runs and ticks, and gather the numbers."""
        story, site = self._story, self._site
        instance = site.instance
        documents = rows(site.lake, "order_documents")
        reads = records.published_reads(instance)
        story.versions = judge_versions(story.ledger, site.sandbox.world.given.all, reads, documents)
        story.runs = records.runs(instance, since=story.started)
        story.ticks = {name: records.ticks(instance, name) for name in records.sensors(instance)}
        for trouble in story.troubles:
            if trouble.what == DEAD:
                ends = (tick.end for tick in story.ticks[ORDER_CHANGES] if tick.has_ended)
                trouble.end = next((end for end in ends if end > trouble.start), None)
        kept = [tick.start for tick in story.ticks[ORDER_CHANGES] if tick.is_kept]
        story.days = judge_runs(story.runs, self._changes(documents), kept)
        outages = [trouble for trouble in story.troubles if trouble.what == DOWN]
        story.complaints += [
            *story.versions.complaints,
            *lost_removals(story.ledger, documents),
            *story.days.complaints,
            *failed_ticks(story.ticks, outages),
            *(f"set aside: {file}, which nobody has damaged." for file in (site.lake / QUARANTINE_NAME).rglob("*.*")),
        ]
        story.requests = self._requests()

    def _changes(self, documents: list[Row]) -> dict[date, list[datetime]]:
        """Return when the orders of each day changed: what the ledger says, and what the sandbox's nature did."""
        found: dict[date, set[datetime]] = {}
        for version in self._story.ledger.changes():
            found.setdefault(version.day, set()).add(version.updated)
        for row in documents:
            updated = row["last_update_datetime"]
            if updated > self._story.started:
                found.setdefault(row["creation_date"], set()).add(updated)
        return {day: sorted(moments) for day, moments in found.items()}

    def _requests(self) -> dict[str, int]:
        endpoints = self._site.sandbox.stats()["endpoints"]
        return {str(name): int(count) for name, count in dict(endpoints).items()}  # type: ignore[call-overload] # of JSON

    def _world_of_orders(self) -> set[tuple[str, str]]:
        documents = self._site.sandbox.world.order_documents(self._site.first, self._site.today)
        return {(str(document.get("transaction")), str(document.get("lastUpdateDateTime"))) for document in documents}

    def _complain(self, when: str, sentences: Iterable[str]) -> None:
        self._story.complaints += [f"{when}: {sentence}" for sentence in sentences]

    def _await_ticks(self, sensors: Collection[str], since: datetime, count: int = TICKS) -> None:
        """Wait until each of some sensors has looked so often since a moment."""

        def have_ticked() -> bool:
            seen = (records.ticks(self._site.instance, name, after=since) for name in sensors)
            return all(sum(tick.has_ended for tick in ticks) >= count for ticks in seen)

        self._await(f"{count} ticks of {', '.join(sensors)}", have_ticked, _TICK_SECONDS)

    def _await_runs(self) -> None:
        """Wait until nothing is queued or under way any more."""
        site = self._site
        self._await("the shell's commands to end", lambda: not site.commands_under_way(), _RUN_SECONDS)
        if not self._await("the runs to end", lambda: not records.unfinished(site.instance), _RUN_SECONDS):
            for run in records.unfinished(site.instance):
                self._complain("Not ended", [f"{run.job} {run.run_id}, {run.status}, since {run.created:%H:%M:%S}."])

    def _await(self, what: str, has_come: Callable[[], bool], seconds: float) -> bool:
        """Wait for something, but not for ever: that it did not come is a complaint."""
        deadline = time.monotonic() + seconds
        while not has_come():
            self._site.check_daemon()
            if time.monotonic() > deadline:
                self._story.complaints.append(f"Waited {seconds:.0f} s for {what}, in vain.")
                return False
            time.sleep(_LOOK_SECONDS)
        return True
