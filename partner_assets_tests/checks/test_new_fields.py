"""Fields that no column holds: told by the first result after they were seen, then listed, with first sight and count.

Not here: columns that lost their values (`test_vanished_columns.py`).
"""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from partner_assets.checks.new_fields import NAME
from partner_assets.checks.told_once import KNOWN, LISTED
from partner_assets.lake.store import Lake
from partner_assets.materialization.order_versions import EARLIER
from partner_assets.tables.accreditations import ACCREDITATIONS
from partner_assets.tables.dictionary import TABLES
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.values import json_text
from partner_assets_tests.checks.looking import HOUR, at, finding_of, listed
from partner_assets_tests.lake.rows import DAY, NOW, order, put, row
from partner_assets_tests.materialization.site import TODAY, OpenSite, Site, checks

NEXT_MONTH = DAY + timedelta(days=31)
GREEN = '{"greenScore":1}'


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """An empty lake."""
    return Lake(tmp_path / "lake", "main")


def month(day: date) -> dict[str, str]:
    """Return the tags of a run of a day."""
    return {"dagster/partition": day.isoformat()}


def send(site: Site, orders: Any, **fields: Any) -> None:
    """Let the API send more for some orders."""
    site.sandbox.control("clock", advance_seconds=60)
    site.sandbox.control("orders/change", ids=orders, fields=fields)


def test_a_new_field_is_told_once_and_listed_from_then_on(open_site: OpenSite) -> None:
    """Guards against a field that nobody hears of, and against a warning at every run until nobody reads any."""
    site = open_site(with_checks=True, orders_per_day=0)
    orders: Any = site.sandbox.control("orders/add", count=4, creationDateTime=f"{TODAY}T06:00:00Z")["ids"]
    charge = {"sequenceNumber": 1, "product": {"weight": 5}, "quantity": 1}
    line = {"sequenceNumber": "1", "promotion": {"id": "PAO1", "budget": 3}, "licenseChargeBreakdown": [charge]}
    assert checks(site.run_day(TODAY), "orders")[NAME].description == "None."
    send(site, orders[:2], greenScore=1.5, soldToSite={"vat": {"id": "FR1"}}, licenseChargeConditions=[line])
    result = site.run_day(TODAY)
    first = checks(result, "orders")[NAME]
    since = min(one["fetched_at"] for one in site.rows("orders") if one["extra"])
    assert (first.passed, first.severity.value) == (False, "WARN")
    assert first.description == (
        f"Fields of orders without a column, kept in extra: greenScore (since {since:%Y-%m-%d %H:%M}, 2 rows), "
        f"soldToSite.vat (since {since:%Y-%m-%d %H:%M}, 2 rows). This is said once."
    )
    [entry] = [one for one in first.metadata[KNOWN].value if one["field"] == "soldToSite.vat"]
    assert entry == {"where": "orders", "field": "soldToSite.vat", "first seen": since.isoformat(), "rows": 2}
    assert listed(checks(result, "order_lines")[NAME]) == {"promotion.budget": 2, "sequenceNumber": 2}
    assert listed(checks(result, "order_charges")[NAME]) == {"product.weight": 2}
    # The orders that have it change, and another one gets it: all of its rows are younger than the warning.
    send(site, orders[:3], greenScore=2)
    again = checks(site.run_day(TODAY), "orders")[NAME]
    assert again.passed
    assert again.description.startswith("Nothing new. Fields of orders without a column, kept in extra: ")
    assert listed(again) == {"greenScore": 3, "soldToSite.vat": 2}
    assert {one["first seen"] for one in again.metadata[KNOWN].value} == {since.isoformat()}


def test_a_field_of_a_run_that_came_to_no_checks_is_told_by_the_next(open_site: OpenSite) -> None:
    """Guards against the one warning lying in a run that failed, was killed, or was deleted."""
    site = open_site(with_checks=True, orders_per_day=0)
    orders: Any = site.sandbox.control("orders/add", count=2, creationDateTime=f"{TODAY}T06:00:00Z")["ids"]
    site.run_day(TODAY)
    send(site, orders[:1], greenScore=1.5)
    job = dg.define_asset_job("without_checks", dg.AssetSelection.groups("orders").without_checks())
    definitions = dg.Definitions.merge(site.definitions, dg.Definitions(jobs=[job]))
    lost = definitions.resolve_job_def("without_checks").execute_in_process(
        instance=site.instance, partition_key=TODAY.isoformat()
    )
    assert lost.success
    assert [one["extra"] for one in site.rows("orders") if one["extra"]] == ['{"greenScore":1.5}']
    site.wait(timedelta(days=3))
    first = checks(site.run_day(TODAY), "orders")[NAME]
    assert (first.passed, listed(first)) == (False, {"greenScore": 1})


