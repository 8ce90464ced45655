"""Where the campaign is played: a sandbox, a lake that holds what was true before, and a graph that is to catch up.

Every run begins with the same lake. Not here: which faults are tried (`campaign.py`), what came of them (`verdicts.py`).
"""

import contextlib
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from partner_assets.api.client import PartnerApi
from partner_assets.materialization.slice_reads import WHOLE_NAME
from partner_assets.sandbox.keys import hash_of
from partner_assets.sandbox.server import RunningSandbox
from partner_assets_tests.faults import small_world
from partner_assets_tests.faults.places import DYNAMIC, ORDERS, Place
from partner_assets_tests.faults.verdicts import Verdict, judge, snapshot
from partner_assets_tests.materialization.site import KEY, Site, Span, succeeded

Plans = Mapping[str, Mapping[str, object]]
"""Faults by name, as the sandbox's control endpoint takes them."""

READ_TIMEOUT = 1.5
"""Seconds; short, so that a stall is over soon, and long enough for fifty megabytes on a busy machine."""

# Real waits with small bounds: after a server's word the client waits as told, on its own account hardly.
_PATIENCE = {"attempts": 4, "retry_seconds": 20.0, "random": lambda: 0.05}


def quick_client(sandbox: RunningSandbox, *, concurrency: int = 4, **options: Any) -> PartnerApi:
    """Return a client like any other, but for shorter waits."""
    patience: dict[str, Any] = {**_PATIENCE, **options}
    return PartnerApi(
        sandbox.base_url, KEY, concurrency=concurrency, connect_timeout=2.0, read_timeout=READ_TIMEOUT, **patience
    )


class Stage:
    """One place of the graph over the small world, ready for runs that meet faults.

    Args:
        site: Sandbox, lake and graph.
        place: The endpoint concerned.
        changed: The orders of which the lake has an older version.
    """

    def __init__(self, site: Site, place: Place, changed: Collection[object]) -> None:
        self.site = site
        self.place = place
        self.slices = _keys(site, place.job) or [WHOLE_NAME]
        self._truths = {
            begins_empty: small_world.truth(site.sandbox, () if begins_empty else changed)
            for begins_empty in (True, False)
        }
        self.expected = self._truths[False]
        self._kept = site.lake.with_name("before")
        shutil.copytree(site.lake, self._kept)

    def run(self, plans: Plans, *, seed: int = 1, begins_empty: bool = False) -> Verdict:
        """Run the job with some faults, and judge what came of it.

        Args:
            plans: The faults, as the sandbox's control endpoint takes them.
            seed: Which requests meet them.
            begins_empty: Whether the lake has none of the job's tables, rather than what was true before the change.
        """
        shutil.rmtree(self.site.lake)
        shutil.copytree(self._kept, self.site.lake)
        for table in self.place.tables if begins_empty else ():
            shutil.rmtree(self.site.lake / table)
        self.expected = self._truths[begins_empty]
        with self._faults(plans, seed):
            return self._attempt()

    def run_clean(self) -> Verdict:
        """Run the job again, on the lake as it is, with no fault."""
        return self._attempt()

    def stats(self) -> dict[str, Any]:
        """Return what the sandbox has counted in the last run."""
        return self.site.sandbox.stats()

    @contextlib.contextmanager
    def _faults(self, plans: Plans, seed: int) -> Iterator[None]:
        control = self.site.sandbox.control
        control("stats/reset")
        if "neighbour" in plans:
            control("rate", rate=60, window=1)
        control("faults", seed=seed, **plans)
        try:
            yield
        finally:
            control("faults/clear")
            control("rate", rate=None)
            control("keys/install", hashed_key=hash_of(KEY))

    def _attempt(self) -> Verdict:
        before = snapshot(self.site, self.place.tables)
        with quick_client(self.site.sandbox) as api:
            self.site.partner.api = api
            result = self.site.run(self.place.job, span=_span(self.site, self.place.job))
        return judge(
            self.site,
            result,
            tables=self.place.tables,
            slices=self.slices,
            before=before,
            expected=self.expected,
        )


@contextlib.contextmanager
def opened(place: Place, folder: Path) -> Iterator[Stage]:
    """Open the stage of a place: load what was true, change the world, and let only the place itself lag behind."""
    with (
        RunningSandbox(small_world.CONFIG) as sandbox,
        dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}}) as instance,
    ):
        added = small_world.make_small(sandbox)
        site = Site(sandbox, folder, instance, start=small_world.FIRST)
        with contextlib.closing(site):
            _load(site, [*place.parents, place.job])
            changed = small_world.change(sandbox, added)
            _load(site, place.parents)
            site.close()
            yield Stage(site, place, changed)


def _load(site: Site, jobs: Iterable[str]) -> None:
    for job in jobs:
        succeeded(site.run(job, span=_span(site, job)))


def _keys(site: Site, job: str) -> list[str]:
    """Return the partitions of a job; none if it has no partitions."""
    if job in DYNAMIC:
        return list(site.instance.get_dynamic_partitions(DYNAMIC[job]))
    return list(small_world.DAYS) if job == ORDERS else []


def _span(site: Site, job: str) -> Span | None:
    keys = _keys(site, job)
    return (keys[0], keys[-1]) if keys else None
