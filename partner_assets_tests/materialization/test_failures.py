"""What goes wrong on the way: the failed slice keeps its rows, the others are published, and a person is told in words.

Not here: what the client retries (`partner_assets_tests/api`), and records that cannot become rows (`test_rejected.py`).
"""

import gc
from datetime import date, timedelta

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from partner_assets.api.client import PartnerApi
from partner_assets.build import build_defs
from partner_assets.materialization.slice_reads import SliceRead
from partner_assets.progress import Silent
from partner_assets.resources import Partner
from partner_assets.sandbox.keys import hash_of
from partner_assets.settings import load
from partner_assets_tests.materialization.site import (
    KEY,
    TODAY,
    OpenSite,
    Site,
    failure_texts,
    succeeded,
)

FIRST = date(2026, 3, 1)
ROBOTICS = "PRTF034"


class StopsTheSandbox:
    """Stops a sandbox when so many slices of `order_documents` have been read."""

    def __init__(self, site: Site, after: int) -> None:
        self._site = site
        self._after = after

    def slice_done(self, asset: str, done: int, total: int) -> None:
        """Stop the sandbox if it is time."""
        if (asset, done) == ("order_documents", self._after):
            self._site.sandbox.__exit__(None, None, None)


class Dies:
    """Ends a run, as an unforeseen error does, when so many slices of `order_documents` have been read."""

    def __init__(self, after: int) -> None:
        self._after = after

    def slice_done(self, asset: str, done: int, total: int) -> None:
        """Raise if it is time."""
        if (asset, done) == ("order_documents", self._after):
            raise RuntimeError("the machine was switched off")


class CountsReads:
    """Counts what earlier slices read and is still held, whenever a slice has been read."""

    def __init__(self) -> None:
        self.held: list[int] = []

    def slice_done(self, asset: str, done: int, total: int) -> None:
        """Count."""
        if asset == "order_documents":
            gc.collect()
            self.held.append(sum(isinstance(one, SliceRead) for one in gc.get_objects()))


def revoke(site: Site) -> None:
    """Let the sandbox refuse the key from now on."""
    site.sandbox.control("keys/revoke", hashed_key=hash_of(KEY))


def told(result: dg.ExecuteInProcessResult) -> str:
    """Return the one thing that a failed run says, after making sure that it is written for people."""
    assert not result.success
    [text] = failure_texts(result)
    assert "Traceback" not in text
    assert "\n" not in text
    return text


def test_a_refused_key_ends_a_range_with_its_first_request(open_site: OpenSite) -> None:
    """Guards against asking a thousand times with a key that is refused, until the partner is locked out."""
    site = open_site(start=FIRST, orders_per_day=3)
    site.run_days(FIRST, TODAY)
    before = {table: site.rows(table) for table in ("order_documents", "orders", "order_lines", "order_charges")}
    stamps = site.stamps(*before)
    revoke(site)
    site.forget_requests()
    result = site.run("orders_by_day", span=("2026-03-01", "2026-03-05"))
    text = told(result)
    assert site.asked() == 1
    assert "5 of 5 partitions keep their old rows" in text
    assert "2026-03-01: " in text
    assert "403" in text
    assert text.endswith(
        "2026-03-02, 2026-03-03, 2026-03-04, 2026-03-05: Not tried, since it would have failed in the same way."
    )
    assert {table: site.rows(table) for table in before} == before
    assert site.stamps(*before) == stamps


def test_a_server_that_dies_in_the_middle_leaves_the_finished_days_published(open_site: OpenSite) -> None:
    """Guards against a lost connection that throws away what was read, or that reports days which were not."""
    site = open_site(start=FIRST, orders_per_day=3)
    site.partner.api = PartnerApi(site.sandbox.base_url, KEY, random=lambda: 0.0)
    site.partner.progress = StopsTheSandbox(site, after=2)
    text = told(site.run("orders_by_day", span=("2026-03-01", "2026-03-05")))
    assert "3 of 5 partitions keep their old rows. 2026-03-03: " in text
    assert "2026-03-04, 2026-03-05: Not tried" in text
    finished = {FIRST, FIRST + timedelta(days=1)}
    assert {row["creation_date"] for row in site.rows("order_documents")} == finished
    known = site.instance.get_materialized_partitions(dg.AssetKey("order_documents"))
    assert known == {day.isoformat() for day in finished}
    for table in ("orders", "order_lines", "order_charges"):
        # Dagster skips what is downstream of a failure; a bad day must not keep the good ones from analysts.
        assert site.instance.get_materialized_partitions(dg.AssetKey(table)) == known
        assert {row["creation_date"] for row in site.rows(table)} == finished
    assert site.partner.api.counts().requests["orders_search"] < 20


