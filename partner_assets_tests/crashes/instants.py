"""When to kill: at any moment of a run, so long after a phase began, or exactly where it begins.

Chosen by the machine's own dice: another campaign kills at other instants. Not here: killing (`victims.py`).
"""

import secrets
from dataclasses import dataclass

from partner_assets_tests.crashes.phases import BUILD, PLACE, RENAME, RENAMED, WRITE

_DICE = secrets.SystemRandom()


@dataclass(frozen=True)
class Instant:
    """One instant.

    Attributes:
        phase: The phase that has to begin first; None for the start of the process.
        nth: At which of its beginnings.
        after: Seconds from there; None to be exact, which the process does itself.
    """

    phase: str | None
    nth: int = 1
    after: float | None = None


@dataclass(frozen=True)
class Lengths:
    """How long things take and how often they happen in one process, by the ones that were left alone.

    Attributes:
        whole: Seconds from start to end.
        phases: Seconds that each phase lasts.
        times: How often each phase begins.
    """

    whole: float
    phases: dict[str, float]
    times: dict[str, int]


def any_instant(lengths: Lengths) -> Instant:
    """Choose an instant: two in five anywhere, the others where the lake is written."""
    dice = _DICE.random()
    if dice < 0.4:
        return Instant(None, after=_DICE.uniform(0, lengths.whole))
    if dice < 0.6:
        return _within(WRITE, lengths)
    if dice < 0.75:
        return Instant(phase := _DICE.choice((RENAME, RENAMED)), _nth(phase, lengths))
    if dice < 0.95:
        return _within(BUILD, lengths)
    return Instant(PLACE, _nth(PLACE, lengths))


def _within(phase: str, lengths: Lengths) -> Instant:
    return Instant(phase, _nth(phase, lengths), _DICE.uniform(0, lengths.phases.get(phase, 0)))


def _nth(phase: str, lengths: Lengths) -> int:
    return _DICE.randint(1, max(1, lengths.times.get(phase, 1)))
