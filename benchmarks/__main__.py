"""`make bench`: every benchmark one after the other, an hour on two cores; `python -m benchmarks.NAME` runs one.

Peers run in an environment of their own, `.peers`, which is made at the first time. Not here: what any of them measures.
"""

import subprocess
import sys
from pathlib import Path

PEERS, LAKE = Path(".peers"), Path(".bench/lake")
REQUIREMENTS = Path(__file__).parent / "peers" / "requirements.txt"


def run(title: str, module: str, *arguments: str) -> None:
    """Print a heading, and run a benchmark below it."""
    print(f"\n## {title}\n", flush=True)
    subprocess.run([sys.executable, "-m", f"benchmarks.{module}", *arguments], check=True)


def main() -> None:
    """Make what is needed once, and run all."""
    if not PEERS.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEERS)], check=True)
        subprocess.run([PEERS / "bin" / "pip", "install", "--quiet", "--requirement", str(REQUIREMENTS)], check=True)
    if not LAKE.exists():
        print("Making a lake of a million orders, ten minutes, once.", flush=True)
        subprocess.run([sys.executable, "-m", "benchmarks.make_lake", str(LAKE)], check=True)
    run("The wire", "wire")
    run("Documents to rows", "documents_to_rows")
    run("Whole ingest", "ingest", str(PEERS / "bin" / "python"))
    run("What changed", "changes", str(LAKE))
    run("Dagster", "dagster_overhead")
    run("Partitions of prices", "price_partitions")
    run("Three years of missing days", "missing_days")
    run("Questions", "questions", str(LAKE))


if __name__ == "__main__":
    main()
