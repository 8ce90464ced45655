"""What is said, once per run, while the deprecated version of the API is in use.

Here: the words, and that a run hears them once, however many steps it has. Not here: which endpoints a version has
(`api/endpoints.py`).
"""

import dagster as dg

from partner_assets.materialization.slices import clear_failures
from partner_assets.resources import Partner
from partner_assets.settings import Settings

TAG = "partner_assets/told_of_deprecation"
"""Tag of a run that has been told; its value is the run's own id, since a retry takes over the tags of its parent."""

DEPRECATED = "v0"


def deprecation(settings: Settings) -> str | None:
    """Return what to tell an operator of the version in use, None if there is nothing to tell."""
    if settings.api_version != DEPRECATED:
        return None
    return (
        f"PARTNER_API_VERSION is {DEPRECATED}: the vendor has deprecated its endpoints for orders and accreditations, and "
        "will remove them. Set it to v1, whose tables are the same but for names that have no documented code; nothing "
        "that the lake holds is fetched again for it."
    )


def tell_of_deprecation(context: dg.AssetExecutionContext, partner: Partner) -> None:
    """Write the warning into the run's log, unless another step of the run has done so.

    To be called by assets that ask endpoints of the version, before they ask: when the vendor has removed them, the
    failure that follows is explained.
    """
    with clear_failures():
        advice = deprecation(partner.settings)
    if advice is None:
        return
    # A tag and no memory of this process: steps may run in processes of their own.
    run_id = context.run.run_id
    run = context.instance.get_run_by_id(run_id)
    if run is None or run.tags.get(TAG) != run_id:
        context.instance.add_run_tags(run_id, {TAG: run_id})
        context.log.warning(advice)
