"""Orders from an unthrottled sandbox to Parquet files: ours, dlt's `rest_api` source, and a plain script, side by side.

`python -m benchmarks.ingest PEERS` where PEERS is the Python of an environment with `peers/requirements.txt`. Ours runs as
`partner-assets run --only orders` on an empty lake and an empty Dagster instance, its start included, as for the others.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.sandbox_process import sandbox
from benchmarks.side_by_side import Measured, machine, median, run, table

ORDERS_PER_DAY = 500
DAYS = 30
LATENCY_MS, DAYS_OF_LATENCY = 50, 4
GROWTH = (10, 30, 100)
ROUNDS = 5


def commands(peers: str, environment: Mapping[str, str], folder: Path, days: int) -> dict[str, list[str]]:
    """Return the command of each, for the days of the sandbox; each writes below the folder."""
    here = Path(__file__).parent / "peers"
    asked = [
        environment["PARTNER_API_BASE_URL"],
        environment["PARTNER_API_KEY_FILE"],
        environment["PARTNER_ORDERS_START"],
        str(days),
    ]
    return {
        "ours": [sys.executable, "-m", "partner_assets.cli", "run", "--only", "orders"],
        "dlt rest_api": [peers, str(here / "dlt_pipeline.py"), *asked, str(folder / "dlt")],
        "plain script": [peers, str(here / "plain_script.py"), *asked, str(folder / "script")],
    }


def measured_on(
    days: int, peers: str, names: Sequence[str] | None, rounds: int, *, latency_ms: int = 0
) -> dict[str, list[Measured]]:
    """Run each on as many days of orders, in turns, from nothing every time."""
    found: dict[str, list[Measured]] = {}
    options = ("--days", str(days), "--orders-per-day", str(ORDERS_PER_DAY), "--latency-ms", str(latency_ms))
    with sandbox(*options) as environment, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = {**environment, "PARTNER_LAKE": str(folder / "lake"), "PARTNER_API_CONCURRENCY": "16"}
        for _ in range(rounds):
            for peer, command in commands(peers, environment, folder, days).items():
                if names is None or peer in names:
                    shutil.rmtree(folder, ignore_errors=True)
                    folder.mkdir()
                    one = run(command, environment={**os.environ, **ours})
                    found.setdefault(peer, []).append(one)
                    print(f"  {days} days, {peer}: {one.seconds:.1f} s, {one.peak_mb:.0f} MB", file=sys.stderr)
    return found


def side_by_side(days: int, found: Mapping[str, Sequence[Measured]]) -> None:
    """Print one row for each that was measured."""
    orders, ours = days * ORDERS_PER_DAY, median(found["ours"])
    print(f"\n{days} days of about {ORDERS_PER_DAY} orders:\n")
    rows = [
        (
            name,
            f"{median(one):.1f}",
            f"{orders / median(one):.0f}",
            f"{median(one) / ours:.2f}",
            f"{median(one, 'cpu_seconds'):.1f}",
            f"{median(one, 'peak_mb'):.0f}",
        )
        for name, one in found.items()
    ]
    print(table(("", "seconds", "orders/s", "times ours", "CPU seconds", "peak MB"), rows))


def main() -> None:
    """Measure, and print three tables."""
    peers = sys.argv[1]
    print(machine())
    side_by_side(DAYS, measured_on(DAYS, peers, None, ROUNDS))
    print(f"\nThe same with {LATENCY_MS} ms before every answer:")
    side_by_side(DAYS_OF_LATENCY, measured_on(DAYS_OF_LATENCY, peers, None, 1, latency_ms=LATENCY_MS))
    print("\nOurs, with more days:\n")
    growth = {days: measured_on(days, peers, ["ours"], 1)["ours"] for days in GROWTH}
    print(
        table(
            ("days", "seconds", "orders/s", "peak MB"),
            [
                (
                    days,
                    f"{median(one):.1f}",
                    f"{days * ORDERS_PER_DAY / median(one):.0f}",
                    f"{median(one, 'peak_mb'):.0f}",
                )
                for days, one in growth.items()
            ],
        )
    )


if __name__ == "__main__":
    main()
