"""Which parts of the catalogue are not proven fresh, and what to ask for: the memory of `catalogue_changes`. Pure.

When the accreditations or price lists were read, a part is wanted if what it hangs on changed after its own last read, or
if that is half a day old; so the daily read of the roots is followed by everything, and one in between by what is new. A
part that was never read is always wanted. Whatever is wanted is asked for until a read proves it. Not here: what Dagster and
the lake know (`catalogue_facts.py`), and the sensor (`catalogue_changes.py`).
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from partner_assets.automation.jobs import CATALOGUE_ROOTS, PACKAGES, PRICES, PRODUCTS
from partner_assets.automation.wanted import Wanted, from_groups, to_groups
from partner_assets.partitions import ACCREDITATION_SET, PRICE_SET

WHOLE = "all"
"""The only partition of a job that has none."""

LONGEST_SILENCE = timedelta(hours=25)
"""How old the roots may be: an hour more than the daily schedule, which may have failed, or slept."""

OLD_AFTER = timedelta(hours=12)
"""How old a part may be when its parents were read again and have not changed."""

MOST_RUNS = 5
"""Runs that one tick may ask for."""

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Branch:
    """A job of the catalogue and what it hangs on.

    Attributes:
        job: The job.
        assets: The assets that it fills by asking the API.
        parents: The assets whose rows tell it what to ask.
        after: The jobs that fill those, which go first.
        partition_set: Its dynamic partitions; None if it has none.
    """

    job: str
    assets: tuple[str, ...]
    parents: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    partition_set: str | None = None


ROOTS = Branch(CATALOGUE_ROOTS, ("accreditations", "price_lists"))
BRANCHES = (
    Branch(PRODUCTS, ("products",), ("accreditations",), (CATALOGUE_ROOTS,), ACCREDITATION_SET),
    Branch(PRICES, ("product_prices",), ("accreditations", "price_lists"), (CATALOGUE_ROOTS,), PRICE_SET),
    Branch(PACKAGES, ("package_contents",), ("products",), (PRODUCTS,)),
)
"""Parents first."""

Parts = Mapping[str, Collection[str]]
"""Partition keys by job."""


@dataclass(frozen=True)
class CatalogueState:
    """The sensor's memory.

    Attributes:
        followed: For each job, the publication of its parents that it was last asked to follow.
        wanted: For each job, the partitions that are not proven fresh.
        since: When this memory began; another one after every reset, so that no request has the key of one before it.
    """

    followed: Mapping[str, datetime] = field(default_factory=dict)
    wanted: Mapping[str, Mapping[str, Wanted]] = field(default_factory=dict)
    since: datetime = field(default=_NEVER, kw_only=True)

    def to_json(self) -> str:
        """Return it as a cursor."""
        followed = {job: at.isoformat() for job, at in self.followed.items()}
        wanted = {job: to_groups(keys) for job, keys in self.wanted.items()}
        return json.dumps({"followed": followed, "wanted": wanted, "since": self.since.isoformat()})

    @classmethod
    def from_json(cls, cursor: str) -> "CatalogueState":
        """Read a cursor.

        Raises:
            ValueError: If it is none of ours.
        """
        try:
            fields = json.loads(cursor)
            followed = {job: datetime.fromisoformat(at) for job, at in fields["followed"].items()}
            wanted = {job: from_groups(groups) for job, groups in fields["wanted"].items()}
            # It is not in cursors of before.
            return cls(followed, wanted, since=datetime.fromisoformat(fields.get("since", _NEVER.isoformat())))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"The cursor of catalogue_changes cannot be read ({error}). Reset it in the UI: the catalogue is then "
                "compared with its newest reads again."
            ) from None

    @property
    def parked(self) -> dict[str, dict[str, Wanted]]:
        """For each job, the partitions that somebody should look at."""
        return {
            job: {key: one for key, one in sorted(keys.items()) if one.is_parked} for job, keys in self.wanted.items()
        }


def called(job: str, key: str) -> str:
    """Return what people call a partition of a job."""
    return job if key == WHOLE else key


@dataclass(frozen=True)
class CatalogueFacts:
    """What is true of the catalogue now.

    Attributes:
        roots_read_at: When the older of the roots was last read; None if one never was.
        published: When each parent's newest rows were in place.
        changed: When the rows that a partition hangs on last changed, by job and key; it says nothing of partitions that
            hang on rows which never were.
        keys: The partitions of each job, in Dagster's order.
        ever_read: Those of them that were materialised at least once.
        existing: Those that ought to exist, by the lake; an empty set says nothing.
        running: Those that a run is queued or under way for.
    """

    roots_read_at: datetime | None
    published: Mapping[str, datetime]
    changed: Mapping[str, Mapping[str, datetime]]
    keys: Mapping[str, Sequence[str]]
    ever_read: Parts
    existing: Parts
    running: Parts

    def with_keys(self, added: Parts, removed: Parts) -> "CatalogueFacts":
        """Return the facts as they will be when partitions were added, behind the others, and removed."""
        keys = {}
        for job, known in self.keys.items():
            gone = set(removed.get(job, ()))
            keys[job] = [key for key in (*known, *added.get(job, ())) if key not in gone]
        return replace(self, keys=keys)


@dataclass(frozen=True)
class PartsRequest:
    """One run: the partitions of a job from `first` to `last`, in Dagster's order."""

    job: str
    first: str
    last: str
    count: int
    run_key: str


def new_keys(facts: CatalogueFacts) -> dict[str, list[str]]:
    """Return the partitions that ought to exist and that Dagster does not know."""
    return {job: sorted(set(keys) - set(facts.keys[job])) for job, keys in facts.existing.items()}


