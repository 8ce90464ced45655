"""How v0 writes an order, held against the one order that the vendor prints in both versions."""

from collections.abc import Iterator

from partner_assets.sandbox.examples import example_records
from partner_assets.sandbox.order_names import in_v0


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}/{name}")
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _leaves(inner, f"{path}/{at}")
    else:
        yield path, value


def test_v0_gives_the_example_order_the_vendors_field_names_and_values() -> None:
    """A field under the wrong old name would be absent for a client of v0; the vendor's two prints differ in numbers."""
    ours = dict(_leaves(in_v0(example_records("order_details_v1")[0])))
    theirs = dict(_leaves(example_records("order_details_v0")[0]))
    assert ours.keys() == theirs.keys()
    assert {path for path, value in theirs.items() if isinstance(value, str)} == {
        path for path, value in ours.items() if isinstance(value, str) and theirs[path] == value
    }
