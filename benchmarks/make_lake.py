"""A lake of a million orders, straight from the sandbox's functions: what an analyst has after five years.

`python -m benchmarks.make_lake FOLDER [ORDERS]` writes order_documents, orders, order_lines and order_charges a month at a
time through the lake's own store, and the catalogue; months are spread over all cores.
"""

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
DAYS = 1_826
LEGAL_ENTITY = "sandbox"


def months(days: int) -> list[list[date]]:
    """Return the days of each month, oldest first."""
    found: dict[str, list[date]] = {}
    for number in range(days - 1, -1, -1):
        day = NOW.date() - timedelta(days=number)
        found.setdefault(f"{day:%Y-%m}", []).append(day)
    return list(found.values())


def make_month(root: Path, orders_per_day: int, days: list[date]) -> int:
    """Write one month of orders, and return how many there are."""
    from partner_assets.lake.order_columns import order_columns
    from partner_assets.lake.row_block import RowBlock
    from partner_assets.lake.store import Change, Lake
    from partner_assets.sandbox.config import SandboxConfig
    from partner_assets.sandbox.world import World
    from partner_assets.tables.order_documents import ORDER_DOCUMENTS
    from partner_assets.tables.record import RecordReader
    from partner_assets.tables.values import json_text

    world = World(SandboxConfig(days=DAYS, orders_per_day=orders_per_day, now=NOW))
    reader = RecordReader(ORDER_DOCUMENTS)
    texts, given, rows = [], [], []
    for day in days:
        lineage = {"fetched_at": NOW, "run_id": "benchmark", "legal_entity": LEGAL_ENTITY, "creation_date": day}
        for document in world.order_documents(day, day):
            # Orders that the sandbox lays on a day by hand stand on other days too: one id is one order here.
            if str(document.get("creationDateTime", ""))[:10] != day.isoformat():
                continue
            text = json_text(document)
            texts.append(text)
            given.append({**lineage, "version_count": 1})
            head = {name: document[name] for name in ("creationDateTime", "lastUpdateDateTime")}
            head["transaction"] = {"id": document["transaction"]["id"]}
            rows.append(
                reader.read(
                    head, {**lineage, "document": text, "api_version": "v1", "is_current": True, "gone_at": None}
                )
            )
    made = order_columns("v1", texts, given)
    slices = [(day,) for day in days]
    changes = [Change(table, slices, RowBlock(data)) for table, data in made.tables.items()]
    Lake(root, LEGAL_ENTITY).replace([Change(ORDER_DOCUMENTS, slices, rows), *changes], lineage={"run_id": "benchmark"})
    return len(texts)


def orders_on_a_weekday(orders: int) -> int:
    """Return how many the sandbox is told to have on an ordinary day, so that five years of them are that many."""
    return max(1, round(orders / DAYS * 1.35))  # weekends have fewer


def make_lake(root: Path, orders: int, *, days: int = DAYS) -> int:
    """Write the newest days of a lake of about so many orders in five years, and the catalogue.

    Args:
        root: The lake's folder.
        orders: Orders in five years.
        days: How many days of them.

    Returns:
        How many orders there are.
    """
    from partner_assets.lake import catalogue

    each = orders_on_a_weekday(orders)
    parts = months(days)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        total = sum(pool.map(make_month, [root] * len(parts), [each] * len(parts), parts))
    catalogue.build(root)
    return total


if __name__ == "__main__":
    print(make_lake(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000))
