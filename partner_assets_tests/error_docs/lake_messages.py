"""Provokes what is said of the lake's files and of the disk: with real files, broken, foreign, locked or in the way.

Not here: what checks say of them (`check_messages.py`).
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from partner_assets.lake import catalogue
from partner_assets.lake.errors import (
    DamagedFile,
    DiskTrouble,
    DuplicateKey,
    ForeignFile,
    LakeBusy,
    LakeError,
    LateSnapshot,
)
from partner_assets.lake.layout import staged_file
from partner_assets.lake.locks import locked
from partner_assets.lake.merging import Merge
from partner_assets.lake.quarantine import set_aside_damaged
from partner_assets.lake.store import Change, Lake
from partner_assets.tables.accreditations import ACCREDITATIONS
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.order_lines import ORDER_LINES
from partner_assets.tables.orders import ORDERS
from partner_assets_tests.error_docs.scene import Scene, produces
from partner_assets_tests.lake.rows import DAY, NOW, RUN, charge, document, line, order, put, row


def lake_with_orders(scene: Scene) -> tuple[Lake, Path]:
    """Return a lake with an order, and the file that it is in."""
    lake = Lake(scene.folder / "lake", "main", lock_seconds=0.05)
    put(lake, ORDERS, [order(1)])
    return lake, lake.layout.files(ORDERS)[0]


def cut(file: Path) -> None:
    """Leave the first half of a file."""
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


@produces("There is no FILE yet. Make it with")
def no_catalogue(scene: Scene) -> str:
    """Ask a lake that nobody has made."""
    return scene.type("sql", "SELECT 1")


@produces("is not a whole Parquet file", DamagedFile)
def half_a_file(scene: Scene) -> None:
    """Read half a file."""
    lake, file = lake_with_orders(scene)
    cut(file)
    lake.read(ORDERS)


@produces("and is set aside as FILE")
def moved_file(scene: Scene) -> str:
    """Set a damaged file of documents aside."""
    lake = Lake(scene.folder / "lake", "main")
    put(lake, ORDER_DOCUMENTS, [document(1, creation_date=DAY)])
    cut(lake.layout.files(ORDER_DOCUMENTS)[0])
    [moved] = set_aside_damaged(lake, ORDER_DOCUMENTS, [(DAY,)])
    return moved.sentence


@produces("Move it away and materialise again", ForeignFile)
def file_of_another_table(scene: Scene) -> None:
    """Read charges where orders belong."""
    lake, file = lake_with_orders(scene)
    put(lake, ORDER_CHARGES, [charge(1)])
    lake.layout.files(ORDER_CHARGES)[0].replace(file)
    lake.read(ORDERS)


@produces("cannot be built anew, the old one stays", ForeignFile)
def views_of_a_broken_file(scene: Scene) -> None:
    """Build the catalogue over a file that is no Parquet."""
    lake, file = lake_with_orders(scene)
    file.write_bytes(b"PAR1, but no more than that")
    catalogue.build(lake.layout.root)


@produces("would hold two rows with the same key", DuplicateKey)
def twins(scene: Scene) -> None:
    """Write an order twice."""
    put(lake_with_orders(scene)[0], ORDERS, [order(2), order(2, status="PRC")])


@produces("is never null, but a row without it came", LakeError)
def row_without_a_key(scene: Scene) -> None:
    """Write an order without an id."""
    put(lake_with_orders(scene)[0], ORDERS, [row(ORDERS, transaction_id=None, creation_date=DAY)])


@produces("none of the slices to replace", LakeError)
def row_of_another_day(scene: Scene) -> None:
    """Write an order of another day than the one that is replaced."""
    lake, _ = lake_with_orders(scene)
    lake.replace([Change(ORDERS, [(DAY,)], [order(2, DAY + timedelta(days=1))])], lineage=RUN)


@produces("A later read of TABLE is stored already", LateSnapshot)
def yesterday_after_today(scene: Scene) -> None:
    """Write what was read before something that is stored."""
    lake = Lake(scene.folder / "lake", "main")
    for moment in (NOW, NOW - timedelta(hours=1)):
        rows = [row(ACCREDITATIONS, accreditation_id="PRTF1", valid_from=moment)]
        lake.replace([Change(ACCREDITATIONS, [()], rows, as_of={(): moment})], lineage=RUN)


@produces("Another process has been writing FILE", LakeBusy)
def second_writer(scene: Scene) -> None:
    """Write while somebody else holds the file."""
    lake, file = lake_with_orders(scene)
    with locked(lake.layout.root, file):
        put(lake, ORDERS, [order(2)])


def full(lake: Lake, file: Path) -> Any:
    """Return a merge that finds the disk full when its rows are written: this device refuses every byte."""

    def merge(_: object, came: Any) -> Any:
        staged_file(lake.layout.root, file).symlink_to("/dev/full")  # under the lock: before, it would be swept
        return came

    return merge


@produces("Nothing was replaced: what the lake held", DiskTrouble)
def full_disk(scene: Scene) -> None:
    """Write to a disk without space."""
    lake, file = lake_with_orders(scene)
    put(lake, ORDERS, [order(2)], merge=Merge(full(lake, file)))


@produces("files had been replaced by then", DiskTrouble)
def second_file_refused(scene: Scene) -> None:
    """Write three files, in the place of the second of which somebody has made a folder meanwhile."""
    lake, file = lake_with_orders(scene)

    def merge(_: object, came: Any) -> Any:
        file.unlink()
        (file / "in the way").mkdir(parents=True)
        return came

    changes = [Change(ORDER_CHARGES, [(DAY,)], [charge(1)]), Change(ORDERS, [(DAY,)], [order(2)])]
    lake.replace([*changes, Change(ORDER_LINES, [(DAY,)], [line(1)], merge=Merge(merge))], lineage=RUN)
