"""Full disks, files that may not grow, folders that may not be written: a sentence that names them, and the old rows.

Real refusals by the operating system. As root nothing is refused, so those tests work as nobody. Not here: damaged files
(`test_quarantine.py`).
"""

import os
import resource
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from partner_assets.lake import catalogue
from partner_assets.lake.errors import DiskTrouble, LakeError
from partner_assets.lake.layout import CATALOGUE_NAME, FILE_NAME, staged_file
from partner_assets.lake.merging import Merge
from partner_assets.lake.store import Change, Lake
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.record import Row
from partner_assets_tests.lake.rows import DAY, RUN, charge, order, put
from partner_assets_tests.lake.test_writers import spawned

NOBODY = 65534
BOTH = [Change(ORDERS, [(DAY,)], [order(2)]), Change(ORDER_CHARGES, [(DAY,)], [charge(2)])]


def contents(root: Path) -> dict[Path, bytes]:
    """Return every file of a lake but its locks, with its bytes."""
    return {file: file.read_bytes() for file in root.rglob("*") if file.is_file() and ".locks" not in file.parts}


def filled(root: Path) -> Lake:
    """Return a lake with an order, its charge, and a catalogue."""
    lake = Lake(root, "main", lock_seconds=0.1)
    put(lake, ORDERS, [order(1)])
    put(lake, ORDER_CHARGES, [charge(1)])
    catalogue.build(root)
    return lake


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """Let the operating system refuse to make any file larger, as a quota does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def nothing_changes(root: Path, match: str) -> Iterator[None]:
    """Expect a disk's refusal in one sentence, that leaves every file alone and nothing behind."""
    before = contents(root)
    with pytest.raises(DiskTrouble, match=match) as raised:
        yield
    assert "\n" not in str(raised.value)
    assert contents(root) == before


def test_a_table_that_may_not_grow_keeps_its_old_rows(tmp_path: Path) -> None:
    """Guards against a month that is half a file because the quota was reached while it was written."""
    lake = filled(tmp_path)
    rows = [order(number) for number in range(2000)]
    refused = r"^The disk refused .* \(File too large\)\. Nothing was replaced"
    with nothing_changes(tmp_path, refused), files_no_larger_than(8_000):
        lake.replace([Change(ORDERS, [(DAY,)], rows), BOTH[1]], lineage=RUN)
    put(lake, ORDERS, rows)
    assert lake.read(ORDERS).num_rows == 2000


def test_a_full_disk_keeps_the_old_rows(tmp_path: Path) -> None:
    """Guards against the same on a disk that is full: every write to this device is refused for want of space."""
    lake = filled(tmp_path)
    staged = staged_file(tmp_path, lake.layout.files(ORDER_CHARGES)[0])

    def merge(_: object, came: Sequence[Row]) -> Sequence[Row]:
        staged.symlink_to("/dev/full")  # while the file's lock is held: anything before would be swept
        return came

    change = Change(ORDERS, [(DAY,)], [order(2)], merge=Merge(merge))
    with nothing_changes(tmp_path, r"^The disk refused .* \(No space left on device\)\. Nothing was replaced"):
        lake.replace([change, BOTH[1]], lineage=RUN)
    assert list((tmp_path / ".staging").iterdir()) == []


@pytest.mark.parametrize("size", [5_000, 400_000])
def test_a_catalogue_that_may_not_grow_leaves_the_old_one(tmp_path: Path, size: int) -> None:
    """Guards against analysts without views because the disk was full when they were built anew."""
    filled(tmp_path)
    with nothing_changes(tmp_path, "The disk refused .*partner.duckdb"), files_no_larger_than(size):
        catalogue.build(tmp_path)
    with catalogue.connect(tmp_path) as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchall() == [(1,)]


def views_built(root: Path) -> str:
    """Build the catalogue; return what was said."""
    try:
        catalogue.build(root)
    except LakeError as error:
        return f"{type(error).__name__}: {error}"
    return "all is well"


