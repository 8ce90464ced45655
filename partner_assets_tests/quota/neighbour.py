"""A program of the partner that knows nothing of us and heeds no header: so many requests at once, every second.

``python -m partner_assets_tests.quota.neighbour BASE_URL ORDER REQUESTS SECONDS LOG`` says `ready`, waits for a line, and runs
until its input is closed; it logs every answer that it gets. Not here: who starts it (`contest.py`).
"""

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from partner_assets_tests.api.fake_time import KEY

THREADS = 5


def main(base_url: str, order: str, count: str, seconds: str, log_file: str) -> None:
    """Ask until there is nothing more to read from the input."""
    address = f"{base_url}/order/api4partners/v1/orders/{order}"
    ended = threading.Event()
    with requests.Session() as session, ThreadPoolExecutor(THREADS) as pool, Path(log_file).open("w") as log:
        session.headers["X-API-Key"] = KEY

        def ask(_: int) -> str:
            status = session.get(address, timeout=30).status_code
            return f"{time.time():.4f}" if status == 200 else "rejected"

        def run() -> None:
            while not ended.is_set():
                next_time = time.monotonic() + float(seconds)
                log.writelines(f"{line}\n" for line in pool.map(ask, range(int(count))))
                ended.wait(max(0.0, next_time - time.monotonic()))

        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        runner = threading.Thread(target=run)
        runner.start()
        sys.stdin.read()
        ended.set()
        runner.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
