"""The declarations against the data dictionary: what is public does not change by accident.

The contract stands in `dictionary_contract.py`, and is itself compared with the dictionary's text where that lies near.
"""

import re
from pathlib import Path

import pytest

from partner_assets.tables.codes import CODE_SETS
from partner_assets.tables.dictionary import TABLES, TABLES_BY_NAME
from partner_assets.tables.table import Column, ColumnType, Grain, Table
from partner_assets_tests.tables.dictionary_contract import COLUMNS, KEYS, PRINTED

DICTIONARY = Path(__file__).parents[2].parent / "shared" / "data-dictionary.md"

GRAINS = {
    Grain.CREATION_MONTH: {"order_documents", "orders", "order_lines", "order_charges"},
    Grain.PRICE_LIST: {"product_prices"},
    Grain.TABLE_NAME: {"rejected"},
}

table_by_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


def test_the_tables_are_those_of_the_dictionary() -> None:
    """Guards against a table that is declared and nowhere explained, or promised and not there."""
    assert [table.name for table in TABLES] == list(PRINTED)
    assert dict(TABLES_BY_NAME) == {table.name: table for table in TABLES}


@table_by_table
def test_a_table_has_the_columns_that_the_dictionary_prints(table: Table) -> None:
    """Guards against a renamed, retyped, moved or newly nullable column that breaks an analyst's query."""
    declared = [f"{column.name} {column.type.value}{'!' if column.required else ''}" for column in table.columns]
    assert declared == COLUMNS[table.name]


@table_by_table
def test_a_table_has_the_key_that_the_dictionary_prints(table: Table) -> None:
    """Guards against rows merged, or doubled, because the key became shorter or longer."""
    assert list(table.key) == KEYS[table.name]
    assert set(table.row_key) <= set(table.column_names)
    assert ("valid_from" in table.row_key) == table.keeps_history


@table_by_table
def test_files_are_cut_as_the_dictionary_says(table: Table) -> None:
    """Guards against a table that falls into a thousand small files, or a folder that analysts' paths do not know."""
    named = [grain for grain, names in GRAINS.items() if table.name in names]
    assert table.grain is (named[0] if named else Grain.WHOLE)
    assert set(table.slice_by) <= {column.name for column in table.columns if column.required}


@table_by_table
def test_every_column_is_described_by_a_sentence(table: Table) -> None:
    """Guards against a column that an analyst has to guess the meaning of."""
    described = {table.name: table.description} | {column.name: column.description for column in table.columns}
    for name, description in described.items():
        assert re.fullmatch(r"[A-Z].{10,}[.…]", description), f"{table.name}: {name}: {description}"


@table_by_table
def test_every_code_set_that_a_column_names_exists(table: Table) -> None:
    """Guards against a label that is silently missing because of a misspelt code set."""
    assert {column.codes for column in table.columns if column.codes} <= set(CODE_SETS)


@table_by_table
def test_no_two_columns_claim_the_same_field(table: Table) -> None:
    """Guards against a field that one column takes away from another."""
    paths = [path for column in table.columns for path in column.paths]
    assert len(paths) == len(set(paths))
    assert not [path for path in paths for other in paths if path != other and other[: len(path)] == path]


def test_every_code_set_explains_a_column() -> None:
    """Guards against labels that no view shows."""
    assert {column.codes for table in TABLES for column in table.columns if column.codes} == set(CODE_SETS)


@pytest.mark.parametrize(
    ("column_type", "expected"),
    [
        (ColumnType.TEXT, "VARCHAR"),
        (ColumnType.INT, "BIGINT"),
        (ColumnType.BOOL, "BOOLEAN"),
        (ColumnType.DATE, "DATE"),
        (ColumnType.TS, "TIMESTAMP WITH TIME ZONE"),
        (ColumnType.MONEY, "DECIMAL(18,2)"),
        (ColumnType.PERCENT, "DECIMAL(20,10)"),
        (ColumnType.RATIO, "DECIMAL(20,10)"),
        (ColumnType.JSON, "VARCHAR"),
    ],
)
def test_a_type_is_what_the_dictionary_says_it_is_in_duckdb(column_type: ColumnType, expected: str) -> None:
    """Guards against amounts in binary floating point, and products of decimals that overflow."""
    assert column_type.duckdb == expected


def test_the_fingerprint_changes_with_every_part_of_the_declaration() -> None:
    """Guards against files and assets that look up to date after their table changed."""
    column = Column("a", ColumnType.TEXT, "A thing that is there.")
    variants = [
        Table("t", "d", TABLES[0].group, ("a",), (column,)),
        Table("t", "d", TABLES[0].group, ("a",), (column,), keeps_history=True),
        Table("t", "d", TABLES[0].group, ("a",), (column,), slice_by=("a",)),
        Table("t", "d", TABLES[0].group, ("a",), (column,), grain=Grain.TABLE_NAME),
        Table("t", "d", TABLES[0].group, (), (column,)),
        Table("t", "d", TABLES[0].group, ("a",), (Column("a", ColumnType.INT, column.description),)),
        Table("t", "d", TABLES[0].group, ("a",), (Column("a", ColumnType.TEXT, column.description, required=True),)),
    ]
    assert len({table.fingerprint for table in variants}) == len(variants)
    assert variants[0].fingerprint == Table("t", "d", TABLES[0].group, ("a",), (column,)).fingerprint


def test_a_column_that_is_not_there_is_named() -> None:
    """Guards against a KeyError that does not say which table was asked for which column."""
    with pytest.raises(KeyError, match="orders has no column 'colour'"):
        TABLES_BY_NAME["orders"].column("colour")


def test_the_contract_in_the_tests_is_that_of_the_dictionary() -> None:
    """Guards against a contract that was typed wrongly, or that the dictionary has since left behind."""
    if not DICTIONARY.exists():
        pytest.skip(f"{DICTIONARY} is not here; the contract as typed holds")
    sections = re.findall(r"^\*\*(\w+)\*\* key `([^`]+)`(.*?)(?=\n\n)", DICTIONARY.read_text() + "\n\n", re.S | re.M)
    types = "|".join(column_type.value for column_type in ColumnType)
    read = {
        name: (key, ", ".join("".join(parts) for parts in re.findall(rf"`(\w+ )({types})(!?)`", body)))
        for name, key, body in sections
    }
    assert read == PRINTED
