"""Running the graph from Python: which jobs, in which order, and what is said of each.

Not here: what the tables then hold (`test_truth.py`), and the command line around it.
"""

from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import InMemoryEventLogStorage

from partner_assets.automation.day_facts import running_days
from partner_assets.automation.day_ranges import RANGE_END, RANGE_START, DayRange
from partner_assets.automation.jobs import ORDERS, VIEWS
from partner_assets.progress import Silent
from partner_assets.runs import AssetSum, JobOutcome, jobs_for, run_jobs
from partner_assets.sandbox.keys import hash_of
from partner_assets_tests.automation.sensor_daemon import lasting_instance
from partner_assets_tests.materialization.site import KEY, TODAY, OpenSite, Site

YESTERDAY = TODAY - timedelta(days=1)


def outcomes(site: Site, names: list[str]) -> dict[str, JobOutcome]:
    """Run jobs over yesterday and today."""
    days = DayRange(YESTERDAY, TODAY)
    return {outcome.name: outcome for outcome in run_jobs(site.definitions, site.instance, names, days)}


def test_parents_run_before_what_hangs_on_them() -> None:
    """Guards against prices that are asked for before it is known of what."""
    catalogue = ["catalogue_roots", "products_by_accreditation", "prices_by_price_list", "packages"]
    assert jobs_for(None) == [*catalogue, "orders_by_day", "views"]
    assert jobs_for("catalogue") == [*catalogue, "views"]
    assert jobs_for("orders") == ["orders_by_day", "views"]


def test_an_outcome_adds_up_partitions_facts_and_files(open_site: OpenSite) -> None:
    """Guards against a summary that says less, or more, than what was done."""
    site = open_site(start=YESTERDAY, orders_per_day=5)
    outcome = outcomes(site, ["orders_by_day"])["orders_by_day"]
    assert outcome.failures == []
    assert set(outcome.assets) == {"order_documents", "orders", "order_lines", "order_charges"}
    documents = outcome.assets["order_documents"]
    orders = len(site.rows("orders"))
    assert documents.partitions == 2
    assert documents.facts["requests"] == site.asked()
    assert documents.facts["found"] == documents.facts["fetched"] == documents.facts["dagster/row_count"] == orders
    assert documents.written == {str(file) for file in site.files("order_documents")}
    assert "as_of" not in documents.facts
    again = outcomes(site, ["orders_by_day"])["orders_by_day"].assets["order_documents"]
    assert (again.facts["fetched"], again.written, again.unchanged) == (0, set(), documents.written)


def test_a_job_whose_partitions_nobody_knows_yet_is_left_out(open_site: OpenSite) -> None:
    """Guards against a range from nothing to nothing."""
    site = open_site(orders_per_day=0)
    assert outcomes(site, ["products_by_accreditation", "prices_by_price_list"]) == {}
    assert site.asked() == 0


def test_a_failed_job_is_told_and_the_next_one_runs(open_site: OpenSite) -> None:
    """Guards against views that are missing because an order could not be read, and against a failure without a word."""
    site = open_site(start=YESTERDAY, orders_per_day=5)
    site.sandbox.control("keys/revoke", hashed_key=hash_of(KEY))
    found = outcomes(site, ["orders_by_day", "views"])
    [sentence] = found["orders_by_day"].failures
    assert sentence.startswith("2 of 2 partitions keep their old rows. 2026-03-04: ")
    assert found["orders_by_day"].assets == {}
    assert found["views"].failures == []
    assert (site.lake / "partner.duckdb").exists()


def test_a_failed_job_says_what_it_finished(open_site: OpenSite) -> None:
    """Guards against a summary by which nothing was done, although all but one partition were published."""
    site = open_site(orders_per_day=0)
    site.run_roots()
    site.sandbox.control("accreditations/remove", id="PRTF034")
    outcome = outcomes(site, ["products_by_accreditation"])["products_by_accreditation"]
    [sentence] = outcome.failures
    assert sentence.startswith("1 of 24 partitions keep their old rows. PRTF034: ")
    assert outcome.assets["products"].partitions == 23
    assert outcome.assets["products"].facts["dagster/row_count"] == len(site.rows("products"))


