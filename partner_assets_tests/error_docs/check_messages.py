"""Provokes what checks say, over lakes that are filled row by row. Not here: how checks look (`partner_assets_tests/checks`)."""

import shutil
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from partner_assets.checks.by_table import checks_of, found
from partner_assets.checks.look import Look
from partner_assets.lake.quarantine import set_aside_damaged
from partner_assets.lake.store import Change, Lake
from partner_assets.tables.accreditations import ACCREDITATIONS
from partner_assets.tables.dictionary import TABLES_BY_NAME
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.order_lines import ORDER_LINES
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.record import Rejected, rejected_rows
from partner_assets.tables.rejected import REJECTED
from partner_assets.tables.table import Table
from partner_assets_tests.error_docs.lake_messages import cut
from partner_assets_tests.error_docs.scene import Scene, produces
from partner_assets_tests.lake.rows import DAY, NOW, RUN, charge, document, line, order, put, row

HOUR = timedelta(hours=1)


def a_lake(scene: Scene) -> Lake:
    """Return a lake without anything."""
    return Lake(scene.folder / "lake", "main")


def says(lake: Lake, check: str, table: Table, **options: Any) -> str:
    """Return what a check says, after making sure that it does not pass."""
    [wanted] = [one for one in checks_of(TABLES_BY_NAME[table.name]) if one.name == check]
    with duckdb.connect() as connection:
        finding = found(wanted, Look(table, lake, {}, connection, **options))
    assert not finding.passed
    return finding.description


def reported(**facts: object) -> Mapping[str, Any]:
    """Return what a run has reported of the day."""
    counts: dict[str, object] = {"found": 2, "fetched": 2, "gone": 0, "rejected": 0, "drifted": 0, "behind": 0}
    report: dict[str | None, Any] = {str(DAY): {**counts, "as_of": (NOW + HOUR).timestamp(), **facts}}
    return {"read_reports": lambda: report}


@produces("records could not become rows")
def rejected_record(scene: Scene) -> str:
    """Keep a rejected order."""
    lake = a_lake(scene)
    lineage = {"fetched_at": NOW, "run_id": "a-run", "legal_entity": "main"}
    one = Rejected("orders", str(DAY), "no id", "{}", lineage)
    lake.replace([Change(REJECTED, [("orders", str(DAY))], rejected_rows(REJECTED, [one]))], lineage=RUN)
    return says(lake, "nothing_rejected", ORDERS)


@produces("keys of TABLE stand more than once")
def twin(scene: Scene) -> str:
    """Write an order twice into a file, past the store."""
    lake = a_lake(scene)
    put(lake, ORDERS, [order(1)])
    [file] = lake.layout.files(ORDERS)
    data = lake.read(ORDERS)
    pq.write_table(pa.concat_tables([data, data]), file)
    return says(lake, "key_is_unique", ORDERS)


@produces("is younger than N of them")
def older_file(scene: Scene) -> str:
    """Keep a file of before a column."""
    lake = a_lake(scene)
    put(lake, ORDERS, [order(1)])
    [file] = lake.layout.files(ORDERS)
    pq.write_table(lake.read(ORDERS).drop_columns(["payment_terms"]), file)
    [check] = [one for one in checks_of(ORDERS) if one.name == "columns_as_declared"]
    with duckdb.connect() as connection:
        return found(check, Look(ORDERS, lake, {}, connection)).description


@produces("damaged files of TABLE are set aside")
def quarantined(scene: Scene) -> str:
    """Set half a file aside."""
    lake = a_lake(scene)
    put(lake, ORDERS, [order(1)])
    cut(lake.layout.files(ORDERS)[0])
    set_aside_damaged(lake, ORDERS, [(DAY,)])
    return says(lake, "nothing_set_aside", ORDERS)


def copied(lake: Lake, name: str) -> None:
    """Copy the file of orders to another place beside its folder."""
    put(lake, ORDERS, [order(1)])
    [file] = lake.layout.files(ORDERS)
    target = file.parents[1] / name / file.name if "month" in name else file.with_name(name)
    target.parent.mkdir(exist_ok=True)
    shutil.copy(file, target)


