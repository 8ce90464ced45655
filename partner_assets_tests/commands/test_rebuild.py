"""`partner-assets rebuild`, with no key and nobody to ask: what code of yesterday kept in `extra` fills columns of today.

Yesterday's code is a copy of this package with some columns taken out of its declarations. Not here: the job itself
(`materialization/test_rebuild.py`).
"""

import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import dagster as dg
import duckdb
import pytest

import partner_assets
from partner_assets.commands.rebuild import tables_to_rebuild
from partner_assets.commands.sql import locked_catalogue
from partner_assets.lake import catalogue, reading
from partner_assets.lake.locks import locked
from partner_assets.settings import SettingsError
from partner_assets.tables.dictionary import TABLES_BY_NAME
from partner_assets_tests.commands.shell import environment, run, started
from partner_assets_tests.materialization.site import TODAY, OpenSite, Site

UNLEARNED = {"orders": "payment_terms", "order_lines": "usage_scope", "order_charges": "coupon_name"}
QUESTION = (
    "SELECT (SELECT count(payment_terms) FROM orders), (SELECT count(usage_scope) FROM order_lines), "
    "(SELECT count(coupon_name) FROM order_charges), (SELECT count(extra) FROM orders), (SELECT count(extra) FROM "
    "order_lines), (SELECT count(extra) FROM order_charges)"
)
Counts = list[int]


def code_of_yesterday(folder: Path) -> Path:
    """Copy the package, and take columns out of its declarations."""
    assert partner_assets.__file__
    copy = folder / "partner_assets"
    shutil.copytree(Path(partner_assets.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for table, column in UNLEARNED.items():
        file = copy / "tables" / f"{table}.py"
        one_line, many_lines = rf'Column\("{column}",[^\n]*\),', rf'Column\(\s*"{column}",.*?\n        \),'
        declared = re.compile(rf"\n        (?:{one_line}|{many_lines})", re.DOTALL)
        text, count = declared.subn("", file.read_text())
        assert (count, column in text) == (1, False), table
        file.write_text(text)
    return folder


def settings(site: Site, **more: str) -> dict[str, str]:
    """Return the only setting that the command needs."""
    return {"PARTNER_LAKE": str(site.lake), **more}


def rebuild_of_yesterday(code: Path, env: Mapping[str, str]) -> None:
    """Run the command of yesterday's code."""
    program = f"import sys, partner_assets.cli as cli; assert cli.__file__.startswith({str(code)!r}); cli.main()"
    subprocess.run(
        [sys.executable, "-c", program, "rebuild"],
        cwd=code,
        env=environment(**env),
        check=True,
        capture_output=True,
        timeout=120,
    )


def answer(site: Site) -> Counts:
    """Ask, as `partner-assets sql` does, how many values and how many `extra` there are in each table."""
    with locked_catalogue(site.lake) as connection:
        [row] = connection.execute(QUESTION).fetchall()
    return list(row)


@pytest.fixture
def site(open_site: OpenSite) -> Site:
    """A lake with a day of orders, all of it known."""
    site = open_site(orders_per_day=0)
    ids = site.sandbox.control("orders/add", count=6, creationDateTime=f"{TODAY}T06:00:00Z")["ids"]
    charge = {"sequenceNumber": 1, "quantity": 2, "coupon": {"name": "SPRING"}}
    lines = [{"sequenceNumber": 1, "usageScope": "GEO EMEA", "licenseChargeBreakdown": [charge]}]
    fields = {"paymentTerms": "30 days", "licenseChargeConditions": lines}
    site.sandbox.control("orders/change", ids=ids, fields=fields)
    site.run_day(TODAY)
    site.forget_requests()
    return site


def test_the_command_fills_what_the_code_has_learned_without_a_key_and_without_the_api(
    site: Site, tmp_path: Path
) -> None:
    """Guards against the day after an update: columns that stay empty, files that nobody can read, a million requests."""
    truth = {name: site.rows(name) for name in UNLEARNED}
    for name in UNLEARNED:
        shutil.rmtree(site.lake / name)
    rebuild_of_yesterday(code_of_yesterday(tmp_path / "yesterday"), settings(site))
    for name, column in UNLEARNED.items():
        [file] = site.files(name)
        assert reading.lacking(TABLES_BY_NAME[name], file) == (column,)
        assert {row["extra"] is None for row in site.rows(name)} == {False}
    with pytest.raises(duckdb.BinderException, match='"payment_terms" not found'):
        answer(site)
    catalogue.build(site.lake)
    assert answer(site) == [0, 0, 0, 6, 6, 6]
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}")
    done = run("rebuild", cwd=tmp_path, env=settings(site, DAGSTER_HOME=str(home)))
    assert (done.returncode, done.stderr.count("\n")) == (0, 2), done.stderr
    assert "rebuild: done (orders 1 partitions, 6 rows, 0 requests" in done.stderr
    assert re.search(r"^orders +6 +1 ", done.stdout, re.MULTILINE)
    assert "Files: 3 written, 0 held the same rows already." in done.stdout
    assert answer(site) == [6, 6, 6, 0, 0, 0]
    assert {name: site.rows(name) for name in UNLEARNED} == truth
    assert site.asked() == 0
    with dg.DagsterInstance.from_config(str(home)) as instance:
        for name in UNLEARNED:
            assert instance.get_materialized_partitions(dg.AssetKey(name)) == {str(TODAY)}
        assert instance.get_latest_materialization_event(dg.AssetKey("analyst_views"))


def test_a_file_that_cannot_be_read_hides_no_failure(site: Site, tmp_path: Path) -> None:
    """Guards against a summary that ends in the words of a file that it only counts, and what failed is told nowhere."""
    [orders] = site.files("orders")
    products = site.lake / "products" / orders.parent.parent.name
    products.mkdir(parents=True)
    (products / "part-0.parquet").write_text("rubbish")
    done = run("rebuild", cwd=tmp_path, env=settings(site))
    assert done.returncode == 1
    assert re.search(r"^products +\? +1 +7 ", done.stdout, re.MULTILINE), done.stdout
    assert re.search(r"^all +\? +\d", done.stdout, re.MULTILINE)
    assert re.search(r"^orders +6 +1 ", done.stdout, re.MULTILINE)
    assert "partner.duckdb cannot be built anew, the old one stays" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "orderz",
            "There is no table orderz: orders, order_lines, order_charges can be rebuilt, or all of them without a name.",
        ),
        (
            "products",
            "products cannot be rebuilt, since only of orders are the API's own documents kept. "
            "Make it anew with: partner-assets run --only catalogue",
        ),
        (
            "order_documents",
            "order_documents is what the API sent: orders, order_lines, order_charges are rebuilt from it, and it from nothing.",
        ),
        (
            "rejected",
            "rejected comes with the tables: rebuild orders, order_lines, order_charges, and it is rebuilt for them.",
        ),
        (
            "code_labels",
            "code_labels cannot be rebuilt, since it comes with the program. "
            "Make it anew with: partner-assets run --only catalogue",
        ),
    ],
)
def test_a_table_that_cannot_be_rebuilt_is_told_why(name: str, sentence: str) -> None:
    """Guards against a catalogue that is taken for rebuilt, and a person who does not know what to do instead."""
    with pytest.raises(SettingsError) as refused:
        tables_to_rebuild(name)
    assert str(refused.value) == sentence


