"""Everything that is known of a soak when it is over: what the report tells, and what was wrong.

Not here: how it comes about (`conduct.py`), and how it is told (`report.py`).
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from partner_assets_tests.soak.judge_runs import RunVerdict
from partner_assets_tests.soak.judge_versions import VersionVerdict
from partner_assets_tests.soak.ledger import Ledger
from partner_assets_tests.soak.plan import Plan
from partner_assets_tests.soak.records import Run, Tick

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass
class Trouble:
    """A span of time in which something was wrong.

    Attributes:
        what: What was wrong.
        start: From when.
        end: Until when; None while it lasts.
    """

    what: str
    start: datetime
    end: datetime | None = None

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """Whether any of a span of time lies in it."""
        return self.start < end and (self.end is None or self.end > start)


@dataclass
class Story:
    """A soak.

    Attributes:
        plan: What was planned.
        ledger: What was changed.
        troubles: Outages, slow spells, and times without a daemon.
        fill_seconds: How long the first fill took.
        fill_requests: What it asked for.
        started: When the daemon was started for the first time.
        last_turn: When the operator last had the roots of the catalogue read, after changing it.
        quiet: When the last change had been made.
        ended: When the lake was judged.
        settled_seconds: From the last change until two ticks and their runs were over.
        runs: The runs since the start.
        ticks: Ticks by sensor.
        requests: Requests by endpoint, since the start.
        versions: What became of the versions of orders.
        days: How often days were run.
        complaints: All that is wrong, in sentences.
    """

    plan: Plan
    ledger: Ledger = field(default_factory=Ledger)
    troubles: list[Trouble] = field(default_factory=list)
    fill_seconds: float = 0.0
    fill_requests: int = 0
    started: datetime = _NEVER
    last_turn: datetime = _NEVER
    quiet: datetime = _NEVER
    ended: datetime = _NEVER
    settled_seconds: float = 0.0
    runs: list[Run] = field(default_factory=list)
    ticks: dict[str, list[Tick]] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)
    versions: VersionVerdict = field(default_factory=VersionVerdict)
    days: RunVerdict = field(default_factory=RunVerdict)
    complaints: list[str] = field(default_factory=list)
