"""`make older`: every view and macro asked with the oldest DuckDB that the README promises, and with the locked one.

Both must say the same. The older one is installed into `.older`, an environment of its own, when it is not there yet. The lake is
that of the views' tests, in a plain folder and in one whose name is full of what means something in a pattern.
"""

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import duckdb

from partner_assets.lake import catalogue
from partner_assets_tests.lake.a_lake import fill
from partner_assets_tests.older_duckdb import ask

OLDER = Path(".older")
HERE = Path(__file__).parent
FOLDERS = ("lake", "release=9/odd [1] *place/l'ac")


def python_of_older() -> Path:
    """Return the Python of the environment with the older DuckDB; it is made if it is not there."""
    python = OLDER / "bin" / "python"
    if not python.exists():
        venv.create(OLDER, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--requirement", str(HERE / "requirements.txt")], check=True)
    return python


def main() -> int:
    """Ask both, print what differs or failed, and return 1 if anything did."""
    python = python_of_older()
    wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        for folder in FOLDERS:
            root = Path(scratch) / folder
            fill(root)
            fill(root, "an-other", "Other")
            catalogue.build(root)
            ours = ask.answers(str(root))
            told = subprocess.run([python, HERE / "ask.py", root], check=True, capture_output=True, text=True).stdout
            older = json.loads(told)
            for name, answer in ours.items():
                if answer.startswith("error") or older["answers"].get(name) != answer:
                    wrong += 1
                    _say(f"{folder}: {name}: {answer}; DuckDB {older['version']}: {older['answers'].get(name)}")
            _say(
                f"{folder}: {len(ours)} views and macros asked with DuckDB {duckdb.__version__} and {older['version']}"
            )
    return 1 if wrong else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