def test_the_other_tables_can_be_rebuilt_one_by_one_or_together() -> None:
    """Guards against a name that means another table."""
    assert [table.name for table in tables_to_rebuild(None)] == list(UNLEARNED)
    assert [[table.name for table in tables_to_rebuild(name)] for name in UNLEARNED] == [[name] for name in UNLEARNED]


def test_a_lake_without_documents_is_one_sentence_and_no_success(tmp_path: Path) -> None:
    """Guards against a trace, and against nothing done that looks like success."""
    done = run("rebuild", "orders", cwd=tmp_path, env={"PARTNER_LAKE": "nowhere"})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "There are no documents of orders in nowhere of the legal entity main, of which anything could be made. "
        "Fetch them with: partner-assets run --only orders, or name another in PARTNER_LEGAL_ENTITY\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_stopped_one_says_what_became_of_the_months(open_site: OpenSite, tmp_path: Path) -> None:
    """Guards against an end without a word, after which nobody knows whether a table is half made."""
    site = open_site(start=TODAY - timedelta(days=1), orders_per_day=20)
    site.run_days(site.start, TODAY)
    before = {file: file.read_bytes() for file in site.lake.rglob("*.parquet")}
    [file] = (site.lake / "orders").rglob("part-0.parquet")
    with locked(site.lake, file, 1), started("rebuild", cwd=tmp_path, env=settings(site)) as process:
        while process.poll() is None and not list((site.lake / ".locks" / "runs").glob("*.works")):
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert said.endswith(
        "Stopped. Every month is whole, made again or as it was; to make all of them, start it again.\n"
    )
    assert {file: file.read_bytes() for file in site.lake.rglob("*.parquet")} == before