def test_rejected_records_are_a_warning_of_their_job(open_site: OpenSite) -> None:
    """Guards against records that are lost to a person who only reads the summary."""
    site = open_site(start=YESTERDAY, orders_per_day=0)
    order = site.add_order("2026-03-05T06:00:00Z", soldToSite="nobody")
    outcome = outcomes(site, ["orders_by_day"])["orders_by_day"]
    assert outcome.failures == []
    [_] = [warning for warning in outcome.warnings if "1 records could not become rows of orders" in warning]
    [rejected] = site.rows("rejected")
    assert order in rejected["reason"]


class Stopping:
    """Progress watched by somebody who presses Ctrl+C after some slices.

    Args:
        after: How many.
    """

    def __init__(self, after: int) -> None:
        self._left = after

    def slice_done(self, asset: str, done: int, total: int) -> None:
        """Count, and stop it."""
        self._left -= 1
        if self._left == 0:
            raise KeyboardInterrupt


def others_read(site: Site, days: DayRange) -> None:
    """Let a run of somebody else be under way."""
    job = site.definitions.resolve_job_def(ORDERS)
    site.instance.create_run_for_job(job, tags=days.tags, status=dg.DagsterRunStatus.STARTED)


def spans(site: Site) -> list[tuple[str, str]]:
    """Return first and last day of every run of orders, the earliest run first."""
    runs = reversed(site.instance.get_runs(filters=dg.RunsFilter(job_name=ORDERS)))
    return [(run.tags[RANGE_START], run.tags[RANGE_END]) for run in runs]


def test_days_run_newest_first_and_a_month_at_a_time(open_site: OpenSite) -> None:
    """Guards against a run of years, all of whose work counts for nothing when it dies on its last day."""
    first = TODAY - timedelta(days=69)
    site = open_site(start=first, orders_per_day=1)
    found = list(run_jobs(site.unchecked, site.instance, [ORDERS], DayRange(first, TODAY)))
    assert [str(one.days) for one in found] == [
        "2026-02-03 to 2026-03-05",
        "2026-01-03 to 2026-02-02",
        "2025-12-26 to 2026-01-02",
    ]
    assert [one.failures for one in found] == [[], [], []]
    assert sum(one.assets["orders"].partitions for one in found) == 70
    assert len(spans(site)) == 3


def test_days_that_somebody_else_sees_to_are_left_out_and_named(open_site: OpenSite) -> None:
    """Guards against days that are read twice at the same time, and against days that silently are not read at all."""
    first = TODAY - timedelta(days=9)
    site = open_site(start=first, orders_per_day=1)
    others_read(site, DayRange(date(2026, 3, 1), date(2026, 3, 2)))
    others_read(site, DayRange(TODAY, TODAY))
    *ran, last = run_jobs(site.unchecked, site.instance, [ORDERS], DayRange(first, TODAY))
    assert [str(one.days) for one in ran] == ["2026-03-03 to 2026-03-04", "2026-02-24 to 2026-02-28"]
    assert [str(one) for one in last.left_out] == ["2026-03-01 to 2026-03-02", "2026-03-05"]
    assert (last.assets, last.failures) == ({}, [])
    assert len(site.rows("orders")) == site.asked("order_details") > 0


def test_what_another_run_took_on_meanwhile_is_left_out(open_site: OpenSite) -> None:
    """Guards against a backfill that plans once: the sensors go on asking for days all the hours that it takes."""
    first = TODAY - timedelta(days=39)
    site = open_site(start=first, orders_per_day=1)
    outcomes = run_jobs(site.unchecked, site.instance, [ORDERS], DayRange(first, TODAY))
    assert str(next(outcomes).days) == "2026-02-03 to 2026-03-05"
    others_read(site, DayRange(date(2026, 1, 31), date(2026, 2, 2)))
    assert str(next(outcomes).days) == "2026-01-25 to 2026-01-30"
    assert [str(one) for one in next(outcomes).left_out] == ["2026-01-31 to 2026-02-02"]


