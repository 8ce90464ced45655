"""A quota that real processes share, for a few seconds: counts with room for a busy machine.

Not here: the strict figures, which the campaign prints (`python -m partner_assets_tests.quota`).
"""

from pathlib import Path

from partner_assets_tests.quota.contest import Contest, play


def test_four_processes_share_a_quota(tmp_path: Path) -> None:
    """Guards against processes that each take the quota for theirs: a tenth of all answers 429, and one of them starved."""
    outcome = play(Contest("short", rate=30, threads=(4, 4, 4, 4), seconds=8.0), tmp_path)
    assert outcome.rejected_share < 0.03
    assert outcome.used > 0.7
    assert outcome.fairness > 0.4


def test_processes_that_are_killed_leave_the_quota_to_the_others(tmp_path: Path) -> None:
    """Guards against a lock, or requests under way, that a killed process takes with it."""
    outcome = play(Contest("killed", rate=30, threads=(4, 4), seconds=6.0, kill_every=0.5), tmp_path)
    assert outcome.rejected_share < 0.05
    assert outcome.used > 0.5
