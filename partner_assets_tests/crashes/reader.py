"""A reader in a process of its own that asks and asks: through the views, and of the files as an analyst would.

Every answer has to be a state that the files were given, no file may be missing, and none may go back in time. An error is
counted, and the question asked once more at once. Not here: what the states are (`worlds.py`).
"""

import functools
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from partner_assets.lake import catalogue
from partner_assets.lake.layout import glob
from partner_assets.tables.dictionary import TABLES_BY_NAME
from partner_assets_tests.crashes.faces import FACES, Announcements, Face, states

Answer = list[tuple[Any, ...]]
Ask = Callable[[Face], Answer]

_CONDITIONS = {"true": None, "is_current": pc.field("is_current"), "valid_to IS NULL": pc.field("valid_to").is_null()}
_spawned = multiprocessing.get_context("spawn")


@dataclass
class Reading:
    """What a reader has seen.

    Attributes:
        queries: Questions by way of asking.
        errors: Those that were answered by an error, by way.
        twice: Those whose second attempt was answered by an error too.
        wrong: Answers that were wrong, in words.
        messages: The errors' first lines.
        seconds: How long it has been asking.
    """

    queries: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    twice: int = 0
    wrong: list[str] = field(default_factory=list)
    messages: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


@contextmanager
def reading(lake: Path, announced: Path) -> Iterator[Callable[[], Reading]]:
    """Let a reader ask for the length of a `with` block; the function that is given ends it and returns what it saw."""
    ours, theirs = _spawned.Pipe()
    process = _spawned.Process(target=_read, args=(lake, announced, theirs))
    process.start()
    theirs.close()
    assert ours.recv() == "ready"

    def ended() -> Reading:
        ours.send("end")
        seen: Reading = ours.recv()
        process.join()
        return seen

    try:
        yield ended
    finally:
        ours.close()
        if process.is_alive():
            process.kill()


def files_now(lake: Path) -> dict[str, str]:
    """Return the state of every file that there is."""
    with duckdb.connect() as connection:
        there = [face for face in FACES if any(lake.glob(glob(TABLES_BY_NAME[face.table])))]
        answers = [(face, connection.execute(_of_files(lake, face)).fetchall()) for face in there]
    return {file: state for face, answer in answers for file, state in states(face, answer).items()}


def _read(lake: Path, announced: Path, pipe: Connection) -> None:
    seen, announcements = Reading(), Announcements(announced)
    files = announcements.files()
    faces = [face for face in FACES if any(file.split()[0] == face.table for file in files)]
    since: dict[tuple[str, str], int] = {}
    with catalogue.connect(lake) as kept, duckdb.connect() as direct:
        ways: dict[str, Ask] = {
            "view, opened anew": lambda face: _of_new_connection(lake, face),
            "view, kept open": lambda face: kept.execute(_of_view(face)).fetchall(),
            "DuckDB, files": lambda face: direct.execute(_of_files(lake, face)).fetchall(),
            "pyarrow, file by file": lambda face: _of_arrow(lake, face),
        }
        pipe.send("ready")
        started = time.monotonic()
        while not pipe.poll():
            for face in faces:
                for way, ask in ways.items():
                    answer = _asked(seen, way, functools.partial(ask, face))
                    if answer is not None:
                        _judge(seen, way, face, answer, files, announcements, since)
        seen.seconds = time.monotonic() - started
    pipe.send(seen)


def _asked(seen: Reading, way: str, ask: Callable[[], Answer]) -> Answer | None:
    """Ask, and once more after an error; None if both were answered by one."""
    for is_second in (False, True):
        seen.queries[way] += 1
        try:
            return ask()
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            seen.errors[way] += 1
            seen.messages[f"{way}: {str(error).splitlines()[0][:150]}"] += 1
            seen.twice += is_second
    return None


def _judge(
    seen: Reading,
    way: str,
    face: Face,
    answer: Answer,
    files: set[str],
    announcements: Announcements,
    since: dict[tuple[str, str], int],
) -> None:
    found = states(face, answer)
    for missing in {file for file in files if file.split()[0] == face.table} - found.keys():
        seen.wrong.append(f"{way}: {missing} has no rows")
    for file, state in found.items():
        places = announcements.places(file, state)
        if not places:
            seen.wrong.append(f"{way}: {file} was never like this, with {len(answer)} rows in all")
        elif places[-1] < since.get((way, file), 0):
            seen.wrong.append(f"{way}: {file} went back in time")
        else:
            since[way, file] = next(place for place in places if place >= since.get((way, file), 0))


def _of_view(face: Face) -> str:
    return f"SELECT {', '.join(face.selected)} FROM {face.table}" + (" WHERE is_current" if "is_" in face.shown else "")


def _of_new_connection(lake: Path, face: Face) -> Answer:
    with catalogue.connect(lake) as connection:
        # A charge with its line and its order is one row, like the charge alone.
        source = face.table.replace("order_charges", "order_items")
        return connection.execute(_of_view(face).replace(face.table, source)).fetchall()


def _of_files(lake: Path, face: Face) -> str:
    files = f"read_parquet('{lake}/{glob(TABLES_BY_NAME[face.table])}', hive_partitioning = false)"
    return f"SELECT {', '.join(face.selected)} FROM {files} WHERE {face.shown}"


def _of_arrow(lake: Path, face: Face) -> Answer:
    condition = _CONDITIONS[face.shown]
    files = sorted(lake.glob(glob(TABLES_BY_NAME[face.table])))
    tables = [pq.read_table(file, partitioning=None, filters=condition) for file in files]
    return [tuple(row[name] for name in face.selected) for table in tables for row in table.to_pylist()]
