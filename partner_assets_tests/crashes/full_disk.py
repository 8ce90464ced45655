"""A disk that is really full: a small file system in memory, where this machine lets us mount one.

Not here: the refusals that every machine can be made to give (`lake/test_disk_troubles.py`).
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from partner_assets.lake import catalogue
from partner_assets.lake.errors import DiskTrouble
from partner_assets.lake.store import Lake
from partner_assets.tables.orders import ORDERS
from partner_assets_tests.crashes.campaign import Complaint
from partner_assets_tests.lake.rows import order, put

MEGABYTES = 4


def fill_disk(folder: Path) -> str:
    """Write a lake until its disk is full, byte by byte less space, and see that the old rows stay.

    Args:
        folder: Where the disk is mounted.

    Returns:
        What came of it, in a sentence.

    Raises:
        Complaint: If a refusal costs a row, or something other than a refusal comes.
    """
    if os.geteuid() != 0:
        return "A full disk was not tried: only root may mount one. The suite tries a quota and /dev/full."
    with _small_disk(folder):
        refused = written = 0
        lake = Lake(folder / "lake", "main")
        put(lake, ORDERS, [order(0)])
        catalogue.build(folder / "lake")
        before = lake.read(ORDERS)
        for spare in range(0, 1_500_000, 50_000):
            ballast = folder / "ballast"
            ballast.write_bytes(bytes(max(0, shutil.disk_usage(folder).free - spare)))
            rows = [order(number) for number in range(1 + spare % 7, 3_000)]
            try:
                put(lake, ORDERS, rows)
                catalogue.build(folder / "lake")
                before = lake.read(ORDERS)
                written += 1
            except DiskTrouble:
                refused += 1
                if list((folder / "lake" / ".staging").iterdir()):
                    raise Complaint("A refused write left something in staging.") from None
            ballast.unlink()
            with catalogue.connect(folder / "lake") as connection:
                found = connection.execute("SELECT count(*) FROM orders").fetchall()
            # The catalogue may have been refused after the rows were written.
            left = lake.read(ORDERS).num_rows
            if found != [(left,)] or left not in (before.num_rows, len(rows)):
                raise Complaint(f"A full disk cost rows: {found} of {before.num_rows} are left.")
    return f"A disk of {MEGABYTES} MB: {refused} writes refused for want of space, {written} done, no row lost."


@contextmanager
def _small_disk(folder: Path) -> Iterator[None]:
    programs = [shutil.which(name) for name in ("mount", "umount")]
    if (
        None in programs
        or subprocess.run(
            [str(programs[0]), "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "none", str(folder)],
            check=False,
            capture_output=True,
        ).returncode
    ):
        raise Complaint(f"No disk could be mounted on {folder}, although this is root.")
    try:
        yield
    finally:
        subprocess.run([str(programs[1]), str(folder)], check=True)
