"""How far a run has come, for whoever shows it. Drawing it is the command line's; knowing it is the assets'."""

from typing import Protocol


class Progress(Protocol):
    """Told of every slice that is done."""

    def slice_done(self, asset: str, done: int, total: int) -> None:
        """Say that `done` of `total` partitions of an asset have been read."""


class Silent:
    """Shows nothing: runs of the daemon have Dagster's own log."""

    def slice_done(self, asset: str, done: int, total: int) -> None:
        """Show nothing."""
