"""What the control endpoint does to orders: change, add, remove. Not here: its paths and bodies (`control.py`)."""

from collections.abc import Iterable, Mapping

from partner_assets.sandbox.catalogue import merged
from partner_assets.sandbox.clock import day_of, timestamp_text
from partner_assets.sandbox.days import Times
from partner_assets.sandbox.identity import OrderKey, order_id
from partner_assets.sandbox.orders import Document, order_document
from partner_assets.sandbox.overlay import laid_order
from partner_assets.sandbox.world import World

# Positions from here on are never reached by a made-up day (see `config.MOST_ORDERS_PER_DAY`).
_FIRST_ADDED_POSITION = 90_001


def change_order(world: World, id_: str, fields: Mapping[str, object]) -> None:
    """Change an order so that anyone can see it, and set its `lastUpdateDateTime` to now.

    Args:
        world: Where the order is.
        id_: Which order.
        fields: What to change, by the names of v1; None takes a field away. Empty: status and an amount change.

    Raises:
        KeyError: If there is no such order.
    """
    document = world.order(id_)
    if document is None:
        raise KeyError(id_)
    if not fields:
        _touch(document)
    changed = merged(document, fields) | {"lastUpdateDateTime": timestamp_text(world.clock.now())}
    laid, found = world.overlay.get(id_), None
    if laid is not None:
        found = laid.times.creation
    world.overlay.put(id_, laid_order(changed, world.clock.now(), creation=found), "changed")


def add_made_up_order(world: World, creation: int | None = None) -> str:
    """Add one more made-up order and return its id.

    Args:
        world: Where it appears.
        creation: When it says it was created; now unless given. `lastUpdateDateTime` is now in any case.
    """
    now = world.clock.now()
    created = now if creation is None else creation
    key = OrderKey(day_of(created), _FIRST_ADDED_POSITION + world.overlay.counts["added"])
    document = order_document(world.seed, world.orders_per_day, key, Times(False, created, now, 0), settled=True)
    id_ = order_id(key, is_renewal=False)
    world.overlay.put(id_, laid_order(document, now), "added")
    return id_


def add_document(world: World, document: Document, creation: int | None = None) -> str:
    """Add an order just as it is given, even one that no client can understand, and return the id to ask for it by."""
    transaction = document.get("transaction")
    told = transaction.get("id") if isinstance(transaction, Mapping) else None
    id_ = told if isinstance(told, str) and told else f"PO_X{world.overlay.counts['added']:09d}"
    world.overlay.put(id_, laid_order(document, world.clock.now(), creation=creation), "added")
    return id_


def remove_orders(world: World, ids: Iterable[str]) -> None:
    """Make orders vanish, as if they had never been."""
    for id_ in ids:
        world.overlay.remove(id_)


def _touch(document: Document) -> None:
    transaction = document.get("transaction")
    if isinstance(transaction, Mapping):
        status = "Sent Back to Sales" if transaction.get("status") == "Finance Approved" else "Finance Approved"
        document["transaction"] = {**transaction, "status": status, "description": "Changed after all"}
    lines = document.get("licenseChargeConditions")
    for line in lines if isinstance(lines, list) else []:
        charges = line.get("licenseChargeBreakdown") if isinstance(line, dict) else None
        for charge in charges if isinstance(charges, list) else []:
            amount = charge.get("distributorNetAmount")
            if isinstance(amount, int | float):
                charge["distributorNetAmount"] = round(amount + 10.25, 2)
                return
