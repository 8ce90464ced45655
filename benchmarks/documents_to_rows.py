"""100,000 order documents, of nine charges each, to the columns of the three tables: several methods side by side.

`python -m benchmarks.documents_to_rows` runs all of them; with a method and a count it runs that one and prints its seconds.
Ours is `lake/order_columns.py`; the other two exact ones were considered for it.
"""

import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import cycle, islice
from typing import Any

from benchmarks.side_by_side import machine, median, side_by_side, table

COUNT = 100_000
BATCH = 200
"""Documents at a time, where a method takes many: a day of orders."""

GIVEN = {
    "creation_date": date(2026, 3, 1),
    "version_count": 1,
    "fetched_at": datetime(2026, 3, 5, tzinfo=UTC),
    "run_id": "benchmark",
    "legal_entity": "main",
}


def documents(count: int) -> list[str]:
    """Return documents of 3 lines with 3 charges each, made of the sandbox's."""
    from partner_assets.sandbox.config import SandboxConfig
    from partner_assets.sandbox.world import World
    from partner_assets.tables.values import json_text

    now = datetime(2026, 3, 5, 12, tzinfo=UTC)
    world = World(SandboxConfig(days=10, orders_per_day=200, now=now))
    whole = [one for one in world.order_documents(date(2026, 2, 24), date(2026, 3, 5)) if _charges(one)]
    return [json_text(_of_three(one)) for one in islice(cycle(whole), count)]


def _charges(document: dict[str, Any]) -> list[dict[str, Any]]:
    lines = document.get("licenseChargeConditions")
    return [charge for line in lines or () for charge in line.get("licenseChargeBreakdown") or ()]


def _of_three(document: dict[str, Any]) -> dict[str, Any]:
    charges, lines = cycle(_charges(document)), cycle(document["licenseChargeConditions"])
    three = [
        {
            **next(lines),
            "sequenceNumber": number,
            "licenseChargeBreakdown": [{**next(charges), "sequenceNumber": inner} for inner in (1, 2, 3)],
        }
        for number in (1, 2, 3)
    ]
    return {**document, "licenseChargeConditions": three}


def batches(texts: list[str]) -> Iterator[list[str]]:
    """Yield the documents a day at a time."""
    for start in range(0, len(texts), BATCH):
        yield texts[start : start + BATCH]


def ours(texts: list[str]) -> int:
    """Typed objects to Arrow columns, exact."""
    from partner_assets.lake.order_columns import order_columns
    from partner_assets.tables.order_charges import ORDER_CHARGES

    return sum(
        order_columns("v1", batch, [GIVEN] * len(batch)).tables[ORDER_CHARGES].num_rows for batch in batches(texts)
    )


def value_by_value(texts: list[str]) -> int:
    """Python rows, one value at a time, then Arrow: what ours falls back on, exact."""
    from partner_assets.lake import parquet
    from partner_assets.tables.order_charges import ORDER_CHARGES
    from partner_assets.tables.order_lines import ORDER_LINES
    from partner_assets.tables.order_rows import OrderReader, OrderRows
    from partner_assets.tables.orders import ORDERS

    reader, total = OrderReader("v1"), 0
    for batch in batches(texts):
        rows = OrderRows()
        for text in batch:
            reader.read_text(text, GIVEN, rows)
        for declared, made in ((ORDERS, rows.orders), (ORDER_LINES, rows.lines), (ORDER_CHARGES, rows.charges)):
            total += parquet.to_arrow(declared, made).num_rows if declared is ORDER_CHARGES else 0
    return total


def parsing_orjson(texts: list[str]) -> int:
    """Merely parsing into dicts with the fastest parser; no rows, floats."""
    import orjson

    return sum(len(orjson.loads(text)) for text in texts)


def parsing_msgspec(texts: list[str]) -> int:
    """Merely parsing into dicts with msgspec; no rows, floats."""
    import msgspec

    decode = msgspec.json.Decoder().decode
    return sum(len(decode(text)) for text in texts)


def _in_cents(value: Any) -> Decimal:
    return Decimal(value).quantize(Decimal("0.01"))


def pandas(texts: list[str]) -> int:
    """pandas.json_normalize three times, then the casts that make amounts exact decimals and dates dates."""
    import pandas as pd

    total = 0
    for batch in batches(texts):
        parsed = [json.loads(text, parse_float=Decimal) for text in batch]
        for one in parsed:
            one["orderId"] = one["transaction"][
                "id"
            ]  # json_normalize cannot look below the top for rows two levels down
        orders = pd.json_normalize(parsed, max_level=1).drop(columns="licenseChargeConditions")
        lines = pd.json_normalize(parsed, "licenseChargeConditions", meta="orderId")
        charges = pd.json_normalize(parsed, ["licenseChargeConditions", "licenseChargeBreakdown"], meta="orderId")
        for frame in (orders, lines, charges):
            for name in frame.columns:
                if name.endswith(("DateTime", "Date")):
                    frame[name] = pd.to_datetime(frame[name], errors="coerce", utc=True, format="ISO8601")
                elif name.endswith(("Price", "Amount")):
                    frame[name] = frame[name].map(_in_cents, na_action="ignore")
        total += len(charges)
    return total


