"""A lake that holds the sandbox's made-up reseller beside a real one: every total would count both, and nobody would see it."""

from pathlib import Path

from partner_assets.commands.sandbox import LEGAL_ENTITY
from partner_assets.lake.errors import DiskTrouble
from partner_assets.lake.layout import legal_entities


def made_up_rows(root: Path) -> str | None:
    """Return what is to be said of a lake that holds both, with how to get rid of the made-up one; None of any other.

    Args:
        root: The lake's folder.
    """
    try:
        found = legal_entities(root)
    except DiskTrouble:
        return None  # told by whoever works with the files; this is advice
    if LEGAL_ENTITY not in found or found == [LEGAL_ENTITY]:
        return None
    others = ", ".join(name for name in found if name != LEGAL_ENTITY)
    return (
        f"beside {others}, {root} holds the made-up reseller of the demo, legal entity {LEGAL_ENTITY}, and every total over all "
        f"rows counts it. To remove it: rm -r {root}/*/legal_entity={LEGAL_ENTITY} && partner-assets catalogue"
    )
