"""What one changed order costs on lakes of a thousand to a million orders: the tick that hears of it, the run, the catalogue.

`python -m benchmarks.changes LAKE`, where LAKE is `make_lake.py`'s million; the smaller ones are its newest 182, 18 and 2 days,
made here. CPU seconds of the process that does it, in a process of its own per lake; requests by the client's count.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.make_lake import DAYS, LEGAL_ENTITY, NOW, make_lake, orders_on_a_weekday
from benchmarks.sandbox_process import sandbox
from benchmarks.side_by_side import machine, table

ORDERS = 1_000_000
NEWEST_DAYS = (2, 18, 182, DAYS)
ROUNDS = 5
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def measure() -> dict[str, Any]:
    """Return the figures of the lake of the environment; medians where there are several."""
    import dagster as dg

    from partner_assets.automation.change_feed import FeedState
    from partner_assets.automation.jobs import ORDERS as ORDERS_JOB
    from partner_assets.automation.order_changes import NAME
    from partner_assets.build import build_defs
    from partner_assets.lake import catalogue
    from partner_assets.resources import Partner
    from partner_assets.settings import load

    warnings.simplefilter("ignore")
    clock = [NOW]
    partner = Partner(load, now=lambda: clock[0])
    definitions = build_defs(partner)
    repository, root = definitions.get_repository_def(), partner.settings.lake
    day = (NOW - timedelta(days=1)).date()
    cursor = FeedState(NOW - timedelta(minutes=10), since=NOW).to_json()
    found: dict[str, list[float]] = {}

    def tick(name: str, instance: dg.DagsterInstance) -> int:
        nonlocal cursor
        before = _served()
        with dg.build_sensor_context(
            instance=instance, cursor=cursor, repository_def=repository, resources={"partner": partner}
        ) as context:
            result = _timed(found, name, lambda: repository.get_sensor_def(NAME).evaluate_tick(context))
        cursor = str(result.cursor)
        found.setdefault(f"{name}, requests", []).append(_served() - before)
        return len(result.run_requests or ())

    def wait(minutes: int) -> None:
        clock[0] += timedelta(minutes=minutes)
        _control("clock", advance_seconds=60 * minutes)

    def change(order: str) -> None:
        wait(1)
        _control("orders/change", id=order)
        wait(1)

    with dg.DagsterInstance.ephemeral() as instance:
        ids = _ids(day.isoformat())
        job = definitions.resolve_job_def(ORDERS_JOB)

        def run() -> None:
            result = job.execute_in_process(instance=instance, partition_key=day.isoformat(), run_config=QUIET)
            assert result.success

        run()  # what is imported and opened once
        tick("first", instance)
        for number in range(ROUNDS):
            wait(2)
            tick("quiet tick", instance)
            change(ids[number])
            assert tick("tick", instance)  # other days may have changed as well: the sandbox lives on
            before = _served()
            _timed(found, "run", run)
            found.setdefault("run, requests", []).append(_served() - before)
            _timed(found, "catalogue", lambda: catalogue.build(root))
    files = [file for file in root.rglob("*.parquet") if file.is_file()]
    told = {name: sorted(values)[len(values) // 2] for name, values in found.items()}
    return {**told, "files": len(files), "gigabytes": sum(file.stat().st_size for file in files) / 1e9}


def _timed(found: dict[str, list[float]], name: str, work: Callable[[], Any]) -> Any:
    started = time.process_time()
    done = work()
    found.setdefault(name, []).append(time.process_time() - started)
    return done


def _asked(path: str, body: dict[str, object] | None = None) -> Any:
    import requests

    address = f"{os.environ['PARTNER_API_BASE_URL']}/_sandbox/{path}"
    answer = requests.post(address, json=body, timeout=60) if body is not None else requests.get(address, timeout=60)
    answer.raise_for_status()
    return answer


def _control(path: str, **body: object) -> None:
    _asked(path, body)


def _served() -> int:
    return int(_asked("stats").json()["requests"])


def _ids(day: str) -> list[str]:
    lines = _asked(f"truth/orders?from={day}&to={day}").text.splitlines()
    return [json.loads(line)["transaction"]["id"] for line in lines]


def _measured(lake: Path, days: int) -> dict[str, float]:
    options = ("--days", str(DAYS), "--orders-per-day", str(orders_on_a_weekday(ORDERS)), "--now", NOW.isoformat())
    with sandbox(*options) as environment:
        first = (NOW - timedelta(days=days - 1)).date().isoformat()
        mine = {"PARTNER_LAKE": str(lake), "PARTNER_LEGAL_ENTITY": LEGAL_ENTITY, "PARTNER_ORDERS_START": first}
        said = subprocess.run(
            [sys.executable, "-m", "benchmarks.changes", str(lake), "alone"],
            env={**os.environ, **environment, **mine},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
    figures: dict[str, float] = json.loads(said.splitlines()[-1])
    return figures


def main() -> None:
    """Measure one lake, or all of them one after the other."""
    lake = Path(sys.argv[1]).resolve()
    if len(sys.argv) > 2:
        print(json.dumps(measure()))
        return
    rows = []
    for days in NEWEST_DAYS:
        with tempfile.TemporaryDirectory() as folder:
            root = lake if days == DAYS else Path(folder) / "lake"
            if days != DAYS:
                make_lake(root, ORDERS, days=days)
            found = _measured(root, days)
        print(f"  {days} days: {found}", file=sys.stderr)
        rows.append(
            (
                f"{round(ORDERS * days / DAYS / 100) * 100:,}",
                f"{found['quiet tick'] * 1000:.0f} ms, {found['quiet tick, requests']:.0f}",
                f"{found['tick'] * 1000:.0f} ms, {found['tick, requests']:.0f}",
                f"{found['run']:.2f} s, {found['run, requests']:.0f}",
                f"{found['catalogue']:.2f} s",
                f"{found['files']:.0f}",
                f"{found['gigabytes']:.2f}",
            )
        )
    print(machine())
    print("CPU and requests, for one changed order of yesterday:\n")
    print(table(("orders", "quiet tick", "tick", "run of the day", "catalogue", "files", "GB"), rows))


if __name__ == "__main__":
    main()
