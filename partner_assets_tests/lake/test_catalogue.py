"""`partner.duckdb` as analysts meet it: an empty lake and a filled one, moved, rebuilt under readers, from any folder.

Not here: what the views for analysts join (`test_views.py`).
"""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from partner_assets.lake import catalogue
from partner_assets.lake.store import Change, Lake
from partner_assets.tables.accreditations import ACCREDITATIONS
from partner_assets.tables.dictionary import TABLES
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.table import VALIDITY
from partner_assets_tests.lake.a_lake import fill
from partner_assets_tests.lake.rows import DAY, NOW, RUN, order, put, row

FILLED = {"accreditations": 1, "price_lists": 2, "products": 3, "product_prices": 3, "orders": 2, "order_lines": 2}
HISTORIES = {f"{table.name}_history" for table in TABLES if table.keeps_history}
FOR_ANALYSTS = {"order_items", "price_book", "order_history", "freshness", "macros", "data_dictionary"}
NEVER_EMPTY = {"freshness", "macros", "data_dictionary"}
COUNT_ORDERS = "SELECT count(*) FROM orders"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return the folder of a filled lake with its catalogue."""
    fill(tmp_path / "lake")
    catalogue.build(tmp_path / "lake")
    return tmp_path / "lake"


def views(connection: duckdb.DuckDBPyConnection) -> dict[str, str | None]:
    """Return the comment of every view."""
    query = "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"
    return dict(connection.execute(query).fetchall())


def test_every_view_of_an_empty_lake_answers_with_no_rows_and_the_right_types(tmp_path: Path) -> None:
    """Guards against a first day without a catalogue, and queries that break when the first file comes."""
    catalogue.build(tmp_path)
    fill(tmp_path / "filled")
    catalogue.build(tmp_path / "filled")
    with catalogue.connect(tmp_path) as empty, catalogue.connect(tmp_path / "filled") as filled:
        assert set(views(empty)) == {table.name for table in TABLES} | HISTORIES | FOR_ANALYSTS
        for view in views(empty):
            assert [row[:2] for row in empty.execute(f"DESCRIBE {view}").fetchall()] == [
                row[:2] for row in filled.execute(f"DESCRIBE {view}").fetchall()
            ]
            rows = empty.execute(f"SELECT * FROM {view}").fetchall()
            assert (rows == []) == (view not in NEVER_EMPTY)


def test_a_connection_that_stays_open_sees_a_file_that_was_replaced_within_the_same_moment(tmp_path: Path) -> None:
    """Guards against the footer of a file that is gone, kept by a connection because the new file seems to be as old."""
    (written,) = put(lake := Lake(tmp_path, "main"), ORDERS, [order(1, currency="AAA")])
    catalogue.build(tmp_path)
    long_ago = (10**18, 10**18)
    with catalogue.connect(tmp_path) as connection:
        for currency in ("EUR", "USD", "JPY", "CHF"):
            put(lake, ORDERS, [order(1, currency=currency)])
            os.utime(written.file, ns=long_ago)
            assert connection.execute("SELECT min(currency), max(currency) FROM orders").fetchall() == [(currency,) * 2]
        setting = "SELECT current_setting('parquet_metadata_cache'), current_setting('disabled_optimizers')"
        assert connection.cursor().execute(setting).fetchall() == [(True, "partial_aggregate_pushdown")]


@pytest.mark.parametrize("is_filled", [True, False])
def test_the_view_of_a_table_has_its_declared_columns(is_filled: bool, tmp_path: Path) -> None:
    """Guards against a view that shows another type, order or column than the dictionary."""
    if is_filled:
        fill(tmp_path)
    catalogue.build(tmp_path)
    with catalogue.connect(tmp_path) as connection:
        for table in TABLES:
            described = connection.execute(f"DESCRIBE {table.name}").fetchall()
            shown = [(column.name, column.type.duckdb) for column in table.columns if column not in VALIDITY]
            assert [(name, kind) for name, kind, *_ in described] == shown


def test_a_filled_lake_shows_its_rows(root: Path) -> None:
    """Guards against a view that looks into the wrong folder, or counts a file twice."""
    with catalogue.connect(root) as connection:
        counts = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0] for name in FILLED}
    assert counts == FILLED


def test_every_view_and_every_column_has_a_comment(root: Path) -> None:
    """Guards against a column that an analyst meets without a word of explanation."""
    with catalogue.connect(root) as connection:
        assert all(views(connection).values())
        query = "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND coalesce(comment, '') = ''"
        assert connection.execute(query).fetchall() == []


def test_a_comment_tells_unit_and_code_set(root: Path) -> None:
    """Guards against months read as days, and codes that nobody knows where to look up."""
    query = "SELECT comment FROM duckdb_columns() WHERE table_name = ? AND column_name = ?"
    with catalogue.connect(root) as connection:
        (unit,) = connection.execute(query, ["order_lines", "waiver_duration"]).fetchall()
        (codes,) = connection.execute(query, ["orders", "status"]).fetchall()
    assert unit[0].endswith(" Unit: months.")
    assert codes[0].endswith(" Codes: code_labels, code_set order_status.")


def test_the_catalogue_holds_no_data(root: Path) -> None:
    """Guards against a second copy of the data, which would grow old."""
    with catalogue.connect(root) as connection:
        assert connection.execute("SELECT table_name FROM duckdb_tables()").fetchall() == []
    assert (root / "partner.duckdb").stat().st_size < 2_000_000


def test_current_rows_are_shown_and_closed_ones_are_not(tmp_path: Path) -> None:
    """Guards against a price list with last year's prices in it."""
    lake = fill(tmp_path)
    later = NOW + timedelta(days=1)
    renamed = row(ACCREDITATIONS, accreditation_id="PRTF1", name="Renamed")
    put(lake, ACCREDITATIONS, [renamed], as_of={(): later})
    catalogue.build(tmp_path)
    with catalogue.connect(tmp_path) as connection:
        assert connection.execute("SELECT name FROM accreditations").fetchall() == [("Renamed",)]


