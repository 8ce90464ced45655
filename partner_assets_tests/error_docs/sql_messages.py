"""Provokes what `sql` says, and DuckDB itself to those who open the catalogue with another tool."""

import contextlib
import os
import pty
import shlex
import subprocess
from pathlib import Path

import click
import duckdb

from partner_assets.commands.sql import sql
from partner_assets.lake import catalogue
from partner_assets_tests.commands.shell import COMMAND, environment
from partner_assets_tests.error_docs.lake_messages import lake_with_orders
from partner_assets_tests.error_docs.scene import Provoke, Scene, produces

STATEMENTS = {
    "Only one SELECT at a time": "DROP VIEW orders",
    "Only the lake's own files": "SELECT * FROM read_text('/etc/hostname')",
    "Catalog Error: Table with name": "SELECT * FROM oders",
    "Binder Error: Referenced column": "SELECT colour FROM orders",
    "Parser Error: syntax error": "SELECT count(* FROM orders",
}
"""What is asked for each row."""


REDIRECTIONS = {
    "The statement is not UTF-8": "- < latin1.sql",
    "Standard input cannot be read": "- 0> no_input",
    "Standard input is closed": "- <&-",
    "Standard output is closed": "'SELECT 1' >&-",
    "Standard output cannot be written": "'SELECT 1' > /dev/full",
}
"""What a shell is told for each row."""


def built(scene: Scene) -> Path:
    """Return the catalogue of a lake with an order."""
    return catalogue.build(lake_with_orders(scene)[0].layout.root)


def _asking(statement: str) -> Provoke:
    def ask(scene: Scene) -> str:
        built(scene)
        return scene.type("sql", statement)

    return ask


for words, statement in STATEMENTS.items():
    produces(words)(_asking(statement))


def _redirecting(arguments: str) -> Provoke:
    def ask(scene: Scene) -> str:
        built(scene)
        (scene.folder / "latin1.sql").write_bytes("SELECT 'ä'".encode("latin1"))
        command = f"{shlex.join(COMMAND)} sql {arguments}"
        env = environment(**scene.settings)
        done = subprocess.run(  # noqa: S602 - what a shell does is what is tested
            command, shell=True, cwd=scene.folder, env=env, capture_output=True, text=True, timeout=60, check=False
        )
        return done.stderr

    return ask


for words, arguments in REDIRECTIONS.items():
    produces(words)(_redirecting(arguments))


@produces("Parquet is no text to be shown", click.ClickException)
def parquet_on_a_terminal(scene: Scene) -> None:
    """Ask for Parquet on a terminal."""
    leader, follower = pty.openpty()
    try:
        with os.fdopen(follower, "w") as terminal, contextlib.redirect_stdout(terminal):
            sql("SELECT 1", "parquet", None)
    finally:
        os.close(leader)


@produces("No files found that match")
def lake_elsewhere(scene: Scene) -> str:
    """Open the catalogue without saying where its files are."""
    file = built(scene)
    with contextlib.chdir(scene.folder), duckdb.connect(str(file), read_only=True) as connection:
        try:
            connection.execute("SELECT * FROM orders").fetchall()
        except duckdb.Error as error:
            return str(error)
    return ""
