"""What makes two rows of a search the same thing, endpoint by endpoint.

Here: the names by which rows are recognised where two pages meet. Not here: which rows are one and the same record;
only the orders are merged by their id (`searches.py`), everything else is for the tables to judge.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from partner_assets.api.order_search import transaction_id
from partner_assets.api.pages import Record

Identity = Callable[[Record], str]


def order_identity(record: Record) -> str:
    """Return the id of an order; a row without one is known by all its fields, and whoever reads it may complain."""
    return transaction_id(record) or repr(record)


def _by(*names: str) -> Identity:
    def identity(record: Record) -> str:
        return repr([record.get(name) for name in names]) if record.get(names[0]) else repr(record)

    return identity


# A part of a package has no other name than all that it says.
_IDENTITIES: Mapping[str, Identity] = MappingProxyType(
    {
        "orders_search": order_identity,
        "accreditations_search": _by("id"),
        "products_search": _by("number", "release"),
        "prices_search": _by("number"),
        "package_content_search": repr,
    }
)


def identity_of(name: str) -> Identity:
    """Return how the rows of an endpoint are told apart; by all fields if nothing else is known.

    Args:
        name: Name of the endpoint.
    """
    return _IDENTITIES.get(name, repr)
