"""One partner for a test: a running sandbox, a lake, the graph over both, and a Dagster instance.

The tests change the sandbox, run jobs, and read the lake's files with pyarrow alone. Not here: what ought to be in them.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Protocol

import dagster as dg
import pyarrow.parquet as pq
from pydantic import SecretStr

from partner_assets.automation.day_ranges import RANGE_END, RANGE_START
from partner_assets.automation.jobs import JOBS
from partner_assets.build import build_defs
from partner_assets.resources import Partner
from partner_assets.sandbox.server import RunningSandbox
from partner_assets.settings import Settings

KEY = "k" * 64
NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
TODAY = NOW.date()

Row = dict[str, Any]
Span = tuple[str, str]
ApiVersion = Literal["v1", "v0"]


class Ticking:
    """A clock that moves on by a second whenever it is read, so that no two reads of slices are at one moment.

    Args:
        start: What it shows before it is first read.
    """

    def __init__(self, start: datetime) -> None:
        self._now = start

    def __call__(self) -> datetime:
        """Return the time."""
        self._now += timedelta(seconds=1)
        return self._now

    def advance(self, span: timedelta) -> None:
        """Let time go by."""
        self._now += span


def shrink_catalogue(
    sandbox: RunningSandbox, *, accreditations: int, price_lists: int, keep: Collection[str | int] = ()
) -> None:
    """Leave a part of a sandbox's catalogue, for tests to which its size says nothing.

    Args:
        sandbox: The sandbox, before it is first asked.
        accreditations: How many are left.
        price_lists: How many are left.
        keep: Ids of either that are left in any case, as part of those.
    """
    known = [str(one["id"]) for one in sandbox.world.accreditations()]
    for one in sorted(known, key=lambda one: one not in keep)[accreditations:]:
        sandbox.control("accreditations/remove", id=one)
    countries: list[Any] = list(sandbox.world.price_lists())
    lists = {int(one["id"]) for country in countries for one in country["priceLists"]}
    for number in sorted(lists, key=lambda one: (one not in keep, one))[price_lists:]:
        sandbox.control("price-lists/remove", id=number)


class Site:
    """A partner's lake and graph over a sandbox.

    Args:
        sandbox: The API.
        folder: Where the lake is made.
        instance: Where runs are recorded.
        start: First day of orders.
        api_version: Version of the endpoints for orders and accreditations.
        with_checks: Whether runs evaluate the checks of what they materialise. They take nine tenths of a small run, so only
            tests of checks, and those of all at once, have them.
    """

    def __init__(
        self,
        sandbox: RunningSandbox,
        folder: Path,
        instance: dg.DagsterInstance,
        *,
        start: date,
        api_version: ApiVersion = "v1",
        with_checks: bool = False,
    ) -> None:
        self.sandbox = sandbox
        self.instance = instance
        self.start = start
        self.lake = folder / "lake"
        settings = Settings(
            api_base_url=sandbox.base_url,
            api_key=SecretStr(KEY),
            api_version=api_version,
            lake=self.lake,
            orders_start=start,
            api_concurrency=4,
        )
        # Later than the sandbox's: what is read in the moment of its change is, rightly, read once more.
        self._clock = Ticking(NOW + timedelta(minutes=1))
        self.partner = Partner(lambda: settings, now=self._clock)
        self.definitions = build_defs(self.partner, orders_start=start)
        self.unchecked = dg.Definitions(
            assets=self.definitions.assets,
            jobs=[dg.define_asset_job(job.name, job.selection.without_checks()) for job in JOBS.values()],
            resources={"partner": self.partner},
            executor=dg.in_process_executor,
        )
        self._run_from = self.definitions if with_checks else self.unchecked

    def close(self) -> None:
        """Close the client's connections."""
        self.partner.api.close()

    def wait(self, span: timedelta) -> None:
        """Let time go by, for the partner and not for the sandbox."""
        self._clock.advance(span)

    def run(
        self, job: str, *, key: str | None = None, span: Span | None = None, level: str = "CRITICAL"
    ) -> dg.ExecuteInProcessResult:
        """Run a job: of no partition, of one, or of all from one to another."""
        return self._run_from.resolve_job_def(job).execute_in_process(
            instance=self.instance,
            partition_key=key,
            tags={RANGE_START: span[0], RANGE_END: span[1]} if span else None,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": level}}}},
        )

    def run_day(self, day: date) -> dg.ExecuteInProcessResult:
        """Materialise the orders of a day, and expect it to succeed."""
        return succeeded(self.run("orders_by_day", key=day.isoformat()))

    def run_days(self, first: date, last: date) -> dg.ExecuteInProcessResult:
        """Materialise the orders of some days in one run, and expect it to succeed."""
        return succeeded(self.run("orders_by_day", span=(first.isoformat(), last.isoformat())))

    def run_roots(self) -> dg.ExecuteInProcessResult:
        """Materialise what the catalogue hangs on, and expect it to succeed."""
        return succeeded(self.run("catalogue_roots"))

    def run_products(self, accreditation_id: str) -> dg.ExecuteInProcessResult:
        """Materialise the products of an accreditation, and expect it to succeed."""
        return succeeded(self.run("products_by_accreditation", key=accreditation_id))

    def run_prices(self, accreditation_id: str, price_list_id: int) -> dg.ExecuteInProcessResult:
        """Materialise an accreditation's prices on a list, and expect it to succeed."""
        return succeeded(self.run("prices_by_price_list", key=f"{accreditation_id}|{price_list_id}"))

    def files(self, table: str | None = None) -> list[Path]:
        """Return a table's files, or those of all tables."""
        return sorted(self.lake.glob(f"{table or '*'}/legal_entity=main/**/*.parquet"))

    def stamps(self, *tables: str) -> Mapping[Path, int]:
        """Return when each file of some tables was last written."""
        return {file: file.stat().st_mtime_ns for table in tables for file in self.files(table)}

    def rows(self, table: str, **equal: object) -> list[Row]:
        """Return the rows of a table that hold some values."""
        found: list[Row] = []
        for file in self.files(table):
            with pq.ParquetFile(file) as parquet:
                found += parquet.read().to_pylist()
        return [row for row in found if all(row[name] == value for name, value in equal.items())]

    def current(self, table: str, **equal: object) -> list[Row]:
        """Return the rows of a catalogue table that hold now."""
        return self.rows(table, valid_to=None, **equal)

    def asked(self, endpoint: str | None = None) -> int:
        """Return how many requests the sandbox has had since it was last reset, at one endpoint or at all."""
        stats: dict[str, Any] = self.sandbox.stats()
        return int(stats["endpoints"].get(endpoint, 0) if endpoint else stats["requests"])

    def forget_requests(self) -> None:
        """Let the sandbox count from zero."""
        self.sandbox.control("stats/reset")

    def change_orders(self, count: int, day: str) -> list[str]:
        """Change some orders created on a day, as of the sandbox's time; return their ids."""
        ids = self.sandbox.control("orders/change", count=count, createdOn=day)["ids"]
        assert isinstance(ids, list)
        return ids

    def add_order(self, created: str, **fields: object) -> str:
        """Add a made-up order created at a moment, with some fields changed; return its id."""
        ids = self.sandbox.control("orders/add", creationDateTime=created)["ids"]
        assert isinstance(ids, list)
        if fields:
            self.sandbox.control("orders/change", id=ids[0], fields=fields)
        return str(ids[0])


