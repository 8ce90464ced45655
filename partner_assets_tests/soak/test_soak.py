"""A soak of five minutes, with a real daemon: whatever happens, the lake comes to hold what the API says.

The same as `make soak`, with shorter outages. Not here: the judges alone (`test_judges.py`).
"""

from pathlib import Path

import pytest

from partner_assets_tests.soak.conduct import run_soak
from partner_assets_tests.soak.plan import SHORTEST_MINUTES, Plan
from partner_assets_tests.soak.report import report


@pytest.mark.longest
def test_the_lake_equals_the_truth_after_outages_and_deaths_of_the_daemon(tmp_path: Path) -> None:
    """Guards against a change that is lost for good because something else went wrong in the same minute."""
    story = run_soak(Plan(SHORTEST_MINUTES, seed=7), tmp_path, print)
    told = report(story)
    assert not story.complaints, told
    assert {trouble.what for trouble in story.troubles} == {"API down", "API slow", "no daemon"}
    assert all(len(line) <= 80 for line in told.splitlines())
    assert min(story.ledger.counts().values()) > 0
    assert story.versions.must > 0
    assert story.days.day_runs > 0
