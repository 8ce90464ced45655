"""Ctrl+C while DuckDB works: it ends `sql` and `doctor` within seconds, whatever was asked."""

import signal
import time
from pathlib import Path

import duckdb
import pytest

from partner_assets_tests.commands.shell import read_until, started

ENDLESS = "SELECT DISTINCT a.range, b.range AS b, c.range AS c FROM range(3000) a, range(3000) b, range(3000) c"
"""DuckDB comes back to Python only when it is done."""


@pytest.mark.parametrize("presses", [1, 2])
@pytest.mark.parametrize("style", ["table", "csv", "parquet"])
def test_ctrl_c_ends_a_question_in_the_middle(style: str, presses: int, lake: Path, tmp_path: Path) -> None:
    """Guards against a query that only kill -9 ends, which leaves half an answer."""
    arguments = ["sql", ENDLESS, "--format", style, "--output", str(tmp_path / "answer")]
    with started(*arguments, cwd=lake.parent, env={"PARTNER_LAKE": "lake"}) as process:
        deadline = time.monotonic() + 30
        while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1)  # so that DuckDB is at work
        for _ in range(presses):
            process.send_signal(signal.SIGINT)
            time.sleep(0.02)
        told, _ = process.communicate(timeout=15)
    assert (process.returncode, told) == (130, "")
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_ends_the_doctor_while_it_counts(settings: dict[str, str], tmp_path: Path) -> None:
    """Guards against a trace that ends in RuntimeError, where every other verb ends without a word."""
    root = Path(settings["PARTNER_LAKE"])
    root.mkdir()
    with duckdb.connect(str(root / "partner.duckdb")) as connection:
        connection.execute(f"CREATE VIEW endless AS {ENDLESS}")
    with started("doctor", cwd=tmp_path, env=settings) as process:
        read_until(process, "  catalogue  ", 30)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        told, _ = process.communicate(timeout=15)
    assert process.returncode == 130
    assert "Error" not in told, told
