"""A `DAGSTER_HOME` that Dagster cannot use."""

from collections.abc import Callable
from pathlib import Path

import pytest

from partner_assets.commands.books import open_books
from partner_assets.settings import SettingsError


def random_database(home: Path) -> None:
    """Put rubbish in the place of the runs."""
    (home / "history").mkdir()
    (home / "history" / "runs.db").write_bytes(bytes(range(256)) * 20)


def unknown_key(home: Path) -> None:
    """Misspell a setting."""
    (home / "dagster.yaml").write_text("run_coordinater: 1")


def bad_yaml(home: Path) -> None:
    """Forget a bracket."""
    (home / "dagster.yaml").write_text("a: [b\n c: }")


def file_for_a_folder(home: Path) -> None:
    """Put a file where the databases belong."""
    (home / "history").touch()


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (random_database, "one of its databases cannot be used (file is not a database)"),
        (unknown_key, "its dagster.yaml is none that Dagster takes (Errors whilst loading"),
        (bad_yaml, "its dagster.yaml is none that Dagster takes (while parsing"),
        (file_for_a_folder, "history/ cannot be used (File exists)"),
    ],
)
def test_trouble_in_dagsters_home_is_one_sentence(
    damage: Callable[[Path], None], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards against traces of a hundred lines that name neither the setting nor what to do."""
    damage(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with pytest.raises(SettingsError) as caught, open_books():
        pass
    told = str(caught.value)
    assert told.startswith(f"DAGSTER_HOME: {tmp_path} cannot be used, since ")
    assert reason in told
    assert "\n" not in told
    assert len(told) < 600


def test_other_trouble_is_not_taken_for_dagsters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards against a lake's full disk that sends a person to Dagster's folder."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with pytest.raises(FileNotFoundError), open_books():
        (tmp_path.parent / "elsewhere").read_text()
