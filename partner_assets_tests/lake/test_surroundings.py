"""What lies around a catalogue must not change its answers: folders above it, tables beside it, legal entities within it."""

import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from partner_assets.commands.sql import locked_catalogue
from partner_assets.lake import catalogue
from partner_assets.lake.layout import glob
from partner_assets.tables.code_labels import CODE_LABELS
from partner_assets.tables.dictionary import TABLES
from partner_assets.tables.table import Table
from partner_assets_tests.lake.a_lake import fill
from partner_assets_tests.lake.rows import put, row

Connect = Callable[[Path], duckdb.DuckDBPyConnection]
ENTITIES = "SELECT DISTINCT legal_entity FROM {} ORDER BY 1"
READING_OTHERS = ("order_items", "order_history", "price_book")


@pytest.mark.parametrize("above", ["release=9", "currency=ZZZ", "price_list_id=7", "legal_entity=zzz"])
def test_a_folder_above_the_lake_gives_no_column_its_value(above: str, tmp_path: Path) -> None:
    """Guards against DuckDB, which reads columns off every folder of a path: all orders below currency=ZZZ in that currency."""
    answers = []
    for root in (tmp_path / "lake", tmp_path / above / "lake"):
        fill(root)
        catalogue.build(root)
        with catalogue.connect(root) as connection:
            tables = [table.name for table in TABLES if table.name != "code_labels"]
            answers.append({name: sorted(map(repr, connection.table(name).fetchall())) for name in tables})
            assert connection.execute(ENTITIES.format("freshness") + " NULLS LAST").fetchall() == [("main",), (None,)]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("connect", [catalogue.connect, locked_catalogue])
@pytest.mark.parametrize(("name", "neighbour"), [("odd [1] place", "odd 1 place"), ("la*ke", "la-another-ke")])
def test_a_lake_whose_name_could_be_a_pattern_is_that_lake_and_no_other(
    name: str, neighbour: str, connect: Connect, tmp_path: Path
) -> None:
    """Guards against a lake that is not found, and against the rows of the folder beside it."""
    for folder in (name, neighbour):
        fill(tmp_path / folder)
        catalogue.build(tmp_path / folder)
    with connect(tmp_path / name) as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchall() == [(2,)]
        assert connection.execute("SELECT sum(file_count) FROM freshness WHERE table_name = 'orders'").fetchall() == [
            (1,)
        ]


@pytest.mark.parametrize("with_pii", [True, False])
@pytest.mark.parametrize("view", READING_OTHERS)
def test_a_temporary_table_takes_no_tables_place_in_the_views_that_read_it(
    view: str, with_pii: bool, tmp_path: Path
) -> None:
    """Guards against the draft of an analyst, called orders, that leaves the customers out of order_items without a word."""
    fill(tmp_path)
    file = catalogue.build(tmp_path, with_pii=with_pii)
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute(f"SET VARIABLE lake = '{tmp_path}'")
        before = connection.execute(f"SELECT * FROM {view} ORDER BY ALL").fetchall()
        for table in TABLES:
            connection.execute(f"CREATE TEMP TABLE {table.name} AS SELECT 1 AS nothing")
        assert before
        assert connection.execute(f"SELECT * FROM {view} ORDER BY ALL").fetchall() == before


def test_labels_are_there_once_however_many_legal_entities_brought_them(tmp_path: Path) -> None:
    """Guards against charges that are counted twice by whoever joins the labels as the comments say."""
    for name in ("main", "other"):
        lake = fill(tmp_path, name)
        labels = [row(CODE_LABELS, code_set="order_status", code=code, label=code, legal_entity=name) for code in "AB"]
        put(lake, CODE_LABELS, labels)
    catalogue.build(tmp_path)
    with catalogue.connect(tmp_path) as connection:
        assert connection.execute("SELECT code FROM code_labels ORDER BY 1").fetchall() == [("A",), ("B",)]


@pytest.mark.parametrize("table", TABLES, ids=repr)
def test_no_pattern_has_a_dash_at_the_end_of_its_brackets(table: Table) -> None:
    """Guards against patterns that match nothing in DuckDB 1.4 and 1.5; `make older` asks a real one."""
    assert not re.search(r"-\]", glob(table))
