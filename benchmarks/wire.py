"""Order details over the wire: requests a second, and CPU a request, of our client, of plain requests, and of a load generator.

`python -m benchmarks.wire` runs them side by side against a sandbox with 50 ms latency and one without; the load generator
is wrk, which must be installed. With a client's name it runs that one against the sandbox of the environment.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local

from benchmarks.sandbox_process import sandbox
from benchmarks.side_by_side import Measured, machine, median, side_by_side, table

CONNECTIONS = 16
REQUESTS = 3_000
LATENCY_MS = 50
DETAILS = "/order/api4partners/v1/orders/"


def _where() -> tuple[str, str]:
    return os.environ["PARTNER_API_BASE_URL"], Path(os.environ["PARTNER_API_KEY_FILE"]).read_text().strip()


def _ids(count: int) -> list[str]:
    """Return ids of orders, from the sandbox's own truth: the searches are not what is measured."""
    address, _ = _where()
    start = os.environ["PARTNER_ORDERS_START"]
    with urllib.request.urlopen(f"{address}/_sandbox/truth/orders?from={start}&to=2100-01-01") as answer:  # noqa: S310 - loopback
        found = [json.loads(line)["transaction"]["id"] for line in answer]
    return found[:count]


def ours(ids: Sequence[str]) -> None:
    """PartnerApi.order_details_many: paced, retried, checked, parsed."""
    from partner_assets.api.client import PartnerApi

    address, key = _where()
    with PartnerApi(address, key, concurrency=CONNECTIONS) as api:
        assert sum(1 for _ in api.order_details_many(ids)) == len(ids)


def requests(ids: Sequence[str]) -> None:
    """A requests.Session per thread, the answer's body read, nothing else."""
    import requests as library

    address, key = _where()
    kept = local()

    def one(order: str) -> int:
        if not hasattr(kept, "session"):
            kept.session = library.Session()
            kept.session.headers["X-API-Key"] = key
        return len(kept.session.get(f"{address}{DETAILS}{order}", timeout=30).content)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        assert all(pool.map(one, ids))


CLIENTS: dict[str, Callable[[Sequence[str]], None]] = {"ours": ours, "requests": requests}


def wrk(ids: Sequence[str], environment: dict[str, str]) -> float:
    """Return the requests a second that wrk gets for the same documents with as many connections."""
    key = Path(environment["PARTNER_API_KEY_FILE"]).read_text().strip()
    lines = ["local ids = {", *(f'"{one}",' for one in ids), "}", "local n = 0", "request = function()"]
    lines += [
        "  n = n % #ids + 1",
        f'  return wrk.format("GET", "{DETAILS}" .. ids[n], {{["X-API-Key"]="{key}"}})',
        "end",
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write("\n".join(lines))
        script.flush()
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", "-d8s", "-s", script.name, environment["PARTNER_API_BASE_URL"]]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(next(line for line in said.splitlines() if line.startswith("Requests/sec")).split()[1])


def _against(latency_ms: int) -> list[tuple[object, ...]]:
    with sandbox("--days", "30", "--orders-per-day", "200", "--latency-ms", str(latency_ms)) as environment:
        os.environ.update(environment)
        commands = {name: [sys.executable, "-m", "benchmarks.wire", name] for name in CLIENTS}
        measured = side_by_side(commands)
        bare = wrk(_ids(REQUESTS), environment) if shutil.which("wrk") else float("nan")
    limit = CONNECTIONS / (latency_ms / 1000) if latency_ms else bare
    reach = min(limit, bare)
    rows = [_row(name, latency_ms, measured[name], reach) for name in CLIENTS]
    return [*rows, (f"{latency_ms} ms", "wrk", f"{bare:.0f}", f"{bare / reach:.0%}", "", "")]


def _row(name: str, latency_ms: int, measured: Sequence[Measured], reach: float) -> tuple[object, ...]:
    rate = REQUESTS / median(measured)
    cpu = median(measured, "cpu") / REQUESTS * 1000
    return (
        f"{latency_ms} ms",
        name,
        f"{rate:.0f}",
        f"{rate / reach:.0%}",
        f"{cpu:.2f}",
        f"{median(measured, 'peak_mb'):.0f}",
    )


def main() -> None:
    """Run one client, or all of them side by side."""
    if len(sys.argv) > 1:
        ids = _ids(REQUESTS)
        CLIENTS[sys.argv[1]](ids[:100])  # imports and connections are made once, not per request
        started, cpu = time.perf_counter(), time.process_time()
        CLIENTS[sys.argv[1]](ids)
        print(json.dumps({"seconds": time.perf_counter() - started, "cpu": time.process_time() - cpu}))
        return
    rows = [*_against(LATENCY_MS), *_against(0)]
    print(machine())
    print(table(("latency", "client", "requests/s", "of what is possible", "ms CPU a request", "peak MB"), rows))


if __name__ == "__main__":
    main()
