"""The campaign, short: writers killed beside a reader, and one file after the other replaced under it.

Full size, with `partner-assets run` as the victim: `python -m partner_assets_tests.crashes`.
"""

from pathlib import Path

import pytest

from partner_assets_tests.crashes.campaign import Campaign, kill_runs, kill_writers, replace_steadily, strangers
from partner_assets_tests.crashes.faces import FACES, Announcements, states
from partner_assets_tests.crashes.phases import ELSEWHERE
from partner_assets_tests.crashes.report import report
from partner_assets_tests.crashes.victims import preload
from partner_assets_tests.crashes.worlds import changing_world


def silent(_: str) -> None:
    """Say nothing."""


def test_writers_that_are_killed_leave_the_truth_and_no_reader_is_told_anything_else(tmp_path: Path) -> None:
    """Guards against half a month, rows that are missing or doubled, and staged files that stay, after any kill."""
    preload("partner_assets_tests.crashes.worlds")
    campaign = kill_writers(Announcements(tmp_path / "truth"), tmp_path, 15, silent, size=3)
    assert campaign.complaints == []
    assert campaign.kills.total() == 15
    assert campaign.kills.total() > campaign.kills[ELSEWHERE]
    assert campaign.reading.queries.total() > 100
    assert "| all | 15 |" in report([campaign])


def test_a_reader_beside_steady_replacements_is_never_told_anything_wrong(tmp_path: Path) -> None:
    """Guards against an old footer that is read with new pages: an answer that never was true, without an error."""
    preload("partner_assets_tests.crashes.worlds")
    campaign = replace_steadily(Announcements(tmp_path / "truth"), tmp_path, 3, 0.05, silent)
    assert campaign.reading.wrong == []
    assert campaign.reading.queries.total() > 50


@pytest.mark.campaign
def test_runs_that_are_killed_leave_the_truth(tmp_path: Path) -> None:
    """Guards against the same in the whole program, and in DAGSTER_HOME."""
    preload("partner_assets.commands.shell_runs", "partner_assets_tests.crashes.worlds")
    announcements = Announcements(tmp_path / "truth")
    with changing_world(announcements) as world:
        assert kill_runs(world, announcements, tmp_path, 5, silent).complaints == []


def test_a_state_is_told_from_every_other(tmp_path: Path) -> None:
    """Guards against a campaign that finds nothing because it sees nothing: missing, doubled, changed and unknown rows."""
    face = FACES[4]
    rows = [("PRTF1", "One"), ("PRTF2", "Two")]
    [state] = states(face, rows).values()
    assert states(face, reversed(rows)) == {"accreditations": state}
    others = [rows[:1], [*rows, rows[0]], [rows[0], ("PRTF2", "Three")]]
    assert all(states(face, other) != {"accreditations": state} for other in others)
    announcements = Announcements(tmp_path / "truth")
    announcements.announce({"accreditations": state})
    assert announcements.places("accreditations", state) == [0]
    assert announcements.places("accreditations", "another") == []


def test_what_a_kill_left_in_a_lake_is_seen(tmp_path: Path) -> None:
    """Guards against leftovers that are not counted, and locks that are counted as leftovers."""
    for name in (".staging/a.parquet", "orders/legal_entity=main/b.parquet", ".locks/orders.lock"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert strangers(tmp_path) == [".staging/a.parquet", "orders/legal_entity=main/b.parquet"]


def test_a_wrong_answer_and_too_many_errors_are_complaints() -> None:
    """Guards against a table of failures that ends with exit code 0."""
    campaign = Campaign("steady", is_steady=True)
    campaign.reading.queries["view"] = 1_000
    assert campaign.complaints == []
    campaign.reading.errors["view"] = 1
    campaign.reading.twice = 1
    campaign.reading.wrong.append("orders 2026-03 went back in time")
    assert len(campaign.complaints) == 3
