"""`partner-assets doctor`."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from partner_assets_tests.commands.shell import run
from partner_assets_tests.lake.test_quarantine import cut_short, spoilt


def test_all_is_well(settings: dict[str, str], lake: Path, tmp_path: Path) -> None:
    """Guards against a doctor who finds faults in health, leaves out an endpoint, or shows the key."""
    done = run("doctor", cwd=tmp_path, env={**settings, "PARTNER_LAKE": str(lake)})
    assert (done.returncode, done.stderr) == (0, "")
    assert "All is well" in done.stdout
    for line in (
        r"ok    accreditations_search +200 +\d+ ms",
        r"ok    price_lists_search +200",
        r"ok    orders_search +200",
        r"ok    order_details +404 +\d+ ms  not found, as it must be",
        r"ok    products_search +200",
        r"ok    prices_search +200",
        r"ok    key +accepted",
        r"ok    quota +[\d,]+ of [\d,]+",
        r"ok    clock +the same",
        r"ok    files +1, each readable to its last page",
        r"ok    product_prices +2 rows",
    ):
        assert re.search(line, done.stdout), line
    assert Path(settings["PARTNER_API_KEY_FILE"]).read_text() not in done.stdout


def test_no_key_is_made_by_looking(settings: dict[str, str], tmp_path: Path) -> None:
    """Guards against the one endpoint whose call changes something at the vendor's, and against files in the lake."""
    done = run("doctor", cwd=tmp_path, env=settings)
    assert "new_key" not in done.stdout
    assert "there is no" in done.stdout
    assert not Path(settings["PARTNER_LAKE"]).exists()


def test_a_wrong_key_is_told_as_such(settings: dict[str, str], tmp_path: Path) -> None:
    """Guards against "the API is down" where only the key is wrong."""
    Path(settings["PARTNER_API_KEY_FILE"]).write_text("secret-of-another-partner")
    done = run("doctor", cwd=tmp_path, env=settings)
    assert done.returncode == 1
    assert re.search(r"fail  key +refused \(403\)", done.stdout)
    assert "secret-of-another-partner" not in done.stdout + done.stderr


def test_a_dead_address_is_asked_once(settings: dict[str, str], tmp_path: Path) -> None:
    """Guards against seven time-outs one after the other."""
    done = run("doctor", cwd=tmp_path, env={**settings, "PARTNER_API_BASE_URL": "http://127.0.0.1:9"})
    assert done.returncode == 1
    assert "fail  accreditations_search" in done.stdout
    assert "price_lists_search" not in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_lake_of_rubbish_is_told_as_such(settings: dict[str, str], tmp_path: Path) -> None:
    """Guards against a doctor who dies of the disease: a catalogue that is no DuckDB file."""
    root = Path(settings["PARTNER_LAKE"])
    root.mkdir()
    (root / "partner.duckdb").write_text("rubbish" * 1000)
    done = run("doctor", cwd=tmp_path, env=settings)
    assert done.returncode == 1
    assert re.search(r"fail  catalogue +does not open", done.stdout)


@pytest.mark.parametrize("damage", [spoilt, cut_short])
@pytest.mark.parametrize("has_catalogue", [True, False])
def test_a_damaged_file_is_found_and_named(
    damage: Callable[[Path], None], has_catalogue: bool, settings: dict[str, str], lake: Path, tmp_path: Path
) -> None:
    """Guards against health as long as rows can be counted, which a file can be whose pages nobody can read."""
    root = Path(settings["PARTNER_LAKE"])
    shutil.copytree(lake, root)
    [file] = root.rglob("part-0.parquet")
    damage(file)
    if not has_catalogue:
        (root / "partner.duckdb").unlink()
    done = run("doctor", cwd=tmp_path, env=settings)
    assert (done.returncode, done.stderr) == (1, "")
    told = " ".join(done.stdout.split())
    assert f"fail product_prices {file} is not a whole Parquet file (" in told
    assert "readable to its last page" not in told
