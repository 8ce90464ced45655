"""A search for keys in whatever was left behind: byte by byte, in every form in which a key can hide, in every container.

Pure: it reads files and bytes and knows nothing of who left them. Not here: what leaves them (`failing_site.py`).
"""

import base64
import html
import json
import re
import secrets
import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import duckdb

_PIECE = 16
_LONGEST_UNPACKED = 64 * 1024 * 1024
_DEEPEST = 4
_PACKED = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
# What gzip and zlib begin with, in base64: Dagster keeps some cursors so.
_PACKED_TEXT = re.compile(rb"(?:H4sI|eJ|eN|eA|eF)[A-Za-z0-9+/_-]{24,}={0,2}")
_OF_PARQUET = (
    "SELECT * FROM read_parquet($file, hive_partitioning = false)",
    "SELECT key, value FROM parquet_kv_metadata($file)",
    "SELECT * FROM parquet_schema($file)",
    "SELECT * FROM parquet_metadata($file)",
)
_OF_CATALOGUE = ("duckdb_views()", "duckdb_columns()", "duckdb_functions()", "duckdb_tables()", "duckdb_schemas()")


@dataclass(frozen=True)
class Find:
    """A key, or a piece of one, that was found; it is not repeated.

    Attributes:
        where: The file, with the way into it, or the name of a text.
        form: How it is written there.
    """

    where: str
    form: str


def canary() -> str:
    """Return a key of 64 characters that nothing holds by chance, its ends full of what every form writes in its own way."""
    first, last = secrets.token_hex(6), secrets.token_hex(6)
    return f"{first[:6]}\"/{first[6:]}+&{secrets.token_hex(16)}%<{last[:6]}\\'{last[6:]}"


def forms(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield every form in which a text may be found within another, by the name of the form."""
    plain = text.encode()
    yield "as it is", plain
    yield from (("UTF-16", text.encode(order)) for order in ("utf-16-le", "utf-16-be"))
    for shift in range(3):
        # The characters at both ends depend on what stands before and after it.
        first, end = (0, 2, 3)[shift], (shift + len(plain)) * 8 // 6
        for encode in (base64.standard_b64encode, base64.urlsafe_b64encode):
            yield f"base64 after {shift}", encode(b"\0" * shift + plain)[first:end]
    yield from (("hex", digits.encode()) for digits in (plain.hex(), plain.hex().upper()))
    quoted = quote(text, safe="")
    lower = re.sub("%..", lambda one: one[0].lower(), quoted)
    yield from (("URL", one.encode()) for one in (quoted, lower, quote(text)))
    once = json.dumps(text)[1:-1]
    yield from (("JSON", one.encode()) for one in (once, once.replace("/", "\\/"), json.dumps(once)[1:-1]))
    yield "HTML", html.escape(text).encode()
    yield "repr", text.replace("\\", "\\\\").replace("'", "\\'").encode()


class Search:
    """A search for some keys, and a count of what it has looked into.

    A piece of a key is a leak too, so its beginning, its middle and its end are looked for: sixteen characters each.

    Args:
        keys: The keys, of 32 characters or more.

    Attributes:
        counts: How many files, and how many things inside of them, were looked into, by kind.
        unread: Parquet files that cannot be read: of those, only the bytes were looked at.
    """

    def __init__(self, *keys: str) -> None:
        self.counts: Counter[str] = Counter()
        self.unread: list[Path] = []
        middles = (key[(len(key) - _PIECE) // 2 :][:_PIECE] for key in keys)
        pieces = [piece for key in keys for piece in (key[:_PIECE], key[-_PIECE:])] + list(middles)
        self._needles = {needle: form for piece in pieces for form, needle in reversed(list(forms(piece)))}

    def folder(self, root: Path) -> list[Find]:
        """Look into everything below a folder, and at the names of it."""
        found = [find for path in sorted(root.rglob("*")) for find in self.text(f"name of {path}", str(path))]
        for file in sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink()):
            found += self.file(file)
        return found

    def file(self, file: Path) -> list[Find]:
        """Look into a file: its bytes, and what they mean if it is a database, a Parquet file or a catalogue."""
        content = file.read_bytes()
        self.counts["file"] += 1
        found = self.text(str(file), content)
        if content.startswith(b"SQLite format 3\0"):
            found += self._rows("SQLite", file, _sqlite(file))
        elif content[8:12] == b"DUCK":
            found += self._rows("catalogue", file, _catalogue(file))
        elif content.startswith(b"PAR1"):
            try:
                found += self._rows("Parquet", file, _parquet(file))
            except duckdb.Error:
                self.unread.append(file)
        return found

    def text(self, where: str, content: str | bytes, depth: int = 0) -> list[Find]:
        """Look into a text or bytes, and into what is compressed within."""
        raw = content.encode(errors="surrogateescape") if isinstance(content, str) else content
        found = [Find(where, form) for form in sorted({self._needles[one] for one in self._needles if one in raw})]
        if depth < _DEEPEST:
            for inner in _unpacked(raw):
                self.counts["compressed"] += 1
                found += self.text(f"{where}, unpacked", inner, depth + 1)
        return found

    def _rows(self, kind: str, file: Path, rows: Iterable[tuple[str, bytes]]) -> list[Find]:
        self.counts[kind] += 1
        return [find for name, content in rows for find in self.text(f"{file}, {name}", content)]


def _unpacked(raw: bytes) -> Iterator[bytes]:
    for start in _PACKED.finditer(raw):
        yield from _unpack(memoryview(raw)[start.start() :])
    for text in _PACKED_TEXT.finditer(raw):
        letters = text[0].rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        yield from _unpack(base64.b64decode(letters[: len(letters) // 4 * 4]))


def _unpack(packed: bytes | memoryview) -> Iterator[bytes]:
    """Yield what comes out before the end or the first error: chance looks like the beginning of it now and then."""
    stream = zlib.decompressobj(wbits=47)
    out = b""
    try:
        for start in range(0, len(packed), 4096):
            out += stream.decompress(packed[start : start + 4096], _LONGEST_UNPACKED)
            if stream.eof or len(out) >= _LONGEST_UNPACKED:
                break
    except zlib.error:
        pass  # what came out before is looked at all the same
    if out:
        yield out


def _sqlite(file: Path) -> Iterator[tuple[str, bytes]]:
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        connection.text_factory = bytes
        names = [name.decode() for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in ("sqlite_master", *names):
            for row in connection.execute(f'SELECT * FROM "{name}"'):
                yield f"table {name}", _joined(row)


def _parquet(file: Path) -> Iterator[tuple[str, bytes]]:
    with duckdb.connect() as connection:
        for query in _OF_PARQUET:
            for row in connection.execute(query, {"file": str(file)}).fetchall():
                yield query.split("FROM ")[1], _joined(row)


def _catalogue(file: Path) -> Iterator[tuple[str, bytes]]:
    with duckdb.connect(str(file), read_only=True) as connection:
        for source in _OF_CATALOGUE:
            for row in connection.execute(f"SELECT * FROM {source} WHERE NOT internal").fetchall():
                yield source, _joined(row)
        for (name,) in connection.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal").fetchall():
            for row in connection.execute(f'SELECT * FROM "{name}"').fetchall():
                yield f"table {name}", _joined(row)


def _joined(row: Iterable[object]) -> bytes:
    return b"\0".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
