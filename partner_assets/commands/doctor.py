"""`partner-assets doctor`: one line for everything that has to be right, each with a word for how it is.

Here: what is looked at besides the API. Not here: asking the API (`doctor_api.py`), and every file (`doctor_files.py`).
"""

import os
import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import click
import duckdb

from partner_assets.commands.asking import asked
from partner_assets.commands.doctor_api import api_findings
from partner_assets.commands.doctor_files import file_findings
from partner_assets.commands.findings import Finding, Mark
from partner_assets.commands.made_up_rows import made_up_rows
from partner_assets.key_file import KeyFile
from partner_assets.lake import catalogue, sql
from partner_assets.lake.layout import CATALOGUE_NAME
from partner_assets.settings import EXAMPLES, KEY, KEY_FILE, Settings, SettingsError, load, load_lake

SCARCE_BYTES = 1_000_000_000
"""Free space below which a warning is due: a first run of a large partner writes about this much."""

_COLOURS = {Mark.OK: "green", Mark.WARN: "yellow", Mark.FAIL: "red"}
_SETTING_WIDTH, _SUBJECT_WIDTH = 29, 22
_WIDEST, _NARROWEST = 120, 40


def doctor() -> int:
    """Look at everything and print what is found, as it is found.

    Returns:
        The exit code: 0 if all is well or only worth a warning, 1 if something fails.

    Raises:
        SettingsError: If a setting is missing or wrong, when all else has been looked at.
    """
    wrong: SettingsError | None = None
    marks: Counter[Mark] = Counter()
    try:
        settings = load()
    except SettingsError as error:
        wrong = error
        count = len(str(error).splitlines())
        told = "one is missing or wrong" if count == 1 else f"{count} are missing or wrong"
        _print("Settings", iter([Finding(Mark.FAIL, "settings", f"{told}, see below; the API was not asked")]), marks)
    else:
        _print("Settings", setting_findings(settings), marks, subject_width=_SETTING_WIDTH)
        _print("Partner API", api_findings(settings), marks)
    _print("Lake", lake_findings(load_lake()), marks)
    _print("Software", software_findings(), marks)
    if wrong:
        raise wrong
    click.echo(_summary(marks))
    return 1 if marks[Mark.FAIL] else 0


def setting_findings(settings: Settings) -> Iterator[Finding]:
    """Say what every setting is, but the key."""
    for name in EXAMPLES:
        if name == KEY_FILE:
            continue
        if name == KEY:
            yield _key_finding(settings)
            continue
        value = getattr(settings, name.removeprefix("PARTNER_").lower())
        if value == "v0":
            yield Finding(Mark.WARN, name, "v0, which the vendor has deprecated and will remove: set it to v1")
            continue
        yield Finding(Mark.OK, name, ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value))
    for endpoint, path in settings.api_paths.items():
        yield Finding(Mark.WARN, f"PARTNER_API_PATH_{endpoint.upper()}", f"moved to {path}")


def _key_finding(settings: Settings) -> Finding:
    if settings.api_key_file is not None and KeyFile(settings.api_key_file).read().waiting_hash:
        return Finding(
            Mark.WARN, KEY, "a new one waits to be activated, the previous one is used: see partner-assets key check"
        )
    return Finding(Mark.OK, KEY, "there is one; it is never shown")


def lake_findings(root: Path) -> Iterator[Finding]:
    """Look at the lake's folder, its catalogue and its tables; nothing is written."""
    folder = next(path for path in (root.resolve(), *root.resolve().parents) if path.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        yield Finding(
            Mark.FAIL, "folder", f"{root} cannot be written: {folder} is not a folder that this user may change"
        )
    elif folder == root.resolve():
        yield Finding(Mark.OK, "folder", f"{root} can be written")
    else:
        yield Finding(Mark.OK, "folder", f"{root} does not exist yet; the first run makes it")
    free = shutil.disk_usage(folder).free
    yield Finding(Mark.OK if free >= SCARCE_BYTES else Mark.WARN, "free disk", f"{free / 1e9:,.1f} GB")
    if told := made_up_rows(root):
        yield Finding(Mark.WARN, "legal entities", told)
    yield from file_findings(root)
    if not (root / CATALOGUE_NAME).exists():
        yield Finding(
            Mark.WARN, "catalogue", f"there is no {root / CATALOGUE_NAME} yet; make it with: partner-assets run"
        )
        return
    try:
        with catalogue.connect(root) as connection:
            names = [name for (name,) in connection.execute("SHOW TABLES").fetchall()]
            yield Finding(Mark.OK, "catalogue", f"{root / CATALOGUE_NAME} opens, {len(names)} tables and views")
            for name in names:
                yield _table_finding(connection, name)
    except duckdb.Error as error:
        yield Finding(Mark.FAIL, "catalogue", f"does not open: {_first_line(error)}")


def software_findings() -> Iterator[Finding]:
    """Say which versions are installed."""
    yield Finding(Mark.OK, "partner-assets", version("partner-assets"))
    yield Finding(Mark.OK, "python", sys.version.split()[0])
    for name in ("dagster", "duckdb", "pyarrow"):
        yield Finding(Mark.OK, name, version(name))


def _table_finding(connection: duckdb.DuckDBPyConnection, name: str) -> Finding:
    try:
        statement = f"SELECT count(*) FROM {sql.name(name)}"
        [(count,)] = asked(connection, lambda: connection.execute(statement).fetchall())
    except duckdb.Error as error:
        return Finding(Mark.FAIL, name, f"cannot be read: {_first_line(error)}")
    return Finding(Mark.OK, name, f"{count:,} row{'' if count == 1 else 's'}")


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]


def _print(
    title: str, findings: Iterator[Finding], marks: Counter[Mark], *, subject_width: int = _SUBJECT_WIDTH
) -> None:
    click.secho(title, bold=True)
    width = min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)
    for finding in findings:
        marks[finding.mark] += 1
        mark = click.style(f"{finding.mark.value:<4}", fg=_COLOURS[finding.mark], bold=finding.mark is not Mark.OK)
        indent = " " * (subject_width + 10)
        lines = textwrap.wrap(finding.detail, width - len(indent), break_on_hyphens=False, break_long_words=False) or [
            ""
        ]
        click.echo(f"  {mark}  {finding.subject:<{subject_width}}  {lines[0]}".rstrip())
        for line in lines[1:]:
            click.echo(f"{indent}{line}")
    click.echo()


def _summary(marks: Counter[Mark]) -> str:
    if not marks[Mark.FAIL] and not marks[Mark.WARN]:
        return f"All is well: {marks[Mark.OK]} checks."
    return f"{marks[Mark.FAIL]} failed, {marks[Mark.WARN]} worth a look, {marks[Mark.OK]} ok."