def test_what_a_killed_run_has_fetched_is_not_fetched_again(open_site: OpenSite) -> None:
    """Guards against a month of documents that is asked for anew because the run died before its last day."""
    site = open_site(start=FIRST, orders_per_day=5)
    site.partner.publish_after = 1
    site.partner.progress = Dies(after=3)
    assert not site.run("orders_by_day", span=("2026-03-01", "2026-03-05")).success
    saved = site.rows("order_documents")
    assert {row["creation_date"] for row in saved} == {FIRST, FIRST + timedelta(days=1)}
    site.partner.progress = Silent()
    site.forget_requests()
    site.run_days(FIRST, TODAY)
    assert site.asked("order_details") == len(site.rows("order_documents")) - len(saved)


def test_what_is_published_is_let_go(open_site: OpenSite) -> None:
    """Guards against a run over years that holds the documents of all of them until its end."""
    site = open_site(start=FIRST, orders_per_day=5)
    site.partner.publish_after = 1
    counts = CountsReads()
    site.partner.progress = counts
    assert site.run("orders_by_day", span=("2026-03-01", "2026-03-05")).success
    # The slice before is let go when the next one has come.
    assert counts.held == [0, 1, 1, 1, 1]


def test_one_refused_accreditation_does_not_keep_the_others_from_being_read(open_site: OpenSite) -> None:
    """Guards against a run over everything that ends with its first particular error, or that hides it."""
    site = open_site(orders_per_day=0)
    site.run_roots()
    keys = site.instance.get_dynamic_partitions("accreditations")
    span = (keys[0], keys[-1])
    assert keys.index(ROBOTICS) not in (0, len(keys) - 1)
    succeeded(site.run("products_by_accreditation", span=span))
    old = site.rows("products", accreditation_id=ROBOTICS)
    [other] = site.current("products", accreditation_id="IPE00042006")
    place = {"number": other["product_number"], "release": other["release"]}
    site.sandbox.control("products/change", accreditationId="IPE00042006", **place, fields={"name": "Renamed"})
    site.sandbox.control("accreditations/remove", id=ROBOTICS)
    result = site.run("products_by_accreditation", span=span)
    text = told(result)
    assert text.startswith(f"1 of {len(keys)} partitions keep their old rows. {ROBOTICS}: ")
    assert "accreditationId" in text
    assert site.rows("products", accreditation_id=ROBOTICS) == old
    assert site.current("products", accreditation_id="IPE00042006")[0]["name"] == "Renamed"
    entries = site.instance.all_logs(result.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
    events = [entry.dagster_event for entry in entries if entry.dagster_event]
    assert {event.partition for event in events} == set(keys) - {ROBOTICS}


def test_what_hangs_on_a_withdrawn_parent_is_closed_without_a_question(open_site: OpenSite) -> None:
    """Guards against runs that fail for ever after an accreditation or a price list went, and rows that stay current."""
    site = open_site(orders_per_day=0)
    site.run_roots()
    site.run_products(ROBOTICS)
    site.run_prices("PRTF136", 17)
    known = {table: len(site.rows(table)) for table in ("products", "product_prices")}
    assert all(known.values())
    site.sandbox.control("accreditations/remove", id=ROBOTICS)
    site.sandbox.control("price-lists/remove", id=17)
    site.run_roots()
    site.forget_requests()
    site.run_products(ROBOTICS)
    site.run_prices("PRTF136", 17)
    assert site.asked() == 0
    for table, count in known.items():
        assert site.current(table) == []
        assert len(site.rows(table)) == count


def test_a_parent_that_never_was_is_told_and_asked_for_nothing(open_site: OpenSite) -> None:
    """Guards against a mistyped partition that is taken for a withdrawn one."""
    site = open_site(orders_per_day=0)
    site.run_roots()
    site.instance.add_dynamic_partitions("accreditations", ["PRTF000"])
    site.forget_requests()
    text = told(site.run("products_by_accreditation", key="PRTF000"))
    assert "There is no accreditation PRTF000: materialise accreditations first." in text
    assert site.asked() == 0


def test_an_answer_that_lacks_many_accreditations_removes_none(open_site: OpenSite) -> None:
    """Guards against a vendor's bad hour that closes the whole catalogue."""
    site = open_site(orders_per_day=0)
    site.run_roots()
    before = site.rows("accreditations")
    for row in before[: len(before) // 4]:
        site.sandbox.control("accreditations/remove", id=row["accreditation_id"])
    text = told(site.run("catalogue_roots"))
    assert f"{len(before) // 4} of {len(before)} accreditations are missing from the answer" in text
    assert "PARTNER_LARGEST_LOSS_PERCENT" in text
    assert site.rows("accreditations") == before


def test_what_fails_does_not_keep_the_old_rows_from_the_next_success(open_site: OpenSite) -> None:
    """Guards against a failure that leaves a lock, a half-written file, or a partition that stays behind."""
    site = open_site(orders_per_day=3)
    site.run_day(TODAY)
    before = site.rows("orders")
    revoke(site)
    told(site.run("orders_by_day", key="2026-03-05"))
    site.sandbox.control("keys/install", hashed_key=hash_of(KEY))
    order = site.add_order("2026-03-05T01:00:00Z")
    site.run_day(TODAY)
    assert {row["transaction_id"] for row in site.rows("orders")} == {
        *(row["transaction_id"] for row in before),
        order,
    }
    assert list((site.lake / ".staging").glob("*.parquet")) == []


def test_a_foreign_file_fails_the_days_of_its_month_only(open_site: OpenSite) -> None:
    """Guards against one bad file that keeps every other month from being brought up to date."""
    site = open_site(start=date(2026, 2, 27), orders_per_day=3)
    february = site.lake / "order_documents/legal_entity=main/creation_month=2026-02/part-0.parquet"
    february.parent.mkdir(parents=True)
    pq.write_table(pa.table({"somebody": ["else's"]}), february)
    before = february.read_bytes()
    text = told(site.run("orders_by_day", span=("2026-02-27", "2026-03-02")))
    assert text.startswith("2 of 4 partitions keep their old rows. 2026-02-27, 2026-02-28: ")
    assert f"{february} does not have the columns of order_documents" in text
    assert february.read_bytes() == before
    known = site.instance.get_materialized_partitions(dg.AssetKey("order_documents"))
    assert known == {"2026-03-01", "2026-03-02"}
    march = february.parent.with_name("creation_month=2026-03") / february.name
    assert march.exists()


def test_wrong_settings_fail_a_run_with_their_sentences(instance: dg.DagsterInstance) -> None:
    """Guards against a stack trace where a person only has to set a variable."""
    partner = Partner(lambda: load({"PARTNER_API_BASE_URL": "ftp://nowhere", "PARTNER_API_KEY": KEY}))
    job = build_defs(partner, orders_start=FIRST).resolve_job_def("orders_by_day")
    result = job.execute_in_process(
        instance=instance,
        partition_key="2026-03-01",
        raise_on_error=False,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )
    [text] = failure_texts(result)
    first, second = text.split("\n")
    assert first.startswith("PARTNER_API_BASE_URL: is not an address that starts with http:// or https://. Example: ")
    assert second == "PARTNER_ORDERS_START is missing. Example: 2026-01-01."
    assert KEY not in text


def test_the_key_is_in_no_event_and_in_no_log(open_site: OpenSite, caplog: pytest.LogCaptureFixture) -> None:
    """Guards against a key that an error, a log line at level DEBUG or an event carries into Dagster's database."""
    site = open_site(orders_per_day=3)
    with caplog.at_level("DEBUG"):
        succeeded(site.run("orders_by_day", key="2026-03-05", level="DEBUG"))
        succeeded(site.run("catalogue_roots", level="DEBUG"))
        site.sandbox.control("accreditations/remove", id=ROBOTICS)
        assert not site.run("products_by_accreditation", key=ROBOTICS, level="DEBUG").success
        revoke(site)
        assert not site.run("orders_by_day", key="2026-03-05", level="DEBUG").success
    events = [
        dg.serialize_value(entry) for run in site.instance.get_runs() for entry in site.instance.all_logs(run.run_id)
    ]
    assert len(events) > 50
    assert any("403" in event for event in events)
    assert [event for event in events if KEY in event] == []
    assert [record for record in caplog.records if KEY in record.getMessage() + str(record.exc_text)] == []
    assert all(KEY not in str(run) + str(run.run_config) + str(run.tags) for run in site.instance.get_runs())