def test_a_field_is_not_new_because_a_month_is(lake: Lake) -> None:
    """Guards against everything being told again on the first of every month, since a run sees only its own files."""
    put(lake, ORDERS, [order(1, extra=GREEN, **at(0))])
    first = finding_of(lake, NAME, "orders", tags=month(DAY), forgets=False)
    assert (first.passed, listed(first)) == (False, {"greenScore": 1})
    put(lake, ORDERS, [order(number, NEXT_MONTH, extra=GREEN, **at(800)) for number in (2, 3)])
    second = finding_of(lake, NAME, "orders", tags=month(NEXT_MONTH), recalled=first)
    assert (second.passed, listed(second)) == (True, {"greenScore": 2})
    assert second.metadata[KNOWN].value[0]["first seen"] == NOW.isoformat()
    # A run over a month without it does not forget it.
    put(lake, ORDERS, [order(2, NEXT_MONTH, **at(801))])
    third = finding_of(lake, NAME, "orders", tags=month(NEXT_MONTH), recalled=second)
    assert (third.passed, listed(third)) == (True, {"greenScore": 2})
    assert finding_of(lake, NAME, "orders", tags=month(DAY), recalled=third).passed


def test_where_dagster_forgets_only_what_is_young_is_told(lake: Lake) -> None:
    """Guards against a shell without DAGSTER_HOME that tells of every field of years, at every run."""
    put(lake, ORDERS, [order(1, extra=GREEN, **at(0))])
    put(lake, ORDERS, [order(2, NEXT_MONTH, extra='{"greenScore":1,"youngScore":2}', **at(800))])
    for _ in range(2):
        finding = finding_of(lake, NAME, "orders", tags=month(NEXT_MONTH))
        assert not finding.passed
        assert "youngScore" in finding.description
        assert "greenScore" not in finding.description
        assert listed(finding) == {"greenScore": 2, "youngScore": 1}
    put(lake, ORDERS, [order(3, NEXT_MONTH + timedelta(days=1), **at(825))])
    assert finding_of(lake, NAME, "orders", tags=month(NEXT_MONTH)).passed


def test_an_instance_that_could_remember_and_does_not_is_told_all_once(lake: Lake) -> None:
    """Guards against the fields of years that nobody is told of, since this check came later than they."""
    put(lake, ORDERS, [order(1, extra=GREEN, **at(0)), order(2, **at(8000))])
    assert finding_of(lake, NAME, "orders").passed
    first = finding_of(lake, NAME, "orders", forgets=False)
    assert not first.passed
    assert finding_of(lake, NAME, "orders", recalled=first).passed


def test_fields_of_the_catalogue_are_told_by_their_first_version(lake: Lake) -> None:
    """Guards against a first sight that moves whenever a row with the field changes, and against counting closed rows."""
    for hours, extra in enumerate([None, '{"tier":1,"industry":{"code":"A"}}', '{"tier":2}']):
        moment = NOW + hours * HOUR
        version = row(ACCREDITATIONS, accreditation_id="PRTF1", extra=extra, fetched_at=moment, valid_from=moment)
        put(lake, ACCREDITATIONS, [version], as_of={(): moment})
    finding = finding_of(lake, NAME, "accreditations")
    assert listed(finding) == {"tier": 1}
    assert finding.metadata[KNOWN].value[0]["first seen"] == (NOW + HOUR).isoformat()


def test_odd_names_and_values_of_every_table_are_listed_as_they_are(lake: Lake) -> None:
    """Guards against a check that cannot look because of one field's name, or of a number that no double can hold."""
    odd = {"a.b": 1, "q\"u'o": 2, "$": 3, "": 4, "é\0": 5, "big": 10**400, "deep": {"a": [[[]]]}, "huge": 1e308}
    given = {"extra": json_text({**odd, EARLIER: [1], "(parent)": {"name": "x"}}), "fetched_at": NOW}
    tables = [table for table in TABLES if any(column.paths for column in table.columns)]
    assert len(tables) == 9
    for table in tables:
        put(lake, table, [row(table, **given, **({"valid_from": NOW} if table.keeps_history else {}))])
        finding = finding_of(lake, NAME, table.name)
        assert listed(finding) == dict.fromkeys([*odd, "(parent).name"], 1)
        assert not finding.passed


def test_a_field_that_has_a_column_by_now_is_no_longer_listed(lake: Lake) -> None:
    """Guards against a list that only grows: after a rebuild, what was learned is gone from it."""
    put(lake, ORDERS, [order(1, extra='{"paymentTerms":"30 days","greenScore":1}')])
    finding = finding_of(lake, NAME, "orders")
    assert listed(finding) == {"paymentTerms": 1, "greenScore": 1}
    put(lake, ORDERS, [order(1, extra=GREEN, payment_terms="30 days")])
    again = finding_of(lake, NAME, "orders", recalled=finding)
    assert (again.passed, listed(again)) == (True, {"greenScore": 1})


def test_a_flood_of_fields_is_counted_and_cut_short(lake: Lake) -> None:
    """Guards against a sentence as long as a table, where the API uses keys as names."""
    put(lake, ORDERS, [order(1, extra=json_text({f"f{number:03}": 1 for number in range(LISTED + 20)}))])
    finding = finding_of(lake, NAME, "orders")
    assert finding.metadata["new"] == LISTED + 20
    assert len(listed(finding)) == LISTED
    assert f" and {LISTED + 10} more. This is said once." in finding.description
