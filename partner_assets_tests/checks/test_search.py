"""Days whose documents are not as many as the search found: named with both counts, whichever is larger."""

from datetime import timedelta

from partner_assets.checks.by_table import reports_of_run
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets_tests.checks.damage import leave_out, look, shown
from partner_assets_tests.materialization.site import TODAY, OpenSite, checks

YESTERDAY = TODAY - timedelta(days=1)


def test_days_agree_after_ordinary_runs_changes_and_removals(open_site: OpenSite) -> None:
    """Guards against versions of an order that count twice, and against gone orders that still count."""
    site = open_site(with_checks=True, start=YESTERDAY, orders_per_day=10)
    first = checks(site.run_days(YESTERDAY, TODAY), "order_documents")["search_agrees"]
    assert (first.passed, first.description) == (True, "2 days agree with the search.")
    one, other = [row["transaction_id"] for row in site.rows("orders", creation_date=TODAY)][:2]
    site.sandbox.control("clock", advance_seconds=60)
    site.sandbox.control("orders/change", id=one)
    site.sandbox.control("orders/remove", id=other)
    assert checks(site.run_days(YESTERDAY, TODAY), "order_documents")["search_agrees"].passed


def test_a_missing_document_is_shown_with_both_counts(open_site: OpenSite) -> None:
    """Guards against a day that was published short."""
    site = open_site(start=YESTERDAY, orders_per_day=10)
    result = site.run_days(YESTERDAY, TODAY)
    reports = reports_of_run(site.instance, result.run_id, ORDER_DOCUMENTS)
    assert look(site, "search_agrees", "order_documents", reports=reports).passed
    orders = site.rows("orders", creation_date=TODAY)
    leave_out(site, "order_documents", transaction_id=orders[0]["transaction_id"])
    finding = look(site, "search_agrees", "order_documents", reports=reports)
    assert not finding.passed
    count = len(orders)
    assert finding.description == (
        f"1 of 2 days disagree with the search. {TODAY}: {count} found, {count - 1} current, 0 rejected."
    )
    assert shown(finding) == [
        {
            "creation_date": TODAY.isoformat(),
            "current": str(count - 1),
            "found": str(count),
            "fetched": str(count),
            "gone": "0",
            "rejected": "0",
            "drifted": "0",
            "behind": "0",
        }
    ]


def test_a_day_without_any_document_disagrees_too(open_site: OpenSite) -> None:
    """Guards against a day that is not counted because it has no row."""
    site = open_site(orders_per_day=10)
    result = site.run_day(TODAY)
    leave_out(site, "order_documents")
    reports = reports_of_run(site.instance, result.run_id, ORDER_DOCUMENTS)
    finding = look(site, "search_agrees", "order_documents", reports=reports)
    assert [(row["creation_date"], row["current"]) for row in shown(finding)] == [(TODAY.isoformat(), "0")]


def test_more_documents_than_the_search_found_disagree_as_well(open_site: OpenSite) -> None:
    """Guards against orders that the search has dropped in silence while their details still come."""
    site = open_site(orders_per_day=10)
    result = site.run_day(TODAY)
    found = len(site.rows("orders"))
    site.add_order(f"{TODAY}T06:00:00Z")
    site.run_day(TODAY)
    reports = reports_of_run(site.instance, result.run_id, ORDER_DOCUMENTS)
    [row] = shown(look(site, "search_agrees", "order_documents", reports=reports))
    assert (row["found"], row["current"]) == (str(found), str(found + 1))


def test_a_run_that_only_checks_says_that_it_has_read_nothing(open_site: OpenSite) -> None:
    """Guards against days that are compared with a search of another time."""
    site = open_site(orders_per_day=3)
    site.run_day(TODAY)
    leave_out(site, "order_documents")
    finding = look(site, "search_agrees", "order_documents")
    assert (finding.passed, finding.description) == (True, "This run has read no search.")


def test_a_day_whose_orders_never_held_still_is_said_to_have_drifted(open_site: OpenSite) -> None:
    """Guards against a check that finds everything in order because as many documents came as orders were found."""
    site = open_site(start=YESTERDAY, orders_per_day=3)
    result = site.run_days(YESTERDAY, TODAY)
    reports = reports_of_run(site.instance, result.run_id, ORDER_DOCUMENTS)
    reports[TODAY.isoformat()] = {**reports[TODAY.isoformat()], "drifted": 1}
    finding = look(site, "search_agrees", "order_documents", reports=reports)
    assert not finding.passed
    assert finding.description == (
        "On 1 of 2 days orders moved from page to page in every reading, so some may be missing: "
        f"{TODAY}. The change feed has a day read again for every order that changed; materialise an older day again by "
        "hand."
    )
    assert [(row["creation_date"], row["drifted"]) for row in shown(finding)] == [(TODAY.isoformat(), "1")]


def test_a_day_whose_details_were_behind_the_search_says_how_many(open_site: OpenSite) -> None:
    """Guards against a check that finds everything in order because there is a document, whatever its age, for every order."""
    site = open_site(start=YESTERDAY, orders_per_day=3)
    result = site.run_days(YESTERDAY, TODAY)
    reports = reports_of_run(site.instance, result.run_id, ORDER_DOCUMENTS)
    reports[TODAY.isoformat()] = {**reports[TODAY.isoformat()], "behind": 2}
    finding = look(site, "search_agrees", "order_documents", reports=reports)
    assert not finding.passed
    assert finding.description == (
        "On 1 of 2 days the details of some orders were older than the search told, or missing. "
        f"{TODAY}: 2. The change feed has a day read again for every order that changed; materialise an older day again by "
        "hand."
    )
    assert [(row["creation_date"], row["behind"]) for row in shown(finding)] == [(TODAY.isoformat(), "2")]
