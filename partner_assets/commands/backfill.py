"""`partner-assets backfill`: days of orders read again, whatever is known of them."""

from datetime import date

from partner_assets.commands.shell_runs import run_from_shell
from partner_assets.materialization.details_tag import ALL_DETAILS
from partner_assets.runs import jobs_for


def backfill(first: date, last: date | None, *, full: bool) -> int:
    """Read the search pages of some days again, and the details of what changed.

    Args:
        first: First day.
        last: Last day; today by default.
        full: True to read the details of every order: what changed without a new `lastUpdateDateTime` is then seen.

    Returns:
        The exit code, and errors, of `run_from_shell`.
    """
    return run_from_shell(jobs_for("orders"), first, last, tags=ALL_DETAILS if full else None)
