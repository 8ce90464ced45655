"""How the assets are cut into partitions: what one re-run replaces. How slices become files is `lake/layout.py`'s.

Prices have ONE dynamic dimension with keys `ACCREDITATION|PRICE_LIST`: two dimensions would always be their full cross
product, keys that do not exist included, and Dagster draws and backfills a flat list of 2,000 keys as fast
(`benchmarks/price_partitions.py`).
"""

from collections.abc import Collection, Mapping
from datetime import date

import dagster as dg

ACCREDITATION_SET = "accreditations"
PRICE_SET = "accreditation_price_lists"

ACCREDITATION_PARTITIONS = dg.DynamicPartitionsDefinition(name=ACCREDITATION_SET)
"""One partition per accreditation id, kept up to date by the asset `accreditations`."""

PRICE_PARTITIONS = dg.DynamicPartitionsDefinition(name=PRICE_SET)
"""One partition per accreditation and price list."""

SEPARATOR = "|"

LONGEST_RANGE = 31
"""Days of orders in one run, whoever asks for it. When a run dies, all of its days have to be asked for again."""


def order_partitions(start: date) -> dg.DailyPartitionsDefinition:
    """Return one partition per UTC day of creation, from the first day of orders through today."""
    # Without the offset, today's partition would begin to exist tomorrow.
    return dg.DailyPartitionsDefinition(start_date=start.isoformat(), timezone="UTC", end_offset=1)


def price_partition(accreditation_id: str, price_list_id: int) -> str:
    """Return the partition key of an accreditation on a price list."""
    return f"{accreditation_id}{SEPARATOR}{price_list_id}"


def price_slice(partition_key: str) -> tuple[str, int]:
    """Return the accreditation id and the price list id that a partition key names."""
    accreditation_id, _, price_list_id = partition_key.rpartition(SEPARATOR)
    return accreditation_id, int(price_list_id)


def catalogue_partitions(accreditation_ids: Collection[str], price_list_ids: Collection[int]) -> dict[str, list[str]]:
    """Return the partition keys of both dynamic sets.

    Args:
        accreditation_ids: The accreditations that exist now.
        price_list_ids: The price lists that exist now.
    """
    pairs = [price_partition(one, other) for one in sorted(accreditation_ids) for other in sorted(price_list_ids)]
    return {ACCREDITATION_SET: sorted(accreditation_ids), PRICE_SET: pairs}


def add_partitions(instance: dg.DagsterInstance, partitions: Mapping[str, Collection[str]]) -> None:
    """Let Dagster know of partitions; those it knows stay as they are.

    Removing what is withdrawn is the sensor's (`automation/catalogue_changes.py`): its rows have to be closed first.

    Args:
        instance: Where the partitions are kept.
        partitions: Keys by dynamic set.
    """
    for name, keys in partitions.items():
        known = set(instance.get_dynamic_partitions(name))
        instance.add_dynamic_partitions(name, [key for key in keys if key not in known])
