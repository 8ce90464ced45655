"""Where messages are provoked, and the list of those who provoke them, each by words of the row that it is for.

Not here: any single message (the files of producers beside this one).
"""

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
from click.testing import CliRunner

from partner_assets.cli import main
from partner_assets.sandbox.server import RunningSandbox
from partner_assets_tests.materialization.site import OpenSite


@dataclass(frozen=True)
class Scene:
    """A folder, a sandbox, and a shell of one's own.

    Attributes:
        folder: An empty folder.
        sandbox: A small sandbox, which must not be changed.
        open_site: Opens a sandbox that may be changed, with a lake and the graph over both.
        instance: What that graph's runs are recorded in.
    """

    folder: Path
    sandbox: RunningSandbox
    open_site: OpenSite
    instance: dg.DagsterInstance

    @property
    def settings(self) -> dict[str, str]:
        """Settings with which all is well; the key in a file."""
        key_file = self.folder / "key"
        if not key_file.exists():
            key_file.write_text(self.sandbox.api_key)
        return {
            "PARTNER_API_BASE_URL": self.sandbox.base_url,
            "PARTNER_API_KEY_FILE": str(key_file),
            "PARTNER_ORDERS_START": "2026-01-01",
            "PARTNER_LAKE": str(self.folder / "lake"),
        }

    def type(self, command: str, *arguments: str, **variables: str) -> str:
        """Return what the command prints, run in this process with the scene's settings and in its folder.

        Args:
            command: Verbs and options.
            arguments: Further arguments, with blanks in them.
            variables: Environment variables; one that is empty counts as not set.
        """
        others = {name: None for name in os.environ if name.startswith(("PARTNER_", "DAGSTER_"))}
        environment: Mapping[str, str | None] = {**others, "COLUMNS": "120", **self.settings, **variables}
        # A verb that waits for somebody to end it takes the signals, which here are pytest's.
        handlers = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
        try:
            with chdir(self.folder):
                result = CliRunner().invoke(main, [*command.split(), *arguments], env=environment)
        finally:
            for one, handler in handlers.items():
                signal.signal(one, handler)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.output


Provoke = Callable[[Scene], object]


@dataclass(frozen=True)
class Producer:
    """Someone who provokes a message.

    Attributes:
        words: Words that stand in one row only.
        provoke: Does it, and returns the text; or raises an error whose text it is.
        raises: The type of that error, None if there is none.
    """

    words: str
    provoke: Provoke
    raises: type[Exception] | None

    def text(self, scene: Scene) -> str:
        """Return what a person sees, without line breaks, after making sure that the error is of the type."""
        if self.raises is None:
            return " ".join(str(self.provoke(scene)).split())
        try:
            self.provoke(scene)
        except Exception as error:
            if type(error) is not self.raises:
                raise
            return " ".join(str(error).split())
        raise AssertionError(f"nobody raised a {self.raises.__name__}")


PRODUCERS: list[Producer] = []
"""All of them, once the files of producers are imported."""


def produces(words: str, raises: type[Exception] | None = None) -> Callable[[Provoke], Provoke]:
    """Put a function on the list.

    Args:
        words: Words that stand in one row only.
        raises: The type of the error that it raises, None if it returns the text.
    """

    def listed(provoke: Provoke) -> Provoke:
        PRODUCERS.append(Producer(words, provoke, raises))
        return provoke

    return listed