def duckdb_from_json(texts: list[str]) -> int:
    """DuckDB's own JSON reader over the documents. NOT exact: it reads every number as a double first."""
    import duckdb
    import pyarrow as pa

    charge = (
        '{"sequenceNumber":"BIGINT","installedBaseNumber":"VARCHAR","subOrderType":"VARCHAR","revenueType":"VARCHAR",'
        '"portfolio":"VARCHAR","release":"VARCHAR","product":{"trigram":"VARCHAR","type":"VARCHAR","number":"VARCHAR",'
        '"name":"VARCHAR","dsOffering":"VARCHAR"},"quantity":"BIGINT","unitListPrice":"DECIMAL(18,2)",'
        '"totalListPrice":"DECIMAL(18,2)","distributorNetAmount":"DECIMAL(18,2)","distributorAnnualAmount":"DECIMAL(18,2)",'
        '"distributorDiscountPercentage":"DECIMAL(20,10)","distributorMaximumMarginPercentage":"DECIMAL(20,10)",'
        '"customerMaximumNetAmount":"DECIMAL(18,2)","customerMaximumAnnualAmount":"DECIMAL(18,2)",'
        '"customerMinimumDiscountPercentage":"DECIMAL(20,10)","startDate":"VARCHAR","endDate":"VARCHAR",'
        '"duration":"BIGINT","calculatedStartDate":"VARCHAR","calculatedEndDate":"VARCHAR","yearNumber":"BIGINT"}'
    )
    line = (
        f'{{"sequenceNumber":"BIGINT","lineGroup":"VARCHAR","orderType":"VARCHAR","licenseChargeBreakdown":[{charge}]}}'
    )
    shape = f'{{"transaction":{{"id":"VARCHAR"}},"currency":"VARCHAR","licenseChargeConditions":[{line}]}}'
    total = 0
    with duckdb.connect() as connection:
        for start in range(0, len(texts), 10_000):
            connection.register("documents", pa.table({"document": texts[start : start + 10_000]}))
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE o AS SELECT from_json(document, '{shape}') d FROM documents"
            )
            connection.execute(
                "CREATE OR REPLACE TEMP TABLE l AS SELECT d.transaction.id, unnest(d.licenseChargeConditions) l FROM o"
            )
            charges = connection.sql(
                "SELECT id, l.sequenceNumber, unnest(l.licenseChargeBreakdown, recursive := true) FROM l"
            )
            total += charges.to_arrow_table().num_rows
    return total


def pyarrow_json(texts: list[str]) -> int:
    """Arrow's JSON reader with the declared schema. NOT exact: floats, nothing rounded or checked, and no dates yet."""
    import io

    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import json as arrow_json

    from partner_assets.lake.order_batch import CHARGES, LINES, shape_of
    from partner_assets.tables.order_charges import ORDER_CHARGES
    from partner_assets.tables.order_lines import ORDER_LINES
    from partner_assets.tables.orders import ORDERS
    from partner_assets.tables.table import Column, ColumnType, Table

    kinds = {ColumnType.INT: pa.int64(), ColumnType.BOOL: pa.bool_()}
    # As decimals, one number of many digits in one document fails all documents of its batch.
    kinds |= dict.fromkeys((ColumnType.MONEY, ColumnType.PERCENT, ColumnType.RATIO), pa.float64())

    def field(column: Column) -> pa.Field:
        return pa.field(column.paths[0][-1], kinds.get(column.type, pa.string()))

    def fields(one: Table, *children: pa.Field) -> list[pa.Field]:
        record = shape_of("v1").records[one]
        nested = [pa.field(name, pa.struct(map(field, columns))) for name, (_, columns) in record.nested.items()]
        return [*map(field, record.plain), *nested, *children]

    charges = pa.field(CHARGES, pa.list_(pa.struct(fields(ORDER_CHARGES))))
    lines = pa.field(LINES, pa.list_(pa.struct(fields(ORDER_LINES, charges))))
    schema = pa.schema(fields(ORDERS, lines))
    options = arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    whole = arrow_json.ReadOptions(use_threads=False, block_size=2**27)
    total = 0
    for batch in batches(texts):
        file = io.BytesIO("\n".join(batch).encode())
        try:
            found = arrow_json.read_json(file, parse_options=options, read_options=whole).combine_chunks()
        except pa.ArrowInvalid:
            total += value_by_value(batch)  # one number written as a text ends all documents of a batch
            continue
        inner = pc.list_flatten(found.column(LINES).combine_chunks())
        total += len(pc.list_flatten(inner.field(CHARGES)))
    return total


METHODS: dict[str, Callable[[list[str]], int]] = {
    function.__name__: function
    for function in (ours, value_by_value, pyarrow_json, duckdb_from_json, pandas, parsing_orjson, parsing_msgspec)
}


def main() -> None:
    """Run one method, or all of them side by side."""
    if len(sys.argv) > 1:
        name, count = sys.argv[1], int(sys.argv[2])
        texts = documents(count)
        gc.collect()
        gc.freeze()
        started = time.perf_counter()
        done = METHODS[name](texts)
        print(json.dumps({"seconds": time.perf_counter() - started, "done": done}))
        return
    # What is slow is slow on fewer documents too.
    counts = {name: COUNT if name not in ("pandas", "value_by_value") else COUNT // 10 for name in METHODS}
    commands = {
        name: [sys.executable, "-m", "benchmarks.documents_to_rows", name, str(counts[name])] for name in METHODS
    }
    measured = side_by_side(commands)
    cost = {name: median(measured[name]) / counts[name] for name in METHODS}
    rows = [
        (
            name,
            f"{cost[name] * 1e6:.1f}",
            f"{1 / cost[name]:,.0f}",
            f"{cost[name] / cost['ours']:.2f}",
            METHODS[name].__doc__,
        )
        for name in METHODS
    ]
    print(machine())
    print(table(("method", "µs a document", "documents/s", "times ours", ""), rows))


if __name__ == "__main__":
    main()
