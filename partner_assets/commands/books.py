"""Dagster's books for commands that run jobs: those of `DAGSTER_HOME`, or some that are forgotten when the command ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import sqlalchemy.exc
import yaml

from partner_assets.settings import SettingsError, load_dagster_home


@contextmanager
def open_books() -> Iterator[dg.DagsterInstance]:
    """Open the instance that keeps what is run.

    Raises:
        SettingsError: If it cannot be opened, or not be written any more; what was fetched until then is in the lake.
    """
    home = load_dagster_home()
    if home is None:
        with dg.DagsterInstance.ephemeral() as instance:
            yield instance
        return
    try:
        with dg.DagsterInstance.get() as instance:
            yield instance
    except (dg.DagsterInvalidConfigError, yaml.YAMLError) as error:
        raise SettingsError(_told(home, "its dagster.yaml is none that Dagster takes", error)) from None
    except sqlalchemy.exc.DBAPIError as error:
        raise SettingsError(_told(home, "one of its databases cannot be used", error.orig or error)) from None
    except OSError as error:
        if error.filename is None or not Path(error.filename).is_relative_to(home):
            raise
        raise SettingsError(_told(home, f"{error.filename} cannot be used", error.strerror or error)) from None


def _told(home: Path, what: str, error: object) -> str:
    reason = " ".join(str(error).split())
    return (
        f"DAGSTER_HOME: {home} cannot be used, since {what} ({reason[:_LONGEST]}). The lake is as whole as it was. Mend that, "
        "give it space, or name an empty folder. Example: /srv/dagster."
    )


_LONGEST = 200
