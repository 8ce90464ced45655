"""What a table is: its columns, its key, and how it is cut into slices and files. Data only.

Everything else is derived from these declarations: record parsing (`record.py`), the Parquet schema and the views
(`lake/`), Dagster's column schema and checks (`assets/`, `checks.py`), and the data dictionary that users read.
Not here: any single table; each has a file of its own.
"""

import hashlib
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property


class ColumnType(Enum):
    """The types of the data dictionary, by the names that it gives them."""

    TEXT = "text"
    INT = "int"
    BOOL = "bool"
    DATE = "date"
    TS = "ts"
    MONEY = "money"
    PERCENT = "percent"
    RATIO = "ratio"
    JSON = "json"

    @property
    def duckdb(self) -> str:
        """The type that an analyst sees in DuckDB."""
        return _DUCKDB_TYPES[self]


_DUCKDB_TYPES = {
    ColumnType.TEXT: "VARCHAR",
    ColumnType.INT: "BIGINT",
    ColumnType.BOOL: "BOOLEAN",
    ColumnType.DATE: "DATE",
    ColumnType.TS: "TIMESTAMP WITH TIME ZONE",
    ColumnType.MONEY: "DECIMAL(18,2)",
    # Width 20, since DuckDB clamps a product of two decimals of width 18 or less to width 18, and it overflows.
    ColumnType.PERCENT: "DECIMAL(20,10)",
    ColumnType.RATIO: "DECIMAL(20,10)",
    ColumnType.JSON: "VARCHAR",
}


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: Its name in every file, view and check.
        type: One of the dictionary's types.
        description: What it means, for people who have never seen the API.
        paths: Where the value stands in the API's record, one path per spelling that the API has used (v1 first);
            empty when the value does not come from the record.
        required: True if the column is never null.
        unit: The unit, where the type does not say it (months, percent, …).
        codes: The code set (`tables/codes.py`) whose codes it holds.
        is_looked_up: True for ids that people search one of: they get a bloom filter.
        is_repeated: True for such an id that stands on many rows of a file: it gets a dictionary as well.
        is_pii: True if it holds names of people, or may hold them since it is kept as the API sent it.
    """

    name: str
    type: ColumnType
    description: str
    paths: tuple[tuple[str, ...], ...] = ()
    required: bool = False
    unit: str | None = None
    codes: str | None = None
    is_looked_up: bool = False
    # How a value is stored is no part of what is declared: files that were written otherwise are not of another declaration.
    is_repeated: bool = field(default=False, repr=False)
    is_pii: bool = False

    def __hash__(self) -> int:
        # A key of many dicts: a hash over all that is declared would cost more than decoding an order.
        return hash(self.name)


class Grain(Enum):
    """How the rows of a table are spread over files, below the folder of the legal entity."""

    WHOLE = "one file"
    CREATION_MONTH = "creation_month"
    PRICE_LIST = "price_list_id"
    TABLE_NAME = "table_name"


class Group(Enum):
    """The part of the graph that a table belongs to."""

    CATALOGUE = "catalogue"
    ORDERS = "orders"
    REFERENCE = "reference"
    BOOKKEEPING = "bookkeeping"


@dataclass(frozen=True, repr=False)
class Table:
    """One table of the data dictionary.

    Attributes:
        name: A plural noun; also the name of the folder, the asset and the view.
        description: One paragraph for analysts.
        group: The part of the graph it belongs to.
        key: The columns that identify a row within one legal entity (for history tables: a row version, together
            with `valid_from`).
        values: The columns before the ones that every table has, in the order of the dictionary.
        slice_by: The columns whose values name the slice that one re-run replaces; empty when a re-run replaces all.
        grain: How rows are spread over files.
        keeps_history: True if rows carry `valid_from` and `valid_to`.
        children: The fields of the record that hold arrays which other tables keep.
    """

    name: str
    description: str
    group: Group
    key: tuple[str, ...]
    values: tuple[Column, ...]
    slice_by: tuple[str, ...] = ()
    grain: Grain = Grain.WHOLE
    keeps_history: bool = False
    children: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Table({self.name})"

    def __hash__(self) -> int:
        # As for a column; whether two are equal is still told by all of it.
        return hash(self.name)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """All columns in the order of the dictionary, history and lineage included."""
        return (*self.values, *(VALIDITY if self.keeps_history else ()), *LINEAGE)

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """The names of all columns, in order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def row_key(self) -> tuple[str, ...]:
        """The columns that are unique over all rows stored for one legal entity."""
        return (*self.key, "valid_from") if self.keeps_history else self.key

    @cached_property
    def row_order(self) -> tuple[str, ...]:
        """The columns that rows are sorted by in a file: a slice lies together, since what is asked for often is one."""
        return tuple(dict.fromkeys((*self.slice_by, *self.row_key)))

    @cached_property
    def fingerprint(self) -> str:
        """Eight characters that change when the declaration changes: the asset's code version."""
        return hashlib.sha256(repr((self.columns, self.key, self.slice_by, self.grain)).encode()).hexdigest()[:8]

    def column(self, name: str) -> Column:
        """Return the column of that name.

        Raises:
            KeyError: If the table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name!r}")


VALIDITY = (
    Column(
        "valid_from",
        ColumnType.TS,
        "From when this version of the row was the one that the API gave: the time of the read that first saw it.",
        required=True,
    ),
    Column(
        "valid_to",
        ColumnType.TS,
        "Until when this version was the one that the API gave; null for the current version.",
    ),
)

LINEAGE = (
    Column(
        "extra",
        ColumnType.JSON,
        "Whatever the API sent for this row that no column names, as a JSON object with the API's own names; "
        "null when there was nothing else.",
        is_pii=True,
    ),
    Column("fetched_at", ColumnType.TS, "When the answer that this row comes from was asked for.", required=True),
    Column("run_id", ColumnType.TEXT, "The Dagster run that fetched it.", required=True),
    Column(
        "legal_entity",
        ColumnType.TEXT,
        "The partner's legal entity whose key fetched it; also the first folder of the file's path.",
        required=True,
    ),
)
