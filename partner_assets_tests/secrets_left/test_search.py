"""The search is not blind: a copy that is planted is found, in every form and in every place that is searched."""

import base64
import gzip
import io
import json
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from partner_assets_tests.secrets_left.processes import command_lines
from partner_assets_tests.secrets_left.search import Search, canary, forms

KEY = canary()
FORMS = list(dict.fromkeys(name for name, _ in forms(KEY)))


@pytest.mark.parametrize("form", FORMS)
def test_a_copy_is_found_in_every_form(form: str) -> None:
    """Guards against a search that knows the key only as it is written in the header."""
    for name, copy in forms(KEY):
        if name == form:
            finds = Search(KEY).text("a log", b"key=" + copy + b"; and so on")
            assert {find.where for find in finds} == {"a log"}
            assert form in {find.form for find in finds}


@pytest.mark.parametrize("before", [b"", b"k", b"ke", b"key"])
def test_a_copy_in_the_middle_of_base64_is_found(before: bytes) -> None:
    """Guards against a key that hides by standing one byte further on in what was encoded."""
    encoded = base64.b64encode(before + KEY.encode() + b" and more")
    assert {find.form for find in Search(KEY).text("a log", encoded)} == {f"base64 after {len(before) % 3}"}


@pytest.mark.parametrize("piece", [KEY[:20], KEY[-20:], KEY[20:44]], ids=["begin", "end", "middle"])
def test_a_piece_is_found(piece: str) -> None:
    """Guards against a key that is left because it was cut: quotations are."""
    assert Search(KEY).text("a log", f"the key {piece}…")


def test_another_key_is_not_found() -> None:
    """Guards against a search that finds something everywhere, and proves nothing by finding it."""
    assert Search(KEY).text("a log", "".join(copy.decode("latin-1") for _, copy in forms(canary()))) == []


def _sqlite(file: Path, value: str | bytes) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE event_logs (id INTEGER, event TEXT)")
        # Longer than a page: the bytes of the file are then not in one piece.
        database.execute("INSERT INTO event_logs VALUES (1, ?)", (value,))
        database.commit()


def _catalogue(file: Path, *statements: str) -> None:
    with duckdb.connect(str(file)) as connection:
        for statement in statements:
            connection.execute(statement)


def _parquet(file: Path, *, value: str = "", metadata: str = "") -> None:
    column = pa.array([value] * 3 + ["x" * 1000] * 1000)
    table = pa.table({"extra": column}).replace_schema_metadata({"made_by": metadata})
    pq.write_table(table, file, compression="zstd", use_dictionary=False)


def _tail_of_gzip(text: str) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as stream:
        stream.write(text.encode())
    return b"a line before it\n" + packed.getvalue()


PLACES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "text": ("run.err", lambda file: file.write_text(f"403: the key {KEY} is not known")),
    "gzip": ("run.log", lambda file: file.write_bytes(_tail_of_gzip(f"{'x' * 9000}{KEY}"))),
    "cut gzip": ("run.log", lambda file: file.write_bytes(_tail_of_gzip(f"{KEY}{'x' * 9000}")[:-9])),
    "zlib in base64": ("cursor", lambda file: file.write_bytes(b'"0' + base64.b64encode(zlib.compress(KEY.encode())))),
    "SQLite": ("runs.db", lambda file: _sqlite(file, f"{'x' * 4070}{KEY}{'x' * 9000}")),
    "SQLite, compressed": ("runs.db", lambda file: _sqlite(file, zlib.compress(f'{{"key": "{KEY}"}}'.encode()))),
    "SQLite, gzip within zlib": ("runs.db", lambda file: _sqlite(file, zlib.compress(gzip.compress(KEY.encode())))),
    "Parquet": ("part-0.parquet", lambda file: _parquet(file, value=KEY)),
    "Parquet, metadata": ("part-0.parquet", lambda file: _parquet(file, metadata=KEY)),
    "view": ("partner.duckdb", lambda file: _catalogue(file, f"CREATE VIEW a AS SELECT {_literal(KEY)} AS b")),
    "comment": (
        "partner.duckdb",
        lambda file: _catalogue(
            file, "CREATE VIEW a AS SELECT 1 AS b", f"COMMENT ON COLUMN a.b IS {_literal(KEY)}", "CHECKPOINT"
        ),
    ),
    "macro": (
        "partner.duckdb",
        lambda file: _catalogue(file, f"CREATE MACRO m() AS TABLE SELECT {_literal(KEY)} AS b"),
    ),
    "table": ("partner.duckdb", lambda file: _catalogue(file, f"CREATE TABLE a AS SELECT {_literal(KEY)} AS b")),
    "name": (f"{KEY[20:44]}.lock", lambda file: file.write_bytes(b"")),
    "GraphQL": ("answer.json", lambda file: file.write_text(_answer(f"loggers:\n  key: '{KEY}'\n"))),
}


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _answer(run_config: str) -> str:
    return json.dumps({"data": {"runsOrError": {"results": [{"runConfigYaml": run_config}]}}})


@pytest.mark.parametrize("place", PLACES)
def test_a_copy_is_found_in_every_place(place: str, tmp_path: Path) -> None:
    """Guards against a search that sees only bytes, where pages are compressed and rows are cut in two."""
    name, plant = PLACES[place]
    (tmp_path / "deep" / "down").mkdir(parents=True)
    plant(tmp_path / "deep" / "down" / name)
    assert Search(KEY).folder(tmp_path)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Guards against a damaged file that counts as searched."""
    _parquet(tmp_path / "part-0.parquet", value=KEY)
    content = (tmp_path / "part-0.parquet").read_bytes()
    (tmp_path / "part-0.parquet").write_bytes(content[:-8])
    search = Search(canary())
    search.folder(tmp_path)
    assert search.unread == [tmp_path / "part-0.parquet"]


def test_a_key_among_the_arguments_of_a_process_is_found() -> None:
    """Guards against a look at processes that shows only their names."""
    with subprocess.Popen([sys.executable, "-c", "input()", KEY], stdin=subprocess.PIPE) as process:
        lines = command_lines()
        process.communicate(b"\n")
    for source, text in lines.items():
        assert Search(KEY).text(source, text), source
