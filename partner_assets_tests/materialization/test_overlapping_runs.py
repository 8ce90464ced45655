"""Two runs of one day at once: whichever began or ended first, what the API answered last is what the lake shows.

Over HTTP, each run as if in a process of its own: only the lake is shared. Not here: versions put together without any
run (`test_order_versions.py`).
"""

import threading

import dagster as dg
import pytest

from partner_assets.automation.jobs import JOBS
from partner_assets.build import build_defs
from partner_assets.resources import Partner
from partner_assets_tests.api.scripted_server import Request
from partner_assets_tests.automation.front import in_front_of
from partner_assets_tests.materialization.site import TODAY, OpenSite, Site, materialized, succeeded

MORNING = f"{TODAY}T06:00:00Z"


class OtherRun:
    """A run of today in another process, which is held up between what it has read and its publication.

    Args:
        site: Whose lake and API it works with.
    """

    def __init__(self, site: Site) -> None:
        settings = site.partner.settings
        self._partner = Partner(lambda: settings, now=site.partner.now, progress=self)
        self._start = site.start
        self._has_read, self._may_publish = threading.Event(), threading.Event()
        self._results: list[dg.ExecuteInProcessResult] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def has_begun(self) -> bool:
        """Whether it was started."""
        return self._thread.ident is not None

    def read(self) -> None:
        """Begin it, and return when it has read the day."""
        self._thread.start()
        assert self._has_read.wait(60)

    def publish(self) -> None:
        """Let it go on to its end."""
        self._may_publish.set()
        self._thread.join(60)
        succeeded(*self._results)
        self._partner.api.close()

    def slice_done(self, asset: str, done: int, total: int) -> None:
        """Wait where the documents have been read."""
        if asset == "order_documents":
            self._has_read.set()
            assert self._may_publish.wait(60)

    def _run(self) -> None:
        built = build_defs(self._partner, orders_start=self._start)
        [job] = [job for job in JOBS.values() if job.name == "orders_by_day"]
        definitions = dg.Definitions(
            assets=built.assets,
            jobs=[dg.define_asset_job(job.name, job.selection.without_checks())],
            resources={"partner": self._partner},
            executor=dg.in_process_executor,
        )
        with dg.DagsterInstance.ephemeral() as instance:
            result = definitions.resolve_job_def(job.name).execute_in_process(
                instance=instance,
                partition_key=TODAY.isoformat(),
                raise_on_error=False,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )
        self._results.append(result)


def changed(site: Site, order: str, terms: str) -> None:
    """Let a minute pass, and change an order."""
    site.sandbox.control("clock", advance_seconds=60)
    site.sandbox.control("orders/change", id=order, fields={"paymentTerms": terms})


@pytest.mark.parametrize(
    "is_asked", [False, True], ids=["before the details are asked for", "while they are under way"]
)
def test_the_document_that_was_asked_for_last_is_current_although_its_run_began_first(
    open_site: OpenSite, is_asked: bool
) -> None:
    """Guards against a state that stays for ever since the run that saw it began later, and asked earlier."""
    site = open_site(orders_per_day=0)
    order = site.add_order(MORNING)
    site.run_day(TODAY)
    changed(site, order, "first")
    other = OtherRun(site)

    def before(request: Request) -> None:
        # The search has told the first change. The other run reads it now, and then there is a second one.
        is_now = request.method == "GET" if is_asked else request.method == "POST" and request.query["skip"] > 0
        if is_now and not other.has_begun:
            other.read()
            changed(site, order, "second")

    with in_front_of(site, before):
        site.run_day(TODAY)
    assert [row["payment_terms"] for row in site.rows("orders")] == ["second"]
    other.publish()
    assert [row["payment_terms"] for row in site.rows("orders")] == ["second"]
    assert len(site.rows("order_documents", transaction_id=order)) == 3


def test_an_order_that_is_gone_is_not_brought_back_by_a_run_that_read_it_before(open_site: OpenSite) -> None:
    """Guards against a removed order that is shown for ever, since no change feed tells of it."""
    site = open_site(orders_per_day=0)
    order = site.add_order(MORNING)
    other_order = site.add_order(MORNING)
    site.run_day(TODAY)
    changed(site, order, "first")
    other = OtherRun(site)
    other.read()
    site.sandbox.control("orders/remove", id=order)
    site.run_day(TODAY)
    assert [row["transaction_id"] for row in site.rows("orders")] == [other_order]
    other.publish()
    assert [row["transaction_id"] for row in site.rows("orders")] == [other_order]
    assert len(site.rows("order_documents", transaction_id=order)) == 2


def test_every_document_has_the_time_of_its_own_request_and_its_rows_have_it_too(open_site: OpenSite) -> None:
    """Guards against a day whose documents all seem as old as its search, and against a search that seems younger than it is."""
    site = open_site(orders_per_day=0)
    site.sandbox.control("orders/add", count=12, creationDateTime=MORNING)
    began = site.partner.now()
    result = site.run_day(TODAY)
    fetched = {row["transaction_id"]: row["fetched_at"] for row in site.rows("order_documents")}
    assert len(set(fetched.values())) == len(fetched) == 12
    for table in ("orders", "order_lines", "order_charges"):
        assert {row["transaction_id"]: row["fetched_at"] for row in site.rows(table)}.items() <= fetched.items()
    as_of = materialized(result, "order_documents")[TODAY.isoformat()]["as_of"]
    assert began.timestamp() < as_of < min(fetched.values()).timestamp()
