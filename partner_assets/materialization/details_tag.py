"""The run tag by which a person has the documents of all orders asked for again, whether or not they changed.

A tag and no run configuration: the dialogs of the UI and `dagster job backfill --tags` set tags, and a retry keeps them.
"""

from collections.abc import Mapping

import dagster as dg

DETAILS = "partner_assets/details"
ALL = "all"

ALL_DETAILS = {DETAILS: ALL}
"""What a run is given to ask for the details of every order that the search returns."""


def wants_all_details(tags: Mapping[str, str]) -> bool:
    """Tell whether a run is to ask for the details of every order.

    Args:
        tags: The run's tags.

    Raises:
        dagster.Failure: If the tag has a value that means nothing; what was wanted would silently not be done.
    """
    value = tags.get(DETAILS)
    if value in (None, ALL):
        return value == ALL
    raise dg.Failure(
        description=f"The run's tag {DETAILS} is {value!r} and means nothing: set it to {ALL}, or leave it away.",
        allow_retries=False,
    )
