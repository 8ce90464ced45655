"""Whether the tables of the lake hold what the sandbox holds, value for value; what differs is named in sentences.

The oracle is `materialization/expected_rows.py`. Not here: versions that have passed (`judge_versions.py`).
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from partner_assets.automation.jobs import PRICES, PRODUCTS
from partner_assets.sandbox.world import World
from partner_assets_tests.materialization.expected_rows import Expected, expected_catalogue, expected_orders
from partner_assets_tests.soak.lake_rows import Row, current, rows
from partner_assets_tests.soak.site import SoakSite
from partner_assets_tests.test_truth import CATALOGUE_KEYS, ORDERS_KEYS

SHOWN = 5
"""Most differences that are named of one table."""

PARTS = {
    "products": (PRODUCTS, ("accreditation_id",), ("accreditation_id",)),
    "product_prices": (
        PRICES,
        ("accreditation_id", "price_list_id"),
        ("accreditation_id", "price_list_id", "price_list_status"),
    ),
}
"""Of each table that hangs on the roots of the catalogue: its job, and what names a partition of it, and a part."""

_JSON = ("extra", "document")


def differing_orders(site: SoakSite, *, but: Collection[str] = ()) -> list[str]:
    """Return what is wrong with the orders tables.

    Args:
        site: Sandbox and lake.
        but: Orders that were removed, and that the lake is not yet expected to know of.
    """
    expected = _true_orders(site)
    sentences = []
    for table, key in ORDERS_KEYS.items():
        found = rows(site.lake, table)
        found = [row for row in found if row["transaction_id"] not in but]
        if table == "order_documents":
            found = [row for row in found if row["is_current"]]
        sentences += differences(table, found, expected.rows[table], key)
    return sentences


def differing_catalogue(site: SoakSite) -> list[str]:
    """Return what is wrong with the tables of the catalogue."""
    expected = expected_catalogue(site.sandbox.world)
    sentences = []
    for table, key in CATALOGUE_KEYS.items():
        sentences += differences(table, current(site.lake, table), expected.rows[table], key)
    return sentences


def differing_parts(site: SoakSite, *, but: Mapping[str, Collection[str]]) -> list[str]:
    """Return what is wrong with the roots of the catalogue, and which parts that hang on them are missing or left over.

    What is in the parts is not compared: unless their parents change, they are read again once a day.

    Args:
        site: Sandbox and lake.
        but: By job, the partitions that are not yet expected to be right.
    """
    expected = expected_catalogue(site.sandbox.world)
    sentences = []
    for table in ("accreditations", "price_lists"):
        sentences += differences(table, current(site.lake, table), expected.rows[table], CATALOGUE_KEYS[table])
    for table, (job, partition, names) in PARTS.items():
        found, wanted = (
            [
                dict(part)
                for part in {tuple((name, row[name]) for name in names) for row in those}
                if "|".join(str(value) for name, value in part if name in partition) not in but.get(job, ())
            ]
            for those in (current(site.lake, table), expected.rows[table])
        )
        sentences += differences(table, found, wanted, names)
    return sentences


def differing_rejected(site: SoakSite) -> list[str]:
    """Return what is wrong with the records that could not become rows."""
    expected = [*_true_orders(site).rejected, *expected_catalogue(site.sandbox.world).rejected]
    wanted = Counter(repr(one) for one in expected)
    found = Counter(
        repr((row["table_name"], row["slice"], json.loads(row["record"], parse_float=Decimal)))
        for row in rows(site.lake, "rejected")
    )
    return [
        *(f"rejected: {one} is missing." for one in list(wanted - found)[:SHOWN]),
        *(f"rejected: {one} should not be there." for one in list(found - wanted)[:SHOWN]),
    ]


def differences(table: str, found: Iterable[Row], wanted: Iterable[Row], key: Sequence[str]) -> list[str]:
    """Compare rows by key, and only in the columns that are wanted.

    Args:
        table: What the sentences call them.
        found: Rows of the lake.
        wanted: Rows of the oracle.
        key: What names a row.

    Returns:
        A sentence per difference, and one that counts those that are not named.
    """
    found = list(found)
    by_key = {tuple(row[name] for name in key): row for row in found}
    truth = {tuple(row[name] for name in key): row for row in wanted}
    sentences = [f"{table}: {len(found) - len(by_key)} rows have a key that came before."] * (len(by_key) < len(found))
    sentences += [f"{table}: {_named(place)} is missing." for place in truth.keys() - by_key.keys()]
    sentences += [f"{table}: {_named(place)} should not be there." for place in by_key.keys() - truth.keys()]
    for place in by_key.keys() & truth.keys():
        sentences += _differing_values(f"{table}: {_named(place)}", by_key[place], truth[place])
    more = len(sentences) - SHOWN
    return sentences[:SHOWN] + [f"{table}: and {more} more differences."] * (more > 0)


def _differing_values(place: str, found: Row, wanted: Mapping[str, object]) -> Iterable[str]:
    for name, value in wanted.items():
        shown = found[name]
        if name in _JSON and isinstance(shown, str):
            shown = json.loads(shown, parse_float=Decimal)
        if shown != value:
            yield f"{place}: {name} is {_short(shown)}, the truth says {_short(value)}."


def _true_orders(site: SoakSite) -> Expected:
    """Return what the orders tables ought to hold, the number of versions taken from the documents in the lake."""
    world: World = site.sandbox.world
    expected = expected_orders(world.order_documents(site.first, site.today))
    versions = Counter(row["transaction_id"] for row in rows(site.lake, "order_documents", ["transaction_id"]))
    for row in expected.rows["orders"]:
        row["version_count"] = versions[row["transaction_id"]]
    return expected


def _named(place: Sequence[object]) -> str:
    return " ".join(map(str, place))


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
