"""What one changed order costs on lakes of a thousand to a million orders: the tick that hears of it, the run, the catalogue.

`python -m benchmarks.changes LAKE`, where LAKE is `make_lake.py`'s million; the smaller ones are its newest 182, 18 and 2 days,
made here. CPU seconds of the process that does it, in a process of its own per lake; requests by the client's count.
"""

import json
import os
import resource
import statistics
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


class Sensor:
    """The sensor of the change feed over the lake of the environment, by a clock that the caller moves."""

    def __init__(self, found: dict[str, list[float]]) -> None:
        from partner_assets.automation.change_feed import FeedState
        from partner_assets.build import build_defs
        from partner_assets.resources import Partner
        from partner_assets.settings import load

        self._found = found
        self._now = NOW
        self._cursor = FeedState(NOW - timedelta(minutes=10), since=NOW).to_json()
        self.partner = Partner(load, now=lambda: self._now)
        self.definitions = build_defs(self.partner)
        self._repository = self.definitions.get_repository_def()

    def wait(self, minutes: int) -> None:
        """Let time go by, here and in the sandbox."""
        self._now += timedelta(minutes=minutes)
        _control("clock", advance_seconds=60 * minutes)

    def tick(self, name: str, instance: Any) -> int:
        """Tick, note CPU and requests by that name, and return how many runs were asked for."""
        import dagster as dg

        from partner_assets.automation.order_changes import NAME

        before = _served()
        with dg.build_sensor_context(
            instance=instance, cursor=self._cursor, repository_def=self._repository, resources={"partner": self.partner}
        ) as context:
            sensor = self._repository.get_sensor_def(NAME)
            result = _timed(self._found, name, lambda: sensor.evaluate_tick(context))
        self._cursor = str(result.cursor)
        self._found.setdefault(f"{name}, requests", []).append(_served() - before)
        return len(result.run_requests or ())


def measure_quiet_ticks() -> dict[str, float]:
    """Return what a tick costs while nothing changes."""
    import dagster as dg

    found: dict[str, list[float]] = {}
    sensor = Sensor(found)
    with dg.DagsterInstance.ephemeral() as instance:
        sensor.tick("first", instance)
        for _ in range(ROUNDS):
            sensor.wait(2)
            assert not sensor.tick("quiet tick", instance)
    return _medians(found)


def measure_changes() -> dict[str, float]:
    """Return what one changed order costs: the tick that hears of it, the run of its day, the catalogue."""
    import dagster as dg

    from partner_assets.automation.jobs import ORDERS as ORDERS_JOB
    from partner_assets.lake import catalogue

    found: dict[str, list[float]] = {}
    sensor = Sensor(found)
    root = sensor.partner.settings.lake
    day = (NOW - timedelta(days=1)).date()
    with dg.DagsterInstance.ephemeral() as instance:
        ids = _ids(day.isoformat())
        job = sensor.definitions.resolve_job_def(ORDERS_JOB)

        def run() -> None:
            result = job.execute_in_process(instance=instance, partition_key=day.isoformat(), run_config=QUIET)
            assert result.success

        run()  # what is imported and opened once
        sensor.tick("first", instance)
        for number in range(ROUNDS):
            sensor.wait(3)
            _control("orders/change", id=ids[number])
            sensor.wait(1)
            assert sensor.tick("tick", instance)  # other days may have changed as well: the sandbox lives on
            before = _served()
            _timed(found, "run", run)
            found.setdefault("run, requests", []).append(_served() - before)
            _timed(found, "catalogue", lambda: catalogue.build(root))
    files = [file for file in root.rglob("*.parquet") if file.is_file()]
    return {
        **_medians(found),
        "files": len(files),
        "gigabytes": sum(file.stat().st_size for file in files) / 1e9,
        "megabytes of memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


MEASURES = {"changes": measure_changes, "quiet": measure_quiet_ticks}


def _medians(found: dict[str, list[float]]) -> dict[str, float]:
    return {name: statistics.median(values) for name, values in found.items()}


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


def _measured(lake: Path, days: int, measure: str, orders_per_day: int) -> dict[str, float]:
    options = ("--days", str(DAYS), "--orders-per-day", str(orders_per_day), "--now", NOW.isoformat())
    with sandbox(*options) as environment:
        first = (NOW - timedelta(days=days - 1)).date().isoformat()
        mine = {"PARTNER_LAKE": str(lake), "PARTNER_LEGAL_ENTITY": LEGAL_ENTITY, "PARTNER_ORDERS_START": first}
        said = subprocess.run(
            [sys.executable, "-m", "benchmarks.changes", str(lake), measure],
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
        warnings.simplefilter("ignore")
        print(json.dumps(MEASURES[sys.argv[2]]()))
        return
    rows = []
    for days in NEWEST_DAYS:
        with tempfile.TemporaryDirectory() as folder:
            root = lake if days == DAYS else Path(folder) / "lake"
            if days != DAYS:
                make_lake(root, ORDERS, days=days)
            found = _measured(root, days, "changes", orders_on_a_weekday(ORDERS))
            found |= _measured(root, days, "quiet", 0)
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
                f"{found['megabytes of memory']:.0f} MB",
            )
        )
    print(machine())
    print("CPU and requests, for one changed order of yesterday:\n")
    print(table(("orders", "quiet tick", "tick", "run of the day", "catalogue", "files", "GB", "memory"), rows))


if __name__ == "__main__":
    main()
