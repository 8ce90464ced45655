"""A run's sign of life: a lock that its process holds while it works, and that goes with the process.

In a run of the daemon that is while an asset works; a command of the shell holds it for the whole run, assets within.

Dagster's own launcher does not see that a run's process is gone if what started it went too, as after a power cut or a
`kill -9` of the shell. Not here: who looks, and what becomes of such a run (`automation/dead_runs.py`).
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import dagster as dg
import filelock

from partner_assets.lake.staging import naming_disk_trouble
from partner_assets.resources import Partner

_MARK = ".works"


@contextmanager
def sign_of_life(lake: Path, run_id: str, *, books: str) -> Iterator[None]:
    """Give one for the length of a `with` block.

    Args:
        lake: The lake's folder, which everybody who runs assets shares.
        run_id: The run.
        books: Which of Dagster's instances knows of it, by `books_of`.

    Raises:
        DiskTrouble: If the lake's folder cannot be written: nothing has been asked for in vain then.
    """
    lock, mark = _lock(lake, run_id), _mark(lake, run_id)
    with ExitStack() as held:
        with naming_disk_trouble(lock):
            lock.parent.mkdir(parents=True, exist_ok=True)
            # One object for all who ask in this process: an asset within a command's run takes what is held already.
            own = filelock.FileLock(lock, is_singleton=True, thread_local=False)
            held.enter_context(own)
            if own.lock_counter == 1:
                held.callback(forget, lake, run_id)
                # Made after the lock is taken and gone before it is given back: a mark whose lock is free tells of a death.
                mark.write_text(books)
        yield


def sign_of_life_of(
    context: dg.AssetExecutionContext | dg.OpExecutionContext, partner: Partner
) -> AbstractContextManager[None]:
    """Return the sign that a run gives while a step of it works, as `sign_of_life`."""
    return sign_of_life(partner.lake.layout.root, context.run.run_id, books=books_of(context.instance))


def books_of(instance: dg.DagsterInstance) -> str:
    """Return what tells an instance from others; nothing of one that forgets its runs, so that nobody ever asks for them."""
    if instance.is_ephemeral:
        return ""
    storage = instance.run_storage
    # Every database of Dagster's has an id of its own; another storage, which Dagster allows, need not.
    told = getattr(storage, "get_run_storage_id", None)
    return str(told()) if told else type(storage).__name__


def died(lake: Path) -> dict[str, str]:
    """Return the runs whose process ended without taking its mark away, each with the books that it may stand in."""
    marks = {mark.name.removesuffix(_MARK): mark for mark in sorted(_folder(lake).glob(f"*{_MARK}"))}
    left = {run_id: mark for run_id, mark in marks.items() if _is_left(lake, run_id)}
    return {run_id: mark.read_text() for run_id, mark in left.items()}


def forget(lake: Path, run_id: str) -> None:
    """Remove what there is of a run that has died, or that nobody has to look at any more."""
    for file in (_mark(lake, run_id), _lock(lake, run_id)):
        file.unlink(missing_ok=True)


def _is_left(lake: Path, run_id: str) -> bool:
    try:
        with filelock.FileLock(_lock(lake, run_id), timeout=0):
            if _mark(lake, run_id).exists():
                return True
            # It has ended well since we looked, and the lock's file is ours.
            forget(lake, run_id)
    except filelock.Timeout:
        pass
    return False


def _folder(lake: Path) -> Path:
    return lake / ".locks" / "runs"


def _lock(lake: Path, run_id: str) -> Path:
    return _folder(lake) / f"{run_id}.lock"


def _mark(lake: Path, run_id: str) -> Path:
    return _folder(lake) / f"{run_id}{_MARK}"
