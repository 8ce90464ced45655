"""Progress of runs as one bar per asset, over all runs together."""

from collections.abc import Mapping

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class Bars:
    """Progress as one bar per asset.

    Args:
        bars: Where they are drawn.
        expected: Slices of an asset in all runs together, where one run is not all of it.
    """

    def __init__(self, bars: Progress, expected: Mapping[str, int]) -> None:
        self._bars = bars
        self._expected = expected
        self._tasks: dict[str, TaskID] = {}
        self._before: dict[str, int] = {}
        self._last: dict[str, int] = {}

    def slice_done(self, asset: str, done: int, total: int) -> None:
        """Move the asset's bar."""
        if asset not in self._tasks:
            self._tasks[asset] = self._bars.add_task(asset)
        before = self._before.get(asset, 0)
        if done <= self._last.get(asset, 0):
            # Counted anew: the next run has begun.
            before += self._last[asset]
        self._before[asset], self._last[asset] = before, done
        wanted = max(before + total, self._expected.get(asset, 0))
        self._bars.update(self._tasks[asset], completed=before + done, total=wanted)


def bars_on(console: Console) -> Progress:
    """Return what draws the bars, for a `with` block; it draws nothing if nobody watches."""
    columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)