def test_older_days_are_not_tried_when_the_key_is_refused(open_site: OpenSite) -> None:
    """Guards against a dead API that is asked once for every month of five years, with pauses."""
    first = TODAY - timedelta(days=39)
    site = open_site(start=first, orders_per_day=1)
    site.sandbox.control("keys/revoke", hashed_key=hash_of(KEY))
    [outcome, views] = run_jobs(site.unchecked, site.instance, [ORDERS, VIEWS], DayRange(first, TODAY))
    assert outcome.failures[-1] == "9 older days were not tried: they would have failed in the same way."
    assert len(spans(site)) == 1
    assert views.failures == []


def test_a_day_that_fails_does_not_keep_older_ones_from_being_read(open_site: OpenSite) -> None:
    """Guards against a backfill that never comes past one document that cannot be read."""
    first = TODAY - timedelta(days=39)
    site = open_site(start=first, orders_per_day=1)
    site.sandbox.control("faults", refused_in_200={"rate": 1, "endpoints": ["order_details"], "count": 1})
    newest, older = run_jobs(site.unchecked, site.instance, [ORDERS], DayRange(first, TODAY))
    [sentence] = newest.failures
    assert sentence.startswith("1 of 31 partitions keep their old rows.")
    assert (str(older.days), older.failures) == ("2026-01-25 to 2026-02-02", [])


def test_a_stop_ends_all_of_it_and_leaves_no_run_that_looks_alive(open_site: OpenSite) -> None:
    """Guards against a Ctrl+C that ends one job and begins the next, and against days that are taken for being read."""
    first = TODAY - timedelta(days=39)
    site = open_site(start=first, orders_per_day=1)
    # In the second run, with January on disk and the first of two days of February just read.
    site.partner.progress = Stopping(after=2 * 31 + 8)
    ended: list[JobOutcome] = []
    with pytest.raises(KeyboardInterrupt):
        ended.extend(run_jobs(site.unchecked, site.instance, [ORDERS, VIEWS], DayRange(first, TODAY)))
    assert [str(one.days) for one in ended] == ["2026-02-03 to 2026-03-05"]
    assert spans(site) == [("2026-02-03", "2026-03-05"), ("2026-01-25", "2026-02-02")]
    statuses = [run.status for run in site.instance.get_runs()]
    assert statuses == [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS]
    assert running_days(site.instance) == set()
    site.forget_requests()
    site.partner.progress = Silent()
    again = list(run_jobs(site.unchecked, site.instance, [ORDERS], DayRange(first, TODAY)))
    assert [one.failures for one in again] == [[], []]
    lost = [row for row in site.rows("orders") if date(2026, 2, 1) <= row["creation_date"] <= date(2026, 2, 2)]
    assert site.asked("order_details") == len(lost) > 0


class Interrupted(InMemoryEventLogStorage):
    """A storage of events in which Ctrl+C is pressed when a run is made, and before any asset of it works."""

    def store_event(self, event: dg.EventLogEntry) -> None:
        """Store it, unless it tells what the run is going to materialise."""
        if event.dagster_event_type == dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED:
            raise KeyboardInterrupt
        super().store_event(event)  # type: ignore[no-untyped-call] # Dagster's own


def test_a_stop_while_dagster_keeps_its_books_leaves_no_run_that_looks_alive(
    open_site: OpenSite, tmp_path: Path
) -> None:
    """Guards against the moments of a run in which Dagster itself does not tidy up."""
    site = open_site(orders_per_day=0)
    with lasting_instance(tmp_path / "dagster", events=Interrupted()) as instance:
        with pytest.raises(KeyboardInterrupt):
            list(run_jobs(site.unchecked, instance, [ORDERS], DayRange(TODAY, TODAY)))
        assert [run.status for run in instance.get_runs()] == [dg.DagsterRunStatus.FAILURE]


def test_sums_of_several_runs_add_up() -> None:
    """Guards against a summary that knows only the last month of a backfill."""
    total = AssetSum(2, {"found": 5}, {"a"}, {"b"})
    total.add(AssetSum(1, {"found": 1, "requests": 3}, {"b"}, {"c"}))
    assert total == AssetSum(3, {"found": 6, "requests": 3}, {"a", "b"}, {"b", "c"})