def test_an_analyst_opens_it_from_another_folder_with_the_variable_set(root: Path) -> None:
    """Guards against views that only work on the computer, or in the folder, that built them."""
    with duckdb.connect(str(root / "partner.duckdb"), read_only=True) as connection:
        with pytest.raises(duckdb.IOException, match="No files found"):
            connection.execute(COUNT_ORDERS)
        connection.execute(f"SET VARIABLE lake = '{root}'")
        assert connection.execute(COUNT_ORDERS).fetchall() == [(2,)]


def test_an_analyst_in_the_folder_of_the_lake_needs_no_variable(root: Path) -> None:
    """Guards against a catalogue that a plain `duckdb partner.duckdb` cannot use."""
    program = (
        "import duckdb; connection = duckdb.connect('partner.duckdb', read_only=True); "
        f"print(connection.execute('{COUNT_ORDERS}').fetchone()[0])"
    )
    answer = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert answer.stdout == "2\n"


def test_it_works_after_its_folder_was_moved(root: Path, tmp_path: Path) -> None:
    """Guards against absolute paths in a view."""
    moved = root.rename(tmp_path / "it's moved")
    with catalogue.connect(moved) as connection:
        assert connection.execute(COUNT_ORDERS).fetchall() == [(2,)]
        assert connection.execute("SELECT count(*) FROM order_items").fetchall() == [(4,)]


def test_a_reader_keeps_answering_while_the_catalogue_is_rebuilt(root: Path) -> None:
    """Guards against a nightly run that waits for an analyst's open notebook, or breaks it."""
    with catalogue.connect(root) as reader:
        before = (root / "partner.duckdb").stat().st_ino
        catalogue.build(root)
        catalogue.build(root)
        assert (root / "partner.duckdb").stat().st_ino != before
        assert reader.execute(COUNT_ORDERS).fetchall() == [(2,)]
    assert list((root / ".staging").iterdir()) == []


def test_new_rows_show_without_a_rebuild(root: Path) -> None:
    """Guards against a catalogue that remembers which files there were."""
    with catalogue.connect(root) as reader:
        lake = fill(root, "another", "Another")
        lake.replace([Change(ORDERS, [(DAY,)], [order(1, legal_entity="another")])], lineage=RUN)
        assert reader.execute(COUNT_ORDERS).fetchall() == [(3,)]


def test_what_a_crash_left_behind_does_not_stop_the_next_build(root: Path) -> None:
    """Guards against a power cut that keeps every later run from building the catalogue."""
    (root / ".staging" / "partner.duckdb").write_bytes(b"half a file")
    catalogue.build(root)
    with catalogue.connect(root) as connection:
        assert connection.execute(COUNT_ORDERS).fetchall() == [(2,)]


def test_the_file_can_be_read_by_duckdb_one_point_four(root: Path, tmp_path: Path) -> None:
    """Guards against a file that most command lines and drivers in use refuse: 67 is the format of 1.4, 999 that of 2.0."""
    with duckdb.connect(str(tmp_path / "default.duckdb")) as connection:
        connection.execute("CREATE VIEW one AS SELECT 1")
    formats = [
        int.from_bytes(file.read_bytes()[12:20], "little")
        for file in (root / "partner.duckdb", tmp_path / "default.duckdb")
    ]
    assert formats[0] == 67
    assert formats[1] > 67, "the default changed, or the number stands elsewhere now"
    with catalogue.connect(root) as connection:
        query = "SELECT tags['storage_version'] FROM duckdb_databases() WHERE database_name = 'partner'"
        assert connection.execute(query).fetchall() == [("v1.4.0+",)]


def test_nobody_can_write_to_it_through_connect(root: Path) -> None:
    """Guards against an analyst who locks the others out."""
    with catalogue.connect(root) as connection, pytest.raises(duckdb.InvalidInputException, match="read-only"):
        connection.execute("CREATE VIEW mine AS SELECT 1")


def test_a_catalogue_that_is_not_there_yet_says_how_to_make_it(tmp_path: Path) -> None:
    """Guards against an empty database that DuckDB would make in silence."""
    with pytest.raises(FileNotFoundError, match="Make it with: partner-assets run"):
        catalogue.connect(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_fingerprint_is_the_same_in_every_process() -> None:
    """Guards against a catalogue that is stale for ever in Dagster's eyes, because some set was printed in its own order."""
    program = "from partner_assets.lake import catalogue; print(catalogue.fingerprint())"
    prints = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert prints == {catalogue.fingerprint()}
