"""All faults at once over a month of orders at full size, run again and again until everything is there.

Not here: one fault at a time (`campaign.py`).
"""

import contextlib
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import dagster as dg

from partner_assets.sandbox.fault_plans import PROFILES
from partner_assets.sandbox.keys import hash_of
from partner_assets.sandbox.server import RunningSandbox, SandboxConfig
from partner_assets_tests.faults.campaign import BOUNDED, SECONDS
from partner_assets_tests.faults.places import ORDER_TABLES, ORDERS
from partner_assets_tests.faults.stage import Plans, quick_client
from partner_assets_tests.faults.verdicts import Verdict, judge, snapshot
from partner_assets_tests.materialization.expected_rows import Expected, expected_orders
from partner_assets_tests.materialization.site import KEY, NOW, TODAY, Site

FOR_GOOD = frozenset({"refused_in_200", "redirect", "gzip_bomb", "key_revoked"})
"""What the client does not ask again after: a slice fails with it, and after some of them the whole run."""

PASSING = tuple(name for name in PROFILES if name not in FOR_GOOD)
"""What passes if the request is made again."""

DOCUMENTS = "order_documents"

QUOTA_PER_SECOND = 500
"""A quota that a neighbour can spend something of, and that hardly holds the client up otherwise."""


@dataclass(frozen=True)
class Size:
    """How large a mixture is.

    Attributes:
        days: Days of orders.
        orders_per_day: Orders on an ordinary day.
        changed_per_day: How many of them change after the first load.
        rounds: Most runs with faults, for each of the two loads.
    """

    days: int = 30
    orders_per_day: int = 200
    changed_per_day: int = 10
    rounds: int = 80


@dataclass(frozen=True)
class Round:
    """One run over all days, with faults or, in the end, without.

    Attributes:
        load: Which of the two loads it belongs to: the first, or that of the changes.
        share: The share of requests that meet a fault.
        requests: How many were made.
        met: How many met a fault.
        verdict: What came of it.
        seconds: How long the run took, without the judging.
    """

    load: str
    share: float
    requests: int
    met: int
    verdict: Verdict
    seconds: float

    @property
    def exact_days(self) -> int:
        """Days whose documents were published, and true."""
        return sum(place.startswith(f"{DOCUMENTS}/") for place in self.verdict.exact)

    @property
    def kept_days(self) -> int:
        """Days that failed and kept what they had."""
        return sum(place.startswith(f"{DOCUMENTS}/") for place in self.verdict.kept)


def mixture(profiles: Collection[str], share: float, size: Size) -> Iterator[Round]:
    """Load a month, change it, and load it again, each until every day is there; then once more without faults.

    Args:
        profiles: The faults, all alike.
        share: The share of requests that meet one of them.
        size: How large it is.
    """
    first = TODAY - timedelta(days=size.days - 1)
    config = SandboxConfig(
        days=size.days, orders_per_day=size.orders_per_day, now=NOW, api_keys=(KEY,), rate=QUOTA_PER_SECOND
    )
    with (
        TemporaryDirectory() as folder,
        RunningSandbox(config) as sandbox,
        dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}}) as instance,
        contextlib.closing(Site(sandbox, Path(folder), instance, start=first)) as site,
    ):
        site.close()
        expected = expected_orders(sandbox.world.order_documents(first, TODAY))
        yield from _load(site, "first", expected, plans(profiles, share), share, size)
        changed = _change(site, first, size)
        expected = expected_orders(sandbox.world.order_documents(first, TODAY))
        for row in expected.rows["orders"]:
            row["version_count"] += row["transaction_id"] in changed
        yield from _load(site, "changes", expected, plans(profiles, share), share, size)
        yield _round(site, "clean", expected, {}, 0.0, seed=0)


def plans(profiles: Collection[str], share: float) -> Plans:
    """Return faults that together happen to a share of all requests."""
    return {
        profile: {
            "rate": share / len(profiles),
            **({"count": BOUNDED[profile]} if profile in BOUNDED else {}),
            **({"seconds": SECONDS[profile]} if profile in SECONDS else {}),
        }
        for profile in profiles
    }


def _load(site: Site, load: str, expected: Expected, faults: Plans, share: float, size: Size) -> Iterator[Round]:
    """Run until all days are there, or often enough; every day is read again each time."""
    done: set[str] = set()
    for seed in range(1, size.rounds + 1):
        last = _round(site, load, expected, faults, share, seed=seed)
        yield last
        done.update(place for place in last.verdict.exact if place.startswith(f"{DOCUMENTS}/"))
        if last.verdict.wrong or len(done) == size.days:
            return


def _round(site: Site, load: str, expected: Expected, faults: Plans, share: float, *, seed: int) -> Round:
    control = site.sandbox.control
    days = [str(site.start + timedelta(days=day)) for day in range((TODAY - site.start).days + 1)]
    before = snapshot(site, ORDER_TABLES)
    control("stats/reset")
    control("keys/install", hashed_key=hash_of(KEY))
    control("faults", seed=seed, **faults)
    started = time.monotonic()
    with quick_client(site.sandbox, concurrency=8) as api:
        site.partner.api = api
        result = site.run(ORDERS, span=(days[0], days[-1]))
    seconds = time.monotonic() - started
    control("faults/clear")
    verdict = judge(site, result, tables=ORDER_TABLES, slices=days, before=before, expected=expected)
    stats = site.sandbox.stats()
    met = stats["faults"]
    assert isinstance(met, dict)
    return Round(load, share, site.asked(), sum(met.values()), verdict, seconds)


def _change(site: Site, first: date, size: Size) -> set[object]:
    """Change, remove and add orders on every day; return those that were changed."""
    control, changed = site.sandbox.control, set[object]()
    control("clock", advance_seconds=30)
    for day in (str(first + timedelta(days=number)) for number in range(size.days)):
        control("orders/remove", count=1, createdOn=day)
        ids = control("orders/change", count=size.changed_per_day, createdOn=day, fields={"description": "変更"})["ids"]
        assert isinstance(ids, list)
        changed.update(ids)
        control("orders/add", count=2, creationDateTime=f"{day}T09:00:00Z")
    return changed
