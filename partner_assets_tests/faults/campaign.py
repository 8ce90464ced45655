"""Every fault at every endpoint, in four ways: what is run, and what came of each.

Not here: how one run is made and judged (`stage.py`, `verdicts.py`), and all faults at once (`mixture.py`).
"""

import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from partner_assets.sandbox.fault_plans import PAGE_PROFILES, PROFILES
from partner_assets_tests.faults.places import PLACES, Place
from partner_assets_tests.faults.stage import Plans, Stage, opened
from partner_assets_tests.faults.verdicts import Outcome, Verdict


@dataclass(frozen=True)
class Way:
    """How a fault is tried.

    Attributes:
        is_always: Whether every request meets it; else three in ten, or, at a place of one or two requests, the first two.
        begins_empty: Whether the lake has nothing yet, rather than what was true before the world changed.
        most: The fault happens at most so often; None for no bound.
    """

    is_always: bool
    begins_empty: bool
    most: int | None = None


WAYS = tuple(Way(is_always, begins_empty) for is_always in (True, False) for begins_empty in (False, True))

_NOW_AND_THEN: dict[str, object] = {"rate": 0.3}
_FIRST_TWO: dict[str, object] = {"rate": 1, "count": 2}

BOUNDED = {"gzip_bomb": 4, "huge_answer": 4}
"""How often the faults happen that take memory and seconds: a few of them tell as much as a hundred."""

SECONDS = {"slow_headers": 0.2, "slow_body": 0.2, "stall": 60}
"""How long the slow ones take: less than the client's read timeout, or far more."""


@dataclass
class Cell:
    """What came of a fault at a place.

    Attributes:
        place: Where.
        profile: Which fault.
        verdicts: One for each way.
        requests: How many were made in all ways together.
        met: How many of them met the fault.
        seconds: How long it took, the clean runs included.
        healed: Runs that failed, after which one without faults brought the truth.
        unhealed: What was wrong after those after which it did not.
    """

    place: Place
    profile: str
    verdicts: list[Verdict] = field(default_factory=list)
    requests: int = 0
    met: int = 0
    seconds: float = 0.0
    healed: int = 0
    unhealed: list[str] = field(default_factory=list)

    @property
    def letters(self) -> str:
        """The outcome of each way."""
        return "".join(verdict.outcome.value for verdict in self.verdicts)

    def count(self, outcome: Outcome) -> int:
        """Count the runs that ended so."""
        return sum(verdict.outcome is outcome for verdict in self.verdicts)


def plans(profile: str, place: Place, way: Way) -> Plans:
    """Return a fault as the sandbox takes it."""
    often = {"rate": 1} if way.is_always else _NOW_AND_THEN if place.has_many_requests else _FIRST_TWO
    most = BOUNDED.get(profile) if way.most is None else way.most
    bounds: dict[str, object] = {} if most is None else {"count": most}
    seconds: dict[str, object] = {"seconds": SECONDS[profile]} if profile in SECONDS else {}
    return {profile: {**often, **bounds, **seconds, "endpoints": [place.endpoint]}}


def play(stage: Stage, profile: str, ways: Iterable[Way] = WAYS) -> Cell:
    """Try a fault at a place."""
    cell = Cell(stage.place, profile)
    started = time.monotonic()
    for way in ways:
        # A seed of its own, or every fault would meet the same requests.
        seed = zlib.crc32(f"{stage.place.endpoint} {profile} {way}".encode())
        verdict = stage.run(plans(profile, stage.place, way), seed=seed, begins_empty=way.begins_empty)
        stats = stage.stats()
        cell.verdicts.append(verdict)
        cell.requests += stats["requests"]
        cell.met += sum(stats["faults"].values())
        if verdict.outcome is not Outcome.EXACT:
            clean = stage.run_clean()
            cell.healed += clean.outcome is Outcome.EXACT
            cell.unhealed += clean.wrong or clean.kept
    cell.seconds = time.monotonic() - started
    return cell


def campaign(places: Iterable[Place] = PLACES, ways: Iterable[Way] = WAYS) -> Iterator[Cell]:
    """Try every fault at every place, where it can have an effect."""
    for place in places:
        with TemporaryDirectory() as folder, opened(place, Path(folder)) as stage:
            for profile in PROFILES:
                if place.has_pages or profile not in PAGE_PROFILES:
                    yield play(stage, profile, ways)
