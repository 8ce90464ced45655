"""The folder that Dagster's instance lives in, and the files of the project that Dagster is started with.

Not here: starting it (`ui.py`).
"""

from pathlib import Path

import click

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


def project_file(name: str) -> Path:
    """Return a file of the project: beside the package where it is checked out, else in this folder."""
    for folder in (_PROJECT, Path.cwd()):
        if (folder / name).is_file():
            return folder / name
    raise click.ClickException(f"There is no {name} here: start this in the project's folder.")
