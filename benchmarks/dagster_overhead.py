"""What Dagster costs beside the work: a year of days in one run, and validating the definitions against an empty project's.

`python -m benchmarks.dagster_overhead`. The days are empty, so that all of a run is overhead: two searches a day that answer at
once, the asset's own steps, and Dagster's books on SQLite. Prices by the thousand are `price_partitions.py`'s.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks.sandbox_process import sandbox
from benchmarks.side_by_side import machine, median, side_by_side, table

DAYS = 365
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def year() -> None:
    """Run all days of the environment's sandbox as one run, and print the seconds."""
    import dagster as dg

    from partner_assets.automation.jobs import ORDERS
    from partner_assets.build import build_defs
    from partner_assets.resources import Partner
    from partner_assets.settings import load

    warnings.simplefilter("ignore")
    first = date.fromisoformat(os.environ["PARTNER_ORDERS_START"])
    last = first + timedelta(days=DAYS - 1)
    tags = {"dagster/asset_partition_range_start": str(first), "dagster/asset_partition_range_end": str(last)}
    with tempfile.TemporaryDirectory() as folder, dg.DagsterInstance.local_temp(folder) as instance:
        os.environ["PARTNER_LAKE"] = f"{folder}/lake"
        partner = Partner(load, now=lambda: NOW)
        job = build_defs(partner).resolve_job_def(ORDERS)
        started = time.monotonic()
        assert job.execute_in_process(instance=instance, tags=tags, run_config=QUIET).success
        seconds = time.monotonic() - started
        assert len(instance.get_materialized_partitions(dg.AssetKey("order_charges"))) == DAYS
        requests = partner.api.counts().total
    print(json.dumps({"seconds": seconds, "requests": requests}))


def main() -> None:
    """Measure both."""
    if len(sys.argv) > 1:
        year()
        return
    options = ("--days", str(DAYS), "--orders-per-day", "0", "--now", NOW.isoformat())
    with sandbox(*options) as environment:
        os.environ.update(environment)
        [measured] = side_by_side(
            {"year": [sys.executable, "-m", "benchmarks.dagster_overhead", "year"]}, rounds=3
        ).values()
    seconds = median(measured)
    print(machine())
    print(
        f"\n{DAYS} empty days as one run: {seconds:.1f} s, {1000 * seconds / DAYS:.0f} ms a day, requests included.\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "empty.py").write_text("import dagster as dg\n\ndefs = dg.Definitions()\n")
        dagster = [str(Path(sys.executable).parent / "dagster"), "definitions", "validate", "-m"]
        os.environ |= {"PYTHONPATH": folder, "PARTNER_ORDERS_START": "2023-01-01", "DAGSTER_DISABLE_TELEMETRY": "1"}
        subprocess.run([*dagster, "empty"], check=True, capture_output=True)
        found = side_by_side(
            {"an empty project": [*dagster, "empty"], "ours": [*dagster, "partner_assets.definitions"]}
        )
    bare = median(found["an empty project"])
    rows = [
        (name, f"{median(one):.2f}", f"{median(one) / bare:.2f}", f"{median(one, 'cpu_seconds'):.2f}")
        for name, one in found.items()
    ]
    print(table(("dagster definitions validate", "seconds", "times", "CPU seconds"), rows))


if __name__ == "__main__":
    main()