def become_nobody() -> None:
    """Give up the rights of root, after everything has been loaded that the lake needs."""
    with tempfile.TemporaryDirectory() as folder:
        filled(Path(folder))
    if os.geteuid() == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def attempt(root: Path, loses: Path | None = None) -> str:
    """Replace two tables and build the catalogue; return what was said.

    Args:
        root: The lake.
        loses: A folder that loses its permission to be written in the middle of the replacing.
    """

    def merge(_: object, came: Sequence[Row]) -> Sequence[Row]:
        if loses:
            loses.chmod(0o555)
        return came

    try:
        change = Change(ORDERS, [(DAY,)], [order(2)], merge=Merge(merge))
        Lake(root, "main", lock_seconds=0.1).replace([change, BOTH[1]], lineage=RUN)
        catalogue.build(root)
    except LakeError as error:
        return f"{type(error).__name__}: {error}"
    return "all is well"


@pytest.fixture(scope="module")
def nobody() -> Iterator[Executor]:
    """A process that may not do everything."""
    with ProcessPoolExecutor(1, mp_context=spawned, initializer=become_nobody) as pool:
        yield pool


@pytest.fixture
def open_root() -> Iterator[Path]:
    """Return the folder of a filled lake that belongs to nobody; pytest's own cannot be entered by others."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "lake"
        filled(root)
        Path(folder).chmod(0o755)
        if os.geteuid() == 0:
            for path in (root, *root.rglob("*")):
                shutil.chown(path, NOBODY, NOBODY)
        yield root


@pytest.mark.parametrize(
    "folder", [".", ".staging", ".locks", "order_charges/legal_entity=main/creation_month=2026-03"]
)
def test_a_folder_that_may_not_be_written_is_named_and_nothing_is_replaced(
    folder: str, open_root: Path, nobody: Executor
) -> None:
    """Guards against one table of today beside another of yesterday, since only the second one's folder is read-only."""
    before = contents(open_root)
    shutil.rmtree(open_root / ".locks")
    if folder != ".":
        (open_root / ".locks").mkdir()
        shutil.chown(open_root / ".locks", open_root.stat().st_uid)
    locked = open_root / folder
    locked.chmod(0o555)
    said = nobody.submit(attempt, open_root).result(timeout=60)
    assert said.startswith("DiskTrouble: ")
    assert str(locked) in said
    assert "(Permission denied)" in said
    assert contents(open_root) == before
    locked.chmod(0o755)
    assert nobody.submit(attempt, open_root).result(timeout=60) == "all is well"


def test_a_permission_that_is_lost_in_the_middle_leaves_both_tables_as_they_were(
    open_root: Path, nobody: Executor
) -> None:
    """Guards against a check that was made too early."""
    before = contents(open_root)
    folder = open_root / "order_charges/legal_entity=main/creation_month=2026-03"
    said = nobody.submit(attempt, open_root, folder).result(timeout=60)
    assert said.startswith(f"DiskTrouble: The disk refused {folder} (Permission denied). Nothing was replaced")
    assert contents(open_root) == before
    folder.chmod(0o755)
    assert nobody.submit(attempt, open_root).result(timeout=60) == "all is well"


def test_a_file_that_may_not_be_read_is_not_taken_for_a_damaged_one(open_root: Path, nobody: Executor) -> None:
    """Guards against good rows that are set aside because somebody changed an owner."""
    [file] = (open_root / "orders").rglob("part-0.parquet")
    file.chmod(0)
    said = nobody.submit(attempt, open_root).result(timeout=60)
    assert said.startswith(f"DiskTrouble: The disk refused {file} (Permission denied)")
    file.chmod(0o644)
    assert nobody.submit(attempt, open_root).result(timeout=60) == "all is well"


@pytest.mark.parametrize("below", ["", "legal_entity=main", "legal_entity=main/creation_month=2026-03", FILE_NAME])
def test_what_may_not_be_listed_or_read_is_no_empty_table(below: str, open_root: Path, nobody: Executor) -> None:
    """Guards against a view without rows, and a doctor who finds it well, since somebody changed the owner of a folder."""
    assert nobody.submit(views_built, open_root).result(timeout=60) == "all is well"
    before = (open_root / CATALOGUE_NAME).read_bytes()
    [file] = (open_root / "orders").rglob(FILE_NAME)
    hidden = file if below == FILE_NAME else open_root / "orders" / below
    mode = hidden.stat().st_mode
    hidden.chmod(0)
    said = nobody.submit(views_built, open_root).result(timeout=60)
    assert said.startswith(f"DiskTrouble: The disk refused {hidden} (Permission denied)")
    assert (open_root / CATALOGUE_NAME).read_bytes() == before
    hidden.chmod(mode)
    assert nobody.submit(views_built, open_root).result(timeout=60) == "all is well"
