"""Names of people: marked wherever an analyst or an operator meets them, and nowhere in the catalogue without them."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from partner_assets.lake import catalogue
from partner_assets.lake.layout import CATALOGUE_NAME, WITHOUT_PII_NAME
from partner_assets_tests.commands.shell import run
from partner_assets_tests.materialization.site import TODAY, OpenSite, Site

FIELDS = ("billToContact", "billToSalesRepresentative", "dsSalesRepresentative")
"""Where the API's reference says that a value is the name of a person."""

UNKNOWN_FIELD = "secondContact"
BROKEN = "BROKEN, Ada"
"""A name in a record that becomes no row."""


@pytest.fixture
def site(open_site: OpenSite) -> Site:
    """A lake with orders in which people are named: also in a field that nobody knows, and in a record that is no order."""
    site = open_site(orders_per_day=0)
    ids = [site.add_order(f"{TODAY}T06:00:{second:02d}Z") for second in range(6)]
    site.sandbox.control("orders/change", ids=ids[:1], fields={UNKNOWN_FIELD: "FIELD, Nova"})
    site.sandbox.control("orders/change", ids=ids[1:2], fields={"currency": None, "billToContact": BROKEN})
    site.run_day(TODAY)
    site.run("views")
    return site


@pytest.fixture
def people(site: Site) -> set[str]:
    """Everybody who is named in the orders."""
    documents = list(site.sandbox.world.order_documents(TODAY, TODAY))
    return {str(one[field]) for one in documents for field in (*FIELDS, UNKNOWN_FIELD) if one.get(field)}


def naming(connection: duckdb.DuckDBPyConnection, people: set[str]) -> Iterator[tuple[str, str]]:
    """Yield every column of a view, or of a macro, in which somebody is named."""
    views = [
        name for (name,) in connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    ]
    macros = ["prices_as_of(now())", "orders_as_of(now())", "renewals_due(36500)"]
    for source in [*views, *macros]:
        answer = connection.execute(f"SELECT * FROM {source}")
        names = [column[0] for column in answer.description]
        for row in answer.fetchall():
            for name, value in zip(names, row, strict=True):
                if any(person in str(value) for person in people):
                    yield source, name


def test_nobody_is_named_in_the_catalogue_without_names(site: Site, people: set[str]) -> None:
    """Guards against a contact that a colleague reads who must not, also where the API sends it as something unknown."""
    assert len(people) > 3
    assert {"FIELD, Nova", BROKEN} <= people
    before = catalogue.build(site.lake, with_pii=False).stat().st_ino
    site.run("views")
    assert (site.lake / WITHOUT_PII_NAME).stat().st_ino != before
    with catalogue.connect(site.lake) as connection:
        told = set(naming(connection, people))
    # The search is not blind: with names, it finds them in every kind of place.
    assert told >= {
        ("orders", "bill_to_contact"),
        ("orders", "bill_to_sales_representative"),
        ("orders", "ds_sales_representative"),
        ("orders", "extra"),
        ("order_documents", "document"),
        ("order_items", "bill_to_contact"),
        ("rejected", "record"),
    }
    with duckdb.connect(str(site.lake / WITHOUT_PII_NAME), read_only=True) as connection:
        connection.execute(f"SET VARIABLE lake = '{site.lake}'")
        assert set(naming(connection, people)) == set()


def test_what_is_left_answers_as_before(site: Site) -> None:
    """Guards against a catalogue without names that has other rows, lacks more columns, or cannot be asked."""
    catalogue.build(site.lake, with_pii=False)
    with catalogue.connect(site.lake) as connection:
        connection.execute(f"ATTACH '{site.lake / WITHOUT_PII_NAME}' AS bare (READ_ONLY)")
        marked = connection.execute("SELECT table_name, column_name FROM data_dictionary WHERE is_pii").fetchall()
        for (view,) in connection.execute("SELECT DISTINCT table_name FROM data_dictionary").fetchall():
            if view in ("data_dictionary", "freshness") or view.endswith(("_as_of", "renewals_due")):
                continue
            hidden = [column for table, column in marked if table == view]
            without = f"EXCLUDE ({', '.join(hidden)})" if hidden else ""
            whole = connection.execute(f"SELECT * {without} FROM {view} ORDER BY ALL").fetchall()
            assert connection.execute(f"SELECT * FROM bare.{view} ORDER BY ALL").fetchall() == whole
        for macro in ("orders_as_of(now())", "renewals_due(36500)"):
            counts = [connection.execute(f"SELECT count(*) FROM {of}{macro}").fetchall() for of in ("", "bare.")]
            assert counts[0] == counts[1] != [(0,)]


def test_columns_that_name_people_are_marked_for_analysts_and_operators(site: Site) -> None:
    """Guards against personal data that nobody knows to be any."""
    with catalogue.connect(site.lake) as connection:
        query = "SELECT comment FROM duckdb_columns() WHERE table_name = 'orders' AND column_name = 'bill_to_contact'"
        assert connection.execute(query).fetchall()[0][0].endswith("pii: holds names of people, or may.")
    metadata = site.definitions.get_repository_def().assets_defs_by_key[dg.AssetKey("orders")].metadata_by_key
    schema = metadata[dg.AssetKey("orders")]["dagster/column_schema"]
    marked = {column.name for column in schema.columns if "pii" in column.tags}
    assert marked == {"bill_to_contact", "bill_to_sales_representative", "ds_sales_representative", "extra"}


def test_the_command_makes_it_and_tells_what_it_left_out(tmp_path: Path) -> None:
    """Guards against a whole catalogue under a reassuring name, and against a file that nobody knows the limits of."""
    root = tmp_path / "lake"
    root.mkdir()
    done = run("catalogue", "--without-pii", cwd=tmp_path, env={"PARTNER_LAKE": str(root)})
    assert (done.returncode, done.stderr) == (0, "")
    assert "bill_to_contact" in done.stdout
    assert max(map(len, done.stdout.replace(str(root), "lake").splitlines())) <= 80
    assert not (root / CATALOGUE_NAME).exists()
    with duckdb.connect(str(root / WITHOUT_PII_NAME), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchall() == [(0,)]


def test_where_no_lake_is_the_command_says_so(tmp_path: Path) -> None:
    """Guards against an empty lake that is made by a misspelt path."""
    done = run("catalogue", cwd=tmp_path, env={"PARTNER_LAKE": str(tmp_path / "nowhere")})
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert not (tmp_path / "nowhere").exists()
