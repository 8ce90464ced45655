"""Running the graph from Python: which jobs, in which order, and what is said of each.

Not here: what the tables then hold (`test_truth.py`), and the command line around it.
"""

from datetime import timedelta

from partner_assets.runs import JobOutcome, jobs_for, run_jobs
from partner_assets.sandbox.keys import hash_of
from partner_assets_tests.materialization.site import KEY, TODAY, OpenSite, Site

YESTERDAY = TODAY - timedelta(days=1)


def outcomes(site: Site, names: list[str]) -> dict[str, JobOutcome]:
    """Run jobs over yesterday and today."""
    return {outcome.name: outcome for outcome in run_jobs(site.definitions, site.instance, names, (YESTERDAY, TODAY))}


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
