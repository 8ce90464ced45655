"""Asks a catalogue for everything, and prints what came as JSON. Runs under any DuckDB, so it imports nothing of the project.

`python ask.py LAKE`: every view whole and every macro by its own example, each as a hash over its rows as texts.
"""

import hashlib
import json
import sys

import duckdb


def answers(lake: str) -> dict[str, str]:
    """Return for every view and macro of a lake the hash of its rows, or what DuckDB said instead."""
    with duckdb.connect(f"{lake}/partner.duckdb", read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET VARIABLE lake = '" + lake.replace("'", "''") + "'")
        views = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
        questions = {name: f'SELECT * FROM "{name}"' for (name,) in views}
        questions |= dict(connection.execute("SELECT macro_name, example FROM macros").fetchall())
        return {name: _answer(connection, question) for name, question in sorted(questions.items())}


def _answer(connection: duckdb.DuckDBPyConnection, question: str) -> str:
    try:
        rows = connection.execute(f"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ({question})").fetchall()
    except duckdb.Error as error:
        return f"error: {str(error).splitlines()[0]}"
    return f"{len(rows)} rows, {hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()[:16]}"


if __name__ == "__main__":
    json.dump({"version": duckdb.__version__, "answers": answers(sys.argv[1])}, sys.stdout)
