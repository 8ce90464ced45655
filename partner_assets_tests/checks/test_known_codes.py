"""Codes that no list has: counted by column, the most frequent first; those of the lists, and none at all, are fine."""

from collections import Counter

from partner_assets.sandbox.codes_in_use import UNDOCUMENTED
from partner_assets.tables.codes import CODE_SETS
from partner_assets.tables.dictionary import TABLES_BY_NAME
from partner_assets_tests.checks.damage import change, look, put, shown
from partner_assets_tests.materialization.site import TODAY, OpenSite, Row, checks


def undocumented(rows: list[Row], table: str) -> dict[tuple[str, str], int]:
    """Count, by column and code, the rows with a code that is on no list."""
    counts: Counter[tuple[str, str]] = Counter()
    for column in TABLES_BY_NAME[table].columns:
        if column.codes:
            known = {label.code for label in CODE_SETS[column.codes]} | {"None"}
            assert column.codes not in UNDOCUMENTED or known.isdisjoint(UNDOCUMENTED[column.codes])
            counts.update((column.name, str(row[column.name])) for row in rows if str(row[column.name]) not in known)
    return counts


def test_the_orders_of_the_sandbox_have_just_the_undocumented_codes_that_it_makes_up(open_site: OpenSite) -> None:
    """Guards against a list that lost a code, and against a check that misses a column or a row."""
    site = open_site(with_checks=True, orders_per_day=400)
    result = site.run_day(TODAY)
    for table in ("orders", "order_lines", "order_charges"):
        check = checks(result, table)["codes_known"]
        assert (check.passed, check.severity.value) == (False, "WARN")
        wanted = undocumented(site.rows(table), table)
        assert {(row["column"], row["code"]): int(row["rows"]) for row in shown(check)} == wanted
        assert {code for _, code in wanted} <= {code for codes in UNDOCUMENTED.values() for code in codes}
        counts = [int(row["rows"]) for row in shown(check)]
        assert counts == sorted(counts, reverse=True)
        assert check.metadata["unknown codes"].value == len(wanted)
        assert f"{len(wanted)} codes of {table} have no label: " in check.description


def test_the_catalogue_has_the_undocumented_codes_of_the_sandbox(open_site: OpenSite) -> None:
    """Guards against numbers that are compared with texts: an availability status is a number."""
    site = open_site(with_checks=True, orders_per_day=0)
    site.run_roots()
    check = checks(site.run_products("PRTF012"), "products")["codes_known"]
    wanted = undocumented(site.rows("products"), "products")
    assert {(row["column"], row["code"]): int(row["rows"]) for row in shown(check)} == wanted
    assert ("availability_status", "7") in wanted


def test_documented_codes_and_nulls_are_fine_and_an_unknown_one_is_named(open_site: OpenSite) -> None:
    """Guards against a warning about what is known, or about nothing at all."""
    site = open_site(orders_per_day=20)
    site.run_day(TODAY)
    change(site, "order_lines", lambda row: {**row, "order_type": "NEW"})
    first = site.rows("order_lines")[0]["transaction_id"]
    put(site, "order_lines", {"transaction_id": first}, order_type=None)
    finding = look(site, "codes_known", "order_lines")
    assert (finding.passed, finding.description) == (True, "All have a label.")
    put(site, "order_lines", {"transaction_id": first}, order_type="XYZ")
    lines = len(site.rows("order_lines", transaction_id=first))
    finding = look(site, "codes_known", "order_lines")
    assert not finding.passed
    assert finding.description == f"1 codes of order_lines have no label: order_type XYZ ({lines} rows)."
    assert shown(finding) == [{"column": "order_type", "code": "XYZ", "rows": str(lines)}]


def test_a_code_that_only_history_knows_is_no_longer_told(open_site: OpenSite) -> None:
    """Guards against a warning that nobody can ever make go away."""
    site = open_site(orders_per_day=0)
    site.run_roots()
    assert not look(site, "codes_known", "accreditations").passed
    change(site, "accreditations", lambda row: {**row, "deployment_type": "1"})
    assert "7" in {row["deployment_type"] for row in site.rows("accreditations")}
    assert look(site, "codes_known", "accreditations").passed


def test_more_than_ten_codes_are_counted_and_ten_are_shown(open_site: OpenSite) -> None:
    """Guards against a sentence as long as a table."""
    site = open_site(orders_per_day=0)
    site.run_roots()
    numbers = iter(range(100))
    change(site, "accreditations", lambda row: {**row, "deployment_type": f"odd {next(numbers)}"})
    finding = look(site, "codes_known", "accreditations")
    count = len(site.current("accreditations"))
    assert len(shown(finding)) == 10
    assert finding.metadata["unknown codes"] == count > 10
    assert finding.description.endswith(f" and {count - 10} more.")


def test_a_code_is_told_once_and_counted_from_then_on(open_site: OpenSite) -> None:
    """Guards against a warning that stands there for ever, so that nobody sees the next one."""
    site = open_site(with_checks=True, orders_per_day=0)
    orders = site.sandbox.control("orders/add", count=4, creationDateTime=f"{TODAY}T06:00:00Z")["ids"]
    site.sandbox.control("orders/change", ids=orders, fields={"transaction": {"status": "XYZ"}})
    assert not checks(site.run_day(TODAY), "orders")["codes_known"].passed
    again = checks(site.run_day(TODAY), "orders")["codes_known"]
    assert again.passed
    assert {"column": "status", "code": "XYZ", "rows": "4"} in shown(again)
    assert "status XYZ (4 rows)" in str(again.description)
    site.sandbox.control("clock", advance_seconds=60)
    site.sandbox.control(
        "orders/change", id=site.add_order(f"{TODAY}T07:00:00Z"), fields={"transaction": {"status": "ABC"}}
    )
    assert not checks(site.run_day(TODAY), "orders")["codes_known"].passed
    assert checks(site.run_day(TODAY), "orders")["codes_known"].passed
