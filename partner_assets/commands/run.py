"""`partner-assets run`: the whole graph through Dagster, without its UI."""

from datetime import date

from partner_assets.commands.shell_runs import run_from_shell
from partner_assets.runs import jobs_for


def run(first: date | None, last: date | None, only: str | None) -> int:
    """Materialise the catalogue and the orders.

    Args:
        first: First day of orders; the first of all by default.
        last: Last day of orders; today by default.
        only: ``"catalogue"`` or ``"orders"`` for a part of it.

    Returns:
        The exit code, and errors, of `run_from_shell`.
    """
    return run_from_shell(jobs_for(only), first, last)
