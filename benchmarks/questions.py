"""Twelve questions of an analyst: our Parquet files through the catalogue, against the same rows in DuckDB's own tables.

`python -m benchmarks.questions LAKE`, where LAKE is what `make_lake.py` made. The native tables are made beside it once. Each
question is asked in turns, `ROUNDS` times, on connections that stay open; opening the catalogue is measured apart.
"""

import statistics
import sys
import time
from pathlib import Path

import duckdb

from benchmarks.side_by_side import machine, table
from partner_assets.lake import catalogue

ROUNDS = 9
TABLES = ("orders", "order_lines", "order_charges")

QUESTIONS = {
    "revenue by portfolio and quarter": """
        SELECT portfolio, date_trunc('quarter', creation_date) AS quarter, sum(distributor_net_amount)
        FROM order_charges GROUP BY ALL""",
    "one customer's history": """
        SELECT o.transaction_id, o.creation_date, o.status, sum(c.distributor_net_amount)
        FROM orders o JOIN order_charges c USING (transaction_id, creation_date)
        WHERE o.sold_to_site_id = $site GROUP BY ALL""",
    "renewals in 90 days": """
        SELECT installed_base_number, product_number, end_date, quantity FROM order_charges
        WHERE end_date BETWEEN DATE '2026-03-31' AND DATE '2026-06-29' AND installed_base_number IS NOT NULL""",
    "one installed base number": "SELECT * FROM order_charges WHERE installed_base_number = $base",
    "one order by id": "SELECT * FROM orders WHERE transaction_id = $order",
    "the charges of one order": "SELECT * FROM order_charges WHERE transaction_id = $order",
    "one day of charges": "SELECT * FROM order_charges WHERE creation_date = DATE '2025-06-11'",
    "join of all three, one quarter": """
        SELECT o.business_unit_name, l.order_type, c.product_type, count(*), sum(c.distributor_net_amount)
        FROM orders o JOIN order_lines l USING (transaction_id, creation_date)
        JOIN order_charges c USING (transaction_id, creation_date, line_number)
        WHERE o.creation_date BETWEEN DATE '2025-10-01' AND DATE '2025-12-31' GROUP BY ALL""",
    "count of everything": """
        SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM order_lines), (SELECT count(*) FROM order_charges)""",
    "freshness": "SELECT max(fetched_at), max(last_update_datetime) FROM orders",
    "orders by status this year": """
        SELECT status, currency, count(*) FROM orders WHERE creation_date >= DATE '2026-01-01' GROUP BY ALL""",
    "the ten largest customers": """
        SELECT o.sold_to_site_id, any_value(o.sold_to_site_name), sum(c.distributor_net_amount) AS total
        FROM orders o JOIN order_charges c USING (transaction_id, creation_date)
        GROUP BY 1 ORDER BY total DESC LIMIT 10""",
}


def native_tables(lake: Path) -> Path:
    """Make the native tables of a lake once, in the order of the files, which is that of the keys within a month."""
    file = lake / "native.duckdb"
    if not file.exists():
        with duckdb.connect(str(file)) as connection:
            for name in TABLES:
                files = f"{lake}/{name}/*/*/part-*.parquet"
                connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_parquet('{files}')")
    return file


def parameters(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return an order, a customer and an installed base number that exist, from the middle of the lake."""
    order, site, base = connection.execute(
        "SELECT o.transaction_id, o.sold_to_site_id, c.installed_base_number "
        "FROM orders o JOIN order_charges c USING (transaction_id) "
        "WHERE o.creation_date = DATE '2024-06-12' AND c.installed_base_number IS NOT NULL ORDER BY ALL LIMIT 1"
    ).fetchall()[0]
    return {"order": order, "site": site, "base": base}


def asked(connection: duckdb.DuckDBPyConnection, question: str, given: dict[str, str]) -> tuple[float, int]:
    """Return the milliseconds that a question took, and how many rows it gave."""
    used = {name: value for name, value in given.items() if f"${name}" in question}
    started = time.perf_counter()
    rows = connection.sql(question, params=used or None).to_arrow_table().num_rows
    return (time.perf_counter() - started) * 1000, rows


def main() -> None:
    """Ask everything, and print a table."""
    lake = Path(sys.argv[1]).resolve()
    native = duckdb.connect(str(native_tables(lake)), read_only=True)
    with catalogue.connect(lake) as ours:
        given = parameters(native)
        rows, ratios = [], []
        for name, question in QUESTIONS.items():
            times: dict[str, list[float]] = {"ours": [], "native": []}
            counts = set()
            for _ in range(ROUNDS):
                for kind, connection in (("ours", ours), ("native", native)):
                    milliseconds, count = asked(connection, question, given)
                    times[kind].append(milliseconds)
                    counts.add(count)
            if len(counts) != 1:
                raise SystemExit(f"{name}: the two give different numbers of rows, {sorted(counts)}")
            mine, theirs = statistics.median(times["ours"]), statistics.median(times["native"])
            ratios.append(mine / theirs)
            rows.append((name, counts.pop(), f"{mine:.1f}", f"{theirs:.1f}", f"{mine / theirs:.2f}"))
    native.close()
    print(machine())
    print(table(("question", "rows", "ours, ms", "native, ms", "ratio"), rows))
    print(f"\nGeometric mean of the ratios: {statistics.geometric_mean(ratios):.2f}")
    opening = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        with catalogue.connect(lake) as connection:
            connection.execute("SHOW TABLES").fetchall()
        opening.append((time.perf_counter() - started) * 1000)
    print(f"Opening the catalogue and SHOW TABLES: {statistics.median(opening):.0f} ms")


if __name__ == "__main__":
    main()
