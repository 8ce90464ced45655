"""`partner.duckdb`: the file that analysts open. It holds views, macros and comments, and no data at all.

It is built as a new file and renamed into place, so readers never wait and never lock a writer out; who has the old file
open keeps it. It can be moved with its folder, since views find the files through `views.LAKE`.
`partner_without_pii.duckdb` is the same without the columns that hold names of people, where somebody has asked for it.
"""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb

from partner_assets.lake import reading, sql
from partner_assets.lake.errors import ForeignFile
from partner_assets.lake.freshness import freshness
from partner_assets.lake.history_views import order_history, table_history
from partner_assets.lake.layout import CATALOGUE_NAME, WITHOUT_PII_NAME, glob, staged_file
from partner_assets.lake.listing import matching
from partner_assets.lake.locks import locked
from partner_assets.lake.macros import macro_list, orders_as_of, prices_as_of, renewals_due
from partner_assets.lake.staging import WAL, clear, naming_disk_trouble, put_in_place, sweep
from partner_assets.lake.views import (
    View,
    comment,
    data_dictionary,
    of_its_own,
    order_items,
    price_book,
    table_view,
    without_pii,
)
from partner_assets.tables.dictionary import TABLES
from partner_assets.tables.table import Table

STORAGE_VERSION = "v1.4.0"
"""The oldest DuckDB that can open the file: what most command lines, drivers and extensions are built on."""


def all_views(root: Path, *, with_pii: bool = True) -> list[View]:
    """Return every view and macro of the catalogue, in the order in which they can be created.

    Args:
        root: The lake's folder.
        with_pii: False to leave out the columns that hold names of people, or may.

    Raises:
        DiskTrouble: If a table's files may not be listed or read: its view would look as if there were none.
    """
    files = {table: matching(root, glob(table)) for table in TABLES}
    mixed = {table for table in TABLES if reading.any_lacks(table, files[table])}
    views = _views(lambda table: bool(files[table]), lambda table: table in mixed, with_pii=with_pii)
    return [*views, data_dictionary(views)]


def fingerprint() -> str:
    """Return eight characters that change when a view, a macro or a comment does."""
    return hashlib.sha256(repr(_views(lambda table: True, lambda table: False, with_pii=True)).encode()).hexdigest()[:8]


def _views(has_files: Callable[[Table], bool], is_mixed: Callable[[Table], bool], *, with_pii: bool) -> list[View]:
    tables = [table_view(one, has_files=has_files(one), is_mixed=is_mixed(one)) for one in TABLES]
    with_history = [table for table in TABLES if table.keeps_history]
    histories = [table_history(one, has_files=has_files(one), is_mixed=is_mixed(one)) for one in with_history]
    named = {view.name: view for view in (*tables, *histories)}
    of_items = [named["orders"], named["order_lines"], named["order_charges"]]
    of_prices = [named[name] for name in ("product_prices", "accreditations", "products", "price_lists")]
    items, versions = order_items(), order_history()
    views = [
        of_its_own(items, of_items),
        of_its_own(price_book(), of_prices),
        of_its_own(versions, [named["order_documents"]]),
    ]
    macros = [
        prices_as_of(named["product_prices_history"]),
        orders_as_of(named["order_documents"], versions),
        renewals_due(of_items, items if with_pii else without_pii(views[0])),
    ]
    if not with_pii:
        tables, histories, views, macros = (
            [without_pii(one) for one in group] for group in (tables, histories, views, macros)
        )
    return [*tables, *histories, *views, freshness(has_files), *macros, macro_list(macros)]


def build_all(root: Path) -> list[Path]:
    """Build anew the catalogue of a lake, and the one without personal data if there is one.

    Args:
        root: The lake's folder.

    Raises:
        LakeBusy, DiskTrouble, ForeignFile: As for `build`.
    """
    files = [build(root)]
    if (root / WITHOUT_PII_NAME).exists():
        files.append(build(root, with_pii=False))
    return files


def build(root: Path, *, with_pii: bool = True) -> Path:
    """Build the catalogue of a lake anew.

    Args:
        root: The lake's folder.
        with_pii: False for the one without the columns that hold names of people, or may: a file of its own.

    Returns:
        The path of the catalogue.

    Raises:
        LakeBusy: If another process has been building it for too long.
        DiskTrouble: If it cannot be written; the old one stays.
        ForeignFile: If a table's file is none that DuckDB can read; the old one stays.
    """
    catalogue = root / (CATALOGUE_NAME if with_pii else WITHOUT_PII_NAME)
    staged = staged_file(root, catalogue)
    with naming_disk_trouble(catalogue):
        staged.parent.mkdir(parents=True, exist_ok=True)
        sweep(root)
        # Two builders would write one staged file; whoever waits builds again, with the files that have come meanwhile.
        with locked(root, catalogue):
            try:
                _build(root, staged, all_views(root, with_pii=with_pii))
                put_in_place(root, [catalogue])
            except (duckdb.IOException, duckdb.TransactionException) as error:
                raise OSError(None, _first_line(error), str(catalogue)) from error
            except duckdb.InvalidInputException as error:
                raise ForeignFile(
                    f"{catalogue} cannot be built anew, the old one stays: {_first_line(error)}"
                ) from error
            finally:
                clear(root, [catalogue, catalogue.with_name(catalogue.name + WAL)])
    return catalogue


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]


def _build(root: Path, file: Path, views: Iterable[View]) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"SET VARIABLE lake = {sql.text(str(root.resolve()))}")
        connection.execute(f"ATTACH {sql.text(str(file))} AS building (STORAGE_VERSION {sql.text(STORAGE_VERSION)})")
        connection.execute("USE building")
        connection.execute("BEGIN")  # one commit to the disk, not one per comment
        for view in views:
            _create(connection, view)
        connection.execute("COMMIT")
        connection.execute("USE memory")
        connection.execute("DETACH building")


SETTINGS = {
    # A file that was replaced is noticed, within the same second too; the others' footers need not be read again.
    "parquet_metadata_cache": "true",
    # Parquet has no distinct counts: DuckDB takes one customer's orders for a fifth of all, and adds up all charges first.
    "disabled_optimizers": "partial_aggregate_pushdown",
}
"""DuckDB's settings for questions to the lake, for all of a process's connections to the file: it cannot bring them along."""


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
    for name, value in SETTINGS.items():
        [(set_to,)] = connection.execute(f"SELECT current_setting({sql.text(name)})").fetchall()
        # Beside a connection that has them already, and has locked them, there is nothing to set.
        if str(set_to).lower() != value:
            connection.execute(f"SET GLOBAL {name} = {sql.text(value)}")
    return connection


def _create(connection: duckdb.DuckDBPyConnection, view: View) -> None:
    name = sql.name(view.name)
    if view.parameters:
        connection.execute(f"CREATE MACRO {name}({', '.join(view.parameters)}) AS TABLE {view.query}")
        connection.execute(f"COMMENT ON MACRO TABLE {name} IS {sql.text(view.description)}")
        return  # DuckDB has no comments on the columns of a macro; data_dictionary has them
    connection.execute(f"CREATE VIEW {name} AS {view.query}")
    connection.execute(f"COMMENT ON VIEW {name} IS {sql.text(view.description)}")
    for column in view.columns:
        connection.execute(f"COMMENT ON COLUMN {name}.{sql.name(column.name)} IS {sql.text(comment(column))}")
