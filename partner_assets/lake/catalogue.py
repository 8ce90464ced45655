"""`partner.duckdb`: the file that analysts open. It holds views, macros and comments, and no data at all.

It is built as a new file and renamed into place, so readers never wait and never lock a writer out; who has the old file
open keeps it. It can be moved with its folder, since views find the files through `views.LAKE`.
"""

import hashlib
from pathlib import Path

import duckdb

from partner_assets.lake import sql
from partner_assets.lake.layout import CATALOGUE_NAME, glob
from partner_assets.lake.views import View, comment, data_dictionary, order_items, price_book, table_view
from partner_assets.tables.dictionary import TABLES

STORAGE_VERSION = "v1.4.0"
"""The oldest DuckDB that can open the file: what most command lines, drivers and extensions are built on."""


def all_views(root: Path) -> list[View]:
    """Return every view of the catalogue, in the order in which they can be created."""
    tables = [table_view(table, has_files=any(root.glob(glob(table)))) for table in TABLES]
    views = [*tables, order_items(), price_book()]
    return [*views, data_dictionary(views)]


def fingerprint() -> str:
    """Return eight characters that change when a view or a comment does."""
    views = [*(table_view(table, has_files=True) for table in TABLES), order_items(), price_book()]
    return hashlib.sha256(repr(views).encode()).hexdigest()[:8]


def build(root: Path) -> Path:
    """Build the catalogue of a lake anew.

    Args:
        root: The lake's folder.

    Returns:
        The path of the catalogue.
    """
    staging = root / ".staging" / CATALOGUE_NAME
    staging.parent.mkdir(parents=True, exist_ok=True)
    staging.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"SET VARIABLE lake = {sql.text(str(root.resolve()))}")
        connection.execute(f"ATTACH {sql.text(str(staging))} AS building (STORAGE_VERSION {sql.text(STORAGE_VERSION)})")
        connection.execute("USE building")
        for view in all_views(root):
            _create(connection, view)
        connection.execute("USE memory")
        connection.execute("DETACH building")
    catalogue = root / CATALOGUE_NAME
    staging.replace(catalogue)
    return catalogue


def connect(root: Path) -> duckdb.DuckDBPyConnection:
    """Open the catalogue of a lake for reading, from any folder.

    Args:
        root: The lake's folder.

    Raises:
        FileNotFoundError: If there is no catalogue yet.
    """
    catalogue = root / CATALOGUE_NAME
    if not catalogue.exists():
        raise FileNotFoundError(f"There is no {catalogue} yet. Make it with: partner-assets run")
    connection = duckdb.connect(str(catalogue), read_only=True)
    connection.execute(f"SET VARIABLE lake = {sql.text(str(root.resolve()))}")
    return connection


def _create(connection: duckdb.DuckDBPyConnection, view: View) -> None:
    connection.execute(f"CREATE VIEW {sql.name(view.name)} AS {view.query}")
    connection.execute(f"COMMENT ON VIEW {sql.name(view.name)} IS {sql.text(view.description)}")
    for column in view.columns:
        target = f"{sql.name(view.name)}.{sql.name(column.name)}"
        connection.execute(f"COMMENT ON COLUMN {target} IS {sql.text(comment(column))}")
