"""The folder that Dagster's instance lives in, who works in it, and the files of the project that Dagster is started with.

Not here: starting it (`ui.py`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import filelock

_PROJECT = Path(__file__).parents[2]


def prepare_home(home: Path) -> Path:
    """Make the folder of Dagster's instance, with the project's `dagster.yaml` in it.

    Returns:
        Its absolute path, which is what Dagster wants.
    """
    home = home.resolve()
    wanted = project_file("dagster.yaml").read_bytes()
    try:
        (home / "logs").mkdir(parents=True, exist_ok=True)
        copy = home / "dagster.yaml"
        if not copy.exists() or copy.read_bytes() != wanted:
            copy.write_bytes(wanted)
    except OSError as error:
        raise click.ClickException(f"{home} cannot be written: {(error.strerror or str(error)).lower()}.") from None
    return home


@contextmanager
def only_ui(home: Path) -> Iterator[None]:
    """Keep every other `ui` out of a home: two daemons of one instance would start every run twice.

    The lock is the operating system's, and goes with its holder, whatever killed it.

    Args:
        home: What `prepare_home` returned.

    Raises:
        click.ClickException: If another works there.
    """
    lock = filelock.FileLock(home / "ui.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise click.ClickException(
            f"Another ui works in {home}: use that one, or end it, or give this one a folder of its own with "
            "--home .dagster-2"
        ) from None
    except OSError as error:
        raise click.ClickException(f"{home} cannot be written: {(error.strerror or str(error)).lower()}.") from None
    try:
        yield
    finally:
        lock.release()


def project_file(name: str) -> Path:
    """Return a file of the project: beside the package where it is checked out, else in this folder."""
    for folder in (_PROJECT, Path.cwd()):
        if (folder / name).is_file():
            return folder / name
    raise click.ClickException(f"There is no {name} here: start this in the project's folder.")