@produces("hold rows of another folder")
def month_twice(scene: Scene) -> str:
    """Copy a month to another month's folder."""
    lake = a_lake(scene)
    copied(lake, "creation_month=2026-02")
    return says(lake, "no_stray_files", ORDERS)


@produces("are read by nobody")
def backup(scene: Scene) -> str:
    """Leave a copy beside a file."""
    lake = a_lake(scene)
    copied(lake, "backup.parquet.old")
    return says(lake, "no_stray_files", ORDERS)


@produces("rows of TABLE have no row in TABLE")
def orphan(scene: Scene) -> str:
    """Write a line without its order."""
    lake = a_lake(scene)
    put(lake, ORDER_LINES, [line(1)])
    return says(lake, "references_whole", ORDER_LINES)


@produces("In N rows of TABLE, COLUMN is not")
def wrong_total(scene: Scene) -> str:
    """Write a total that is not the product."""
    lake = a_lake(scene)
    amounts: dict[str, Any] = {
        "unit_list_price": Decimal("10.00"),
        "quantity": 2,
        "total_list_price": Decimal("21.00"),
    }
    put(lake, ORDER_CHARGES, [charge(1, **amounts)])
    return says(lake, "total_list_price_agrees", ORDER_CHARGES)


@produces("codes of TABLE have no label")
def unknown_code(scene: Scene) -> str:
    """Write a status that nobody knows."""
    lake = a_lake(scene)
    put(lake, ORDERS, [order(1, status="XYZ", fetched_at=NOW)])
    return says(lake, "codes_known", ORDERS)


@produces("days disagree with the search")
def day_that_is_short(scene: Scene) -> str:
    """Keep one document of a day on which the search found two orders."""
    lake = a_lake(scene)
    put(lake, ORDER_DOCUMENTS, [document(1)])
    return says(lake, "search_agrees", ORDER_DOCUMENTS, **reported())


@produces("days orders moved from page to page")
def restless_day(scene: Scene) -> str:
    """Report a day whose search never held still."""
    lake = a_lake(scene)
    put(lake, ORDER_DOCUMENTS, [document(1)])
    return says(lake, "search_agrees", ORDER_DOCUMENTS, **reported(found=1, drifted=1))


@produces("days the details of some orders were older")
def details_behind(scene: Scene) -> str:
    """Report a day on which the details of an order were older than the search told."""
    lake = a_lake(scene)
    put(lake, ORDER_DOCUMENTS, [document(1)])
    return says(lake, "search_agrees", ORDER_DOCUMENTS, **reported(found=1, behind=1))


@produces("of their rows.")
def shrunken_day(scene: Scene) -> str:
    """Report a read in which both orders of a day were gone."""
    lake = a_lake(scene)
    put(lake, ORDER_DOCUMENTS, [document(number, gone_at=NOW + HOUR) for number in (1, 2)])
    return says(lake, "has_not_shrunk", ORDER_DOCUMENTS, **reported())


@produces("Fields of TABLE without a column")
def new_field(scene: Scene) -> str:
    """Write an order with something in `extra`."""
    lake = a_lake(scene)
    put(lake, ORDERS, [order(1, extra='{"greenScore":1}')])
    return says(lake, "no_new_fields", ORDERS, recall=lambda _: {})


@produces("Columns of TABLE whose values have all gone")
def vanished_column(scene: Scene) -> str:
    """Write accreditations that had industries, and have none."""
    lake = a_lake(scene)
    for hours, industry in enumerate(("IND1", None)):
        moment = NOW + hours * HOUR
        rows = [
            row(
                ACCREDITATIONS,
                accreditation_id=f"PRTF{number}",
                industry_id=industry,
                valid_from=moment,
                fetched_at=moment,
            )
            for number in range(4)
        ]
        put(lake, ACCREDITATIONS, rows, as_of={(): moment})
    return says(lake, "no_column_vanished", ACCREDITATIONS, recall=lambda _: {})


@produces("of TABLE could not look")
def blind_check(scene: Scene) -> str:
    """Look at half a file."""
    lake = a_lake(scene)
    put(lake, ORDERS, [order(1)])
    file: Path = lake.layout.files(ORDERS)[0]
    cut(file)
    return says(lake, "key_is_unique", ORDERS)
