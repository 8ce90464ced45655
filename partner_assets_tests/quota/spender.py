"""A process that asks for one order again and again, on several threads, until its input is closed.

``python -m partner_assets_tests.quota.spender BASE_URL ORDER THREADS LOG [QUOTA_FILE]`` says `ready`, waits for a line, and
then logs the moment of every answer. Not here: who starts it, and what is made of its log (`contest.py`).
"""

import sys
import threading
import time
from pathlib import Path
from typing import TextIO

from partner_assets.api.client import PartnerApi
from partner_assets.api.errors import Stopped
from partner_assets_tests.api.fake_time import KEY


def spend(api: PartnerApi, order: str, log: TextIO) -> None:
    """Ask until the client is closed."""
    try:
        while True:
            api.order_details(order)
            log.write(f"{time.time():.4f}\n")
    except Stopped:
        return


def main(base_url: str, order: str, threads: str, log_file: str, quota_file: str | None = None) -> None:
    """Spend the quota until there is nothing more to read from the input."""
    shared = Path(quota_file) if quota_file else None
    # Nothing fails for good here: what is rejected is asked again, however often.
    api = PartnerApi(base_url, KEY, quota_file=shared, attempts=1000, retry_seconds=1e6)
    with Path(log_file).open("w", buffering=1) as log:
        workers = [threading.Thread(target=spend, args=(api, order, log)) for _ in range(int(threads))]
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        for worker in workers:
            worker.start()
        sys.stdin.read()
        api.close()
        for worker in workers:
            worker.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
