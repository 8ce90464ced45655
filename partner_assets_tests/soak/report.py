"""A soak in a table of eighty columns: changes, troubles, runs, requests, seconds from change to lake. Pure."""

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from partner_assets_tests.soak.ledger import Version
from partner_assets_tests.soak.story import Story

WIDTH = 80
_LABEL = 32


def report(story: Story) -> str:
    """Return the whole report; every line has at most `WIDTH` characters."""
    plan = story.plan
    lines = [
        f"Soak of {plan.minutes:g} minutes, seed {plan.seed}:"
        f" {story.started:%Y-%m-%d %H:%M:%S} to {story.ended:%H:%M:%S} UTC",
        f"{plan.days} days of about {plan.orders_per_day} orders, read at first in {story.fill_seconds:.0f} s"
        f" with {story.fill_requests:,} requests",
        *_section("Changes made", _changes(story)),
        *_section("Troubles", _troubles(story)),
        *_section("Seconds from change to lake", _waits(story)),
        *_section("Versions of orders", _versions(story)),
        *_section("Runs, by job, status and who asked", _runs(story)),
        *_section("Ticks, by sensor and status", _ticks(story)),
        *_section("Requests", sorted((name, f"{count:,}") for name, count in story.requests.items())),
        *_section("After the last change", _end(story)),
        "",
        *_verdict(story),
    ]
    return "\n".join(lines)


def _section(title: str, entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield from ("", title, "-" * WIDTH)
    for label, text in entries:
        for number, piece in enumerate(_wrapped(text, WIDTH - _LABEL - 2)):
            yield f"{label[:_LABEL] if not number else '':<{_LABEL}}  {piece}"


def _wrapped(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    yield line


def _changes(story: Story) -> Iterator[tuple[str, str]]:
    for kind, count in sorted(story.ledger.counts().items()):
        yield f"orders {kind}", f"{count:,}"
    for path, count in sorted(story.ledger.catalogue.items()):
        yield path.replace("/", ": "), f"{count:,}"


def _troubles(story: Story) -> Iterator[tuple[str, str]]:
    for trouble in story.troubles:
        end = trouble.end or story.ended
        yield trouble.what, f"{trouble.start:%H:%M:%S} to {end:%H:%M:%S}, {(end - trouble.start).total_seconds():.0f} s"


def _waits(story: Story) -> Iterator[tuple[str, str]]:
    landed = [version for version in story.ledger.changes() if version.landed is not None]
    calm = [version for version in landed if not _troubles_of(story, version)]
    yield "all", _spread(landed)
    yield "in calm times", _spread(calm)
    for what in dict.fromkeys(trouble.what for trouble in story.troubles):
        yield f"while: {what}", _spread([version for version in landed if what in _troubles_of(story, version)])


def _troubles_of(story: Story, version: Version) -> set[str]:
    end = version.landed or story.ended
    return {trouble.what for trouble in story.troubles if trouble.overlaps(version.updated, end)}


def _spread(versions: Sequence[Version]) -> str:
    waits = [_wait(version.updated, version.landed) for version in versions if version.landed is not None]
    if not waits:
        return "none"
    return f"median {statistics.median(waits):.0f}, worst {max(waits):.0f}, of {len(waits)} changes"


def _wait(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()


def _versions(story: Story) -> Iterator[tuple[str, str]]:
    verdict = story.versions
    yield "given as details", f"{verdict.given:,}"
    yield "had to be in order_documents", f"{verdict.must:,}"
    yield "are in order_documents", f"{verdict.held:,}"
    yield "replaced before any read", f"{verdict.never_read:,}"
    yield "given only to runs that died", f"{verdict.died_with:,}"


def _runs(story: Story) -> Iterator[tuple[str, str]]:
    counts = Counter((run.job, run.status, run.asked_by) for run in story.runs)
    jobs: dict[str, list[str]] = {}
    for (job, status, asked_by), count in sorted(counts.items()):
        jobs.setdefault(job, []).append(f"{count} {status.lower()} ({asked_by})")
    for job, parts in jobs.items():
        yield job, ", ".join(parts)
    yield "days of all runs of orders", f"{story.days.day_runs:,}; their changes justify {story.days.justified:,}"


def _ticks(story: Story) -> Iterator[tuple[str, str]]:
    for name, ticks in story.ticks.items():
        counts = Counter(tick.status.lower() for tick in ticks)
        yield name, ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))


def _end(story: Story) -> Iterator[tuple[str, str]]:
    yield "two ticks and their runs", f"{story.settled_seconds:.0f} s"
    yield "until the lake was judged", f"{(story.ended - story.quiet).total_seconds():.0f} s"


def _verdict(story: Story) -> Iterator[str]:
    if not story.complaints:
        yield "Every table equals the truth, no version is lost, no day ran too often."
        return
    yield f"{len(story.complaints)} things are wrong:"
    for sentence in story.complaints:
        pieces = list(_wrapped(sentence, WIDTH - 2))
        yield from (f"{'-' if not number else ' '} {piece}" for number, piece in enumerate(pieces))
