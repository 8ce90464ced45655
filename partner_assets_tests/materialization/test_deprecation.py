"""The deprecated version of the API: every run says once that it is in use, and what to do.

Not here: the tables that come of it (`test_truth_v0.py`), and what the command line says (`commands/test_deprecation.py`).
"""

import logging
from datetime import timedelta

import dagster as dg

from partner_assets.sandbox.keys import hash_of
from partner_assets_tests.materialization.site import KEY, TODAY, OpenSite, Site, succeeded

DAY = TODAY.isoformat()


def warnings(site: Site, run_id: str) -> list[str]:
    """Return the warnings in a run's log, as the UI shows them."""
    entries = site.instance.all_logs(run_id)
    return [entry.user_message for entry in entries if entry.level == logging.WARNING and entry.dagster_event is None]


def is_advice(text: str) -> bool:
    """Tell whether a warning names the version in use, what is wrong with it and what to set."""
    return all(words in text for words in ("PARTNER_API_VERSION is v0", "deprecated", "Set it to v1"))


def test_a_run_says_once_that_its_version_is_deprecated(open_site: OpenSite) -> None:
    """Guards against an operator who learns of it when the endpoints are gone, and against a line for every slice."""
    first = TODAY - timedelta(days=4)
    site = open_site(start=first, api_version="v0", orders_per_day=3)
    for result in (site.run_roots(), site.run_days(first, TODAY), site.run_days(first, TODAY)):
        (advice,) = warnings(site, result.run_id)
        assert is_advice(advice)
        assert not any(character.isdigit() for character in advice.replace("v0", "").replace("v1", "")), "no date"


def test_a_run_of_several_assets_says_it_once(open_site: OpenSite) -> None:
    """Guards against a line for every step that asks the deprecated endpoints."""
    site = open_site(api_version="v0", orders_per_day=30)
    job = site.definitions.resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(
        instance=site.instance,
        partition_key=DAY,
        asset_selection=[dg.AssetKey("accreditations"), dg.AssetKey("order_documents")],
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )
    succeeded(result)
    assert len(site.rows("accreditations")) * len(site.rows("order_documents")) > 0
    assert [is_advice(each) for each in warnings(site, result.run_id)] == [True]


def test_a_retry_says_it_again(open_site: OpenSite) -> None:
    """Guards against silence because the tags of the run before were taken over."""
    site = open_site(api_version="v0", orders_per_day=3)
    tags = dict(site.instance.get_run_by_id(site.run_roots().run_id).tags)  # type: ignore[union-attr] # it was just run
    again = site.definitions.resolve_job_def("catalogue_roots").execute_in_process(
        instance=site.instance, tags=tags, run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    )
    assert [is_advice(each) for each in warnings(site, again.run_id)] == [True]


def test_what_is_not_deprecated_is_not_mentioned(open_site: OpenSite) -> None:
    """Guards against a warning that nobody can heed: prices and products have one version, and v1 is the newest."""
    new = open_site(orders_per_day=3)
    assert [warnings(new, result.run_id) for result in (new.run_roots(), new.run_day(TODAY))] == [[], []]
    old = open_site(api_version="v0", orders_per_day=3)
    assert warnings(old, old.run_products("PRTF136").run_id) == []


def test_it_is_said_before_anything_is_asked(open_site: OpenSite) -> None:
    """Guards against a failure without the reason, on the day on which the vendor no longer answers the old endpoints."""
    site = open_site(api_version="v0", orders_per_day=3)
    site.sandbox.control("keys/revoke", hashed_key=hash_of(KEY))
    result = site.run("catalogue_roots")
    assert not result.success
    assert [is_advice(each) for each in warnings(site, result.run_id)] == [True]
