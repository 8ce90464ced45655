"""The demo's reseller beside a real one."""

import re
import shutil
from pathlib import Path

from partner_assets.commands.made_up_rows import made_up_rows
from partner_assets.lake import catalogue
from partner_assets_tests.commands.shell import run
from partner_assets_tests.lake.a_lake import fill


def test_only_a_lake_with_both_is_told(tmp_path: Path) -> None:
    """Guards against totals that count what is made up, and against a word too many in the demo itself."""
    assert made_up_rows(tmp_path) is None
    fill(tmp_path, "sandbox")
    assert made_up_rows(tmp_path) is None
    fill(tmp_path, "main")
    told = made_up_rows(tmp_path)
    assert told is not None
    assert told.startswith(f"beside main, {tmp_path} holds the made-up reseller")
    for folder in tmp_path.glob("*/legal_entity=sandbox"):
        shutil.rmtree(folder)
    assert made_up_rows(tmp_path) is None


def test_the_doctor_and_a_run_say_so(settings: dict[str, str], tmp_path: Path) -> None:
    """Guards against a first real run after the demo that nobody warns."""
    lake = tmp_path / "both"
    fill(lake, "sandbox")
    fill(lake, "main")
    catalogue.build(lake)
    env = {**settings, "PARTNER_LAKE": str(lake)}
    assert re.search(r"warn  legal entities +beside", run("doctor", cwd=tmp_path, env=env).stdout)
    done = run("run", "--only", "catalogue", cwd=tmp_path, env=env)
    assert "Warning: beside main, " in done.stderr, done.stderr
