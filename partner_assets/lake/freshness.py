"""The view `freshness`: how much each table holds, how new it is, and which partitions. Footers wherever they answer.

Not here: whether that is good enough, which Dagster's checks decide.
"""

from collections.abc import Callable

from partner_assets.lake import sql
from partner_assets.lake.layout import glob
from partner_assets.lake.views import LAKE, View, files_of
from partner_assets.tables.dictionary import TABLES
from partner_assets.tables.table import Column, ColumnType, Table

_COLUMNS = (
    Column("table_name", ColumnType.TEXT, "Table."),
    Column("legal_entity", ColumnType.TEXT, "Legal entity; null for a table without files."),
    Column("row_count", ColumnType.INT, "Rows that the view of the table shows; for one with history, current rows."),
    Column("stored_row_count", ColumnType.INT, "Rows in the files, closed versions included."),
    Column(
        "last_fetched_at",
        ColumnType.TS,
        "When the newest row was fetched. A read that changed nothing writes nothing, and does not show here.",
    ),
    Column(
        "first_partition",
        ColumnType.TEXT,
        "First of the partitions that have rows, by their keys as texts; null for a table that is replaced whole.",
    ),
    Column("last_partition", ColumnType.TEXT, "Last of the partitions that have rows; null as for the first."),
    Column(
        "partition_count",
        ColumnType.INT,
        "Partitions that have rows: days for orders, accreditations for products; null for a table that is replaced whole.",
    ),
    Column("file_count", ColumnType.INT, "Files."),
    Column("byte_count", ColumnType.INT, "Size of the files.", unit="bytes"),
)


def freshness(has_files: Callable[[Table], bool]) -> View:
    """Return the view with one row per table and legal entity.

    Args:
        has_files: Whether a table has a file yet; one that has none is a row of zeros until the catalogue is built again.
    """
    description = (
        "Per table and legal entity: rows, newest fetched_at, partitions, files and bytes. All from file sizes and Parquet "
        "footers but the partitions, which no footer counts: for them the columns that name a partition are read. "
        "Example: SELECT table_name, row_count, last_fetched_at, last_partition FROM freshness ORDER BY last_fetched_at."
    )
    parts = [_of_files(table) if has_files(table) else _of_nothing(table) for table in TABLES]
    return View("freshness", description, _COLUMNS, " UNION ALL ".join(parts))


def _of_nothing(table: Table) -> str:
    none = "0" if table.slice_by else "NULL"
    values = (
        sql.text(table.name),
        "CAST(NULL AS VARCHAR)",
        *("CAST(0 AS BIGINT)",) * 2,
        f"CAST(NULL AS {ColumnType.TS.duckdb})",
        *("CAST(NULL AS VARCHAR)",) * 2,
        f"CAST({none} AS BIGINT)",
        *("CAST(0 AS BIGINT)",) * 2,
    )
    return f"SELECT {', '.join(f'{value} AS {column.name}' for value, column in zip(values, _COLUMNS, strict=True))}"


def _of_files(table: Table) -> str:
    pattern = f"{LAKE} || '/{glob(table)}'"
    # Only the sizes are selected, so no file's content is read.
    files = (
        f"SELECT {_entity('filename')}, count(*) AS files, sum(size) AS bytes FROM read_blob({pattern}) GROUP BY ALL"
    )
    # An open version has no valid_to, so the footer's count of nulls is the number of current rows.
    counted = "sum(stats_null_count) FILTER (path_in_schema = 'valid_to')"
    stored = "sum(row_group_num_rows) FILTER (path_in_schema = 'fetched_at')"
    footers = (
        f"SELECT {_entity('file_name')}, {stored} AS stored, {counted if table.keeps_history else stored} AS shown, "
        "max(CAST(stats_max_value AS TIMESTAMP WITH TIME ZONE)) FILTER (path_in_schema = 'fetched_at') AS fetched "
        f"FROM parquet_metadata({pattern}) WHERE path_in_schema IN ('fetched_at', 'valid_to') GROUP BY ALL"
    )
    if table.slice_by:
        columns = ", ".join(sql.name(name) for name in table.slice_by)
        partitions = (
            "SELECT legal_entity, min(partition) AS first, max(partition) AS last, count(*) AS partitions FROM ("
            f"SELECT legal_entity, concat_ws('|', {columns}) AS partition "
            f"FROM (SELECT DISTINCT legal_entity, {columns} FROM {files_of(table)})) GROUP BY ALL"
        )
    else:
        partitions = (
            "SELECT CAST(NULL AS VARCHAR) AS legal_entity, CAST(NULL AS VARCHAR) AS first, "
            "CAST(NULL AS VARCHAR) AS last, CAST(NULL AS BIGINT) AS partitions WHERE false"
        )
    partition_count = "CAST(coalesce(p.partitions, 0) AS BIGINT)" if table.slice_by else "CAST(NULL AS BIGINT)"
    return (
        f"SELECT {sql.text(table.name)} AS table_name, f.legal_entity, "
        "CAST(coalesce(m.shown, 0) AS BIGINT) AS row_count, CAST(coalesce(m.stored, 0) AS BIGINT) AS stored_row_count, "
        "m.fetched AS last_fetched_at, p.first AS first_partition, p.last AS last_partition, "
        f"{partition_count} AS partition_count, f.files AS file_count, CAST(f.bytes AS BIGINT) AS byte_count "
        f"FROM ({files}) f LEFT JOIN ({footers}) m ON m.legal_entity = f.legal_entity "
        f"LEFT JOIN ({partitions}) p ON p.legal_entity = f.legal_entity"
    )


def _entity(path: str) -> str:
    # The last of the path: what stands before it is where the lake lies.
    return rf"regexp_extract({path}, '.*legal_entity=([^/\\]*)[/\\]', 1) AS legal_entity"