class OpenSite(Protocol):
    """The fixture `open_site`."""

    def __call__(
        self, *, start: date = TODAY, api_version: ApiVersion = "v1", with_checks: bool = False, **options: Any
    ) -> Site:
        """Start a sandbox with options of `SandboxConfig`, and build lake and graph over it."""


def succeeded(result: dg.ExecuteInProcessResult) -> dg.ExecuteInProcessResult:
    """Return a result, after making sure that the run did not fail."""
    assert result.success, failure_texts(result)
    return result


def failure_texts(result: dg.ExecuteInProcessResult) -> list[str]:
    """Return what the failed steps of a run say to a person; the whole trace where they say nothing."""
    texts = []
    for event in result.all_events:
        if event.event_type == dg.DagsterEventType.STEP_FAILURE:
            data = event.step_failure_data
            described = data.user_failure_data.description if data.user_failure_data else None
            texts.append(described or (data.error.to_string() if data.error else str(event.message)))
    return texts


def materialized(result: dg.ExecuteInProcessResult, asset: str) -> dict[str | None, Row]:
    """Return the metadata of each partition of an asset that a run materialised."""
    found: dict[str | None, Row] = {}
    for event in result.all_events:
        if event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION:
            materialization = event.step_materialization_data.materialization
            if materialization.asset_key.to_user_string() == asset:
                assert materialization.partition not in found
                found[materialization.partition] = {
                    name: entry.value for name, entry in materialization.metadata.items()
                }
    return found


def checks(result: dg.ExecuteInProcessResult, asset: str) -> dict[str, Any]:
    """Return the results of an asset's checks in a run, by the name of the check."""
    return {
        evaluation.check_name: evaluation
        for evaluation in result.get_asset_check_evaluations()
        if evaluation.asset_key.to_user_string() == asset
    }