def noticed(state: CatalogueState, facts: CatalogueFacts, *, now: datetime) -> CatalogueState:
    """Put on the list what may be older than it ought to be; what was read late enough is taken off it by `proven`.

    Args:
        state: The memory.
        facts: What is true, new partitions included.
        now: The time.
    """
    followed = dict(state.followed)
    wanted = {job: dict(keys) for job, keys in state.wanted.items()}
    roots = wanted.setdefault(ROOTS.job, {})
    if facts.roots_read_at is not None and now - facts.roots_read_at < LONGEST_SILENCE:
        roots.clear()
    else:
        roots.setdefault(WHOLE, Wanted(now))
    for branch in BRANCHES:
        parts = wanted.setdefault(branch.job, {})
        keys = set(facts.keys[branch.job])
        for key in parts.keys() - keys:
            del parts[key]
        published = max((facts.published.get(parent, _NEVER) for parent in branch.parents), default=_NEVER)
        # While the parents are being read, some are newer than others: one read after all of them is enough.
        is_settled = not any(facts.running.get(job) for job in branch.after)
        if published > state.followed.get(branch.job, _NEVER) and is_settled:
            followed[branch.job] = published
            changed = facts.changed.get(branch.job, {})
            for key in keys:
                need = max(changed.get(key, published), published - OLD_AFTER)
                if key not in parts or parts[key].seen < need:
                    parts[key] = Wanted(need)
        if branch.job in followed:
            for key in keys - set(facts.ever_read[branch.job]):
                parts.setdefault(key, Wanted(followed[branch.job]))
    return replace(state, followed=followed, wanted=wanted)


def proven(state: CatalogueState, read_at: Mapping[str, Mapping[str, datetime]]) -> CatalogueState:
    """Take off the list what was read after it was noticed.

    Args:
        state: The memory.
        read_at: For each job, when the newest read of each wanted partition began.
    """
    wanted = {
        job: {
            key: one
            for key, one in keys.items()
            if job == ROOTS.job or (at := read_at.get(job, {}).get(key)) is None or at <= one.seen
        }
        for job, keys in state.wanted.items()
    }
    return replace(state, wanted=wanted)


def left_over(facts: CatalogueFacts) -> dict[str, list[str]]:
    """Return the partitions of what is no more, by the lake; nothing while it knows of nothing that exists."""
    return {
        job: [key for key in facts.keys[job] if key not in existing] if existing else []
        for job, existing in facts.existing.items()
    }


def withdrawn(facts: CatalogueFacts, read_at: Mapping[str, Mapping[str, datetime]]) -> dict[str, list[str]]:
    """Return the partitions to remove: those left over whose rows are closed, by a read that came after what they hang on.

    Nothing is removed while a run of the job is on its way. That a partition is not wanted is no proof: the lake knows
    that something is no more before the run that found it has ended, and only then is anything asked for.

    Args:
        facts: What is true.
        read_at: For each job, when the newest read of each partition that is left over began.
    """
    return {
        job: [] if facts.running.get(job) else [key for key in keys if _is_closed(facts, read_at, job, key)]
        for job, keys in left_over(facts).items()
    }


def _is_closed(facts: CatalogueFacts, read_at: Mapping[str, Mapping[str, datetime]], job: str, key: str) -> bool:
    if key not in facts.ever_read[job]:
        return True
    return read_at.get(job, {}).get(key, _NEVER) > facts.changed.get(job, {}).get(key, _NEVER)


def requested(
    state: CatalogueState, facts: CatalogueFacts, *, now: datetime
) -> tuple[CatalogueState, list[PartsRequest]]:
    """Choose what to ask for now.

    Args:
        state: The memory.
        facts: What is true, without the partitions that are removed.
        now: The time.

    Returns:
        The memory after asking, and the runs: one per stretch of neighbours, parents before what hangs on them.
    """
    wanted = {job: dict(keys) for job, keys in state.wanted.items()}
    requests: list[PartsRequest] = []
    for branch in (ROOTS, *BRANCHES):
        parts, running = wanted[branch.job], set(facts.running.get(branch.job, ()))
        if any(_is_busy(state, facts, job) for job in branch.after):
            continue
        due = {key for key, one in parts.items() if key not in running and one.is_due(now)}
        for stretch in _stretches(facts.keys[branch.job], due)[: MOST_RUNS - len(requests)]:
            parts.update({key: parts[key].asked(now) for key in stretch})
            seen = max(parts[key].seen for key in stretch)
            tries = "+".join(str(number) for number in sorted({parts[key].tries for key in stretch}))
            told = f"seen {seen.isoformat()} try {tries} since {state.since.isoformat()}"
            run_key = f"{branch.job} {stretch[0]}..{stretch[-1]} {told}"
            requests.append(PartsRequest(branch.job, stretch[0], stretch[-1], len(stretch), run_key))
    return replace(state, wanted=wanted), requests


def _is_busy(state: CatalogueState, facts: CatalogueFacts, job: str) -> bool:
    """Tell whether a job has something to do yet; what is parked is not waited for."""
    is_wanted = any(not one.is_parked for one in state.wanted.get(job, {}).values())
    return is_wanted or bool(facts.running.get(job))


def _stretches(keys: Sequence[str], chosen: Collection[str]) -> list[list[str]]:
    """Return the chosen keys, those side by side in the order of all keys together."""
    stretches: list[list[str]] = []
    is_open = False
    for key in keys:
        if key in chosen:
            if is_open:
                stretches[-1].append(key)
            else:
                stretches.append([key])
        is_open = key in chosen
    return stretches
