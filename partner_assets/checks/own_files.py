"""Checks of the files themselves: none is damaged, and none lies among them that is not the lake's own.

Nothing is moved or deleted here; what a check names is for a person. Not here: what is in the files (`soundness.py`).
"""

from pathlib import Path

from partner_assets.checks.look import SHOWN, Check, Finding, Look
from partner_assets.lake.quarantine import quarantined
from partner_assets.lake.strays import misplaced, unread
from partner_assets.tables.table import Table


def own_files(table: Table) -> list[Check]:
    """Return the checks that every table has."""
    return [
        Check(
            "nothing_set_aside",
            f"No damaged file of {table.name} lies in quarantine; look at it and delete it, and this passes.",
            nothing_set_aside,
        ),
        Check(
            "no_stray_files",
            f"Every file in the folders of {table.name} is the lake's own, and holds rows of its own folder only.",
            no_stray_files,
        ),
    ]


def nothing_set_aside(look: Look) -> Finding:
    """Check that quarantine is empty; a warning, since the rows were made again or are asked for."""
    files = quarantined(look.lake.layout.root, look.table)
    return _finding(files, f"damaged files of {look.table.name} are set aside", "None is set aside.")


def no_stray_files(look: Look) -> Finding:
    """Check that nobody has put, copied or renamed anything."""
    layout, table = look.lake.layout, look.table
    doubled = misplaced(layout, table)
    if doubled:
        return _finding(doubled, f"files of {table.name} hold rows of another folder, which are counted twice", "")
    return _finding(unread(layout.root, table), f"files among those of {table.name} are read by nobody", "No other.")


def _finding(files: list[Path], what: str, none: str) -> Finding:
    named = ", ".join(str(file) for file in files[:SHOWN])
    return Finding(not files, f"{len(files)} {what}: {named}." if files else none, {"files": len(files)})
