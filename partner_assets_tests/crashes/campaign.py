"""Kills by the hundred beside a reader that never stops, and what came of them.

Not here: the table that is printed (`report.py`).
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from partner_assets.lake.layout import CATALOGUE_NAME, glob
from partner_assets.tables.dictionary import TABLES
from partner_assets_tests.crashes.faces import Announcements
from partner_assets_tests.crashes.instants import any_instant
from partner_assets_tests.crashes.phases import PLACE, RENAME
from partner_assets_tests.crashes.reader import Reading, files_now, reading
from partner_assets_tests.crashes.victims import Death, Victim, Work, lengths_of
from partner_assets_tests.crashes.worlds import FILES, ChangingWorld, Numbered, announce_contents

Say = Callable[[str], None]

KILLS_BETWEEN_CLEAN_RUNS = 5
LATER_READ = "A later read of"


class Complaint(Exception):
    """Something that must never be. The message says what."""


@dataclass
class Campaign:
    """What has happened so far.

    Attributes:
        name: What was killed, or how often something was replaced.
        is_steady: True if at most one file a second was replaced: only then are errors limited.
        kills: By the phase that a process was in.
        survivors: Processes that had finished before their instant came.
        clean_runs: Runs that were left alone afterwards.
        two_at_once: Those of them that ran beside another one.
        refused: Of two at once, those that were refused because the other had stored a later read.
        replacements: Files that were renamed into place.
        leftovers: Staged files that kills left, all of them gone after the next clean run.
        reading: What the reader saw.
        seconds: How long it took.
    """

    name: str
    is_steady: bool = False
    kills: Counter[str] = field(default_factory=Counter)
    survivors: int = 0
    clean_runs: int = 0
    two_at_once: int = 0
    refused: int = 0
    replacements: int = 0
    leftovers: int = 0
    reading: Reading = field(default_factory=Reading)
    seconds: float = 0.0

    @property
    def complaints(self) -> list[str]:
        """What must never be, and was: a wrong answer; at one file a second also too many errors, or two in a row."""
        seen = self.reading
        told = list(seen.wrong)
        if self.is_steady and seen.twice:
            told.append(f"{seen.twice} questions were answered by an error twice in a row")
        if self.is_steady and seen.errors.total() * 1_000 >= seen.queries.total():
            told.append(f"{seen.errors.total()} of {seen.queries.total()} queries were answered by an error")
        return told


def kill_runs(world: ChangingWorld, announcements: Announcements, folder: Path, kills: int, say: Say) -> Campaign:
    """Kill `partner-assets run` that often, with clean runs in between, and compare the lake with the truth after each.

    Args:
        world: The sandbox.
        announcements: What is announced of it.
        folder: Where lake, home and log are made.
        kills: How many processes are to be killed.
        say: Told of progress.

    Raises:
        Complaint: If a clean run fails, or leaves anything but the truth.
    """
    lake, home = folder / "lake", folder / "home"
    home.mkdir()
    work = Work(world.work(), lake, folder / "log", world.variables(lake, home))

    def after_a_change() -> Work:
        world.change()
        return work

    return _killed(Campaign("partner-assets run"), after_a_change, announcements, kills, say, can_meet=True)


def kill_writers(announcements: Announcements, folder: Path, kills: int, say: Say, *, size: int = 6) -> Campaign:
    """Kill a loop that replaces files and builds the catalogue; otherwise as `kill_runs`.

    Args:
        announcements: Where contents are announced.
        folder: Where lake and log are made.
        kills: How many processes are to be killed.
        say: Told of progress.
        size: How many contents each process writes.

    Raises:
        Complaint: As for `kill_runs`.
    """
    firsts = count(1, size)

    def next_contents() -> Work:
        first = next(firsts)
        announce_contents(announcements, first, first + size - 1)
        return _writing(folder, first, first + size - 1)

    return _killed(Campaign("a loop of writes"), next_contents, announcements, kills, say, can_meet=False)


def replace_steadily(announcements: Announcements, folder: Path, seconds: float, every: float, say: Say) -> Campaign:
    """Replace one file after the other beside the reader, and kill nobody.

    Args:
        announcements: Where contents are announced.
        folder: Where lake and log are made.
        seconds: How long.
        every: Seconds between two files.
        say: Told of progress.

    Raises:
        Complaint: As for `kill_runs`.
    """
    campaign, started = Campaign(f"one file every {every:g} s", is_steady=every >= 1), time.monotonic()
    last = 1 + max(1, round(seconds / every / FILES))
    announce_contents(announcements, 1, last)
    _left_alone(_writing(folder, 1, 1), campaign)
    say(f"{campaign.name}, for {seconds:.0f} seconds …")
    work = _writing(folder, 2, last, pause=every)
    with reading(work.lake, announcements.file) as ended:
        _clean(campaign, work, announcements)
        campaign.reading = ended()
    campaign.seconds = time.monotonic() - started
    return campaign


def _writing(folder: Path, first: int, last: int, *, pause: float = 0.0) -> Work:
    seconds = pause * FILES * (last - first + 1)
    return Work(Numbered(folder / "lake", first, last, pause), folder / "lake", folder / "log", seconds=seconds)


def _killed(
    campaign: Campaign,
    next_work: Callable[[], Work],
    announcements: Announcements,
    kills: int,
    say: Say,
    *,
    can_meet: bool,
) -> Campaign:
    """Kill one work after the other; `can_meet` if the same work may be done by two processes at once."""
    started = time.monotonic()
    _clean(campaign, next_work(), announcements)
    work = next_work()
    lengths = lengths_of(_clean(campaign, work, announcements))
    with reading(work.lake, announcements.file) as ended:
        while (done := campaign.kills.total()) < kills:
            work = next_work()
            death = Victim(work, any_instant(lengths)).end()
            _count(campaign, death)
            if not death.was_killed:
                campaign.survivors += 1
                continue
            campaign.kills[death.phase] += 1
            campaign.leftovers += sum(file.is_file() for file in (work.lake / ".staging").glob("*"))
            done += 1
            if done % KILLS_BETWEEN_CLEAN_RUNS == 0 or done == kills:
                meets = can_meet and campaign.clean_runs % 4 == 3
                _clean(campaign, next_work(), announcements, meets=meets)
                say(f"{done} of {kills} killed, {campaign.clean_runs} clean runs: all is well so far")
        campaign.reading = ended()
    campaign.seconds = time.monotonic() - started
    return campaign


def _clean(campaign: Campaign, work: Work, announcements: Announcements, *, meets: bool = False) -> Death:
    """Let work finish, with another process at the same beside it if they are to meet; see what it leaves.

    Of two that meet, one may be refused in words: its read of a table with history was the earlier one, and came later.
    """
    beside = Victim(replace(work, log=work.log.with_name("log.beside"))) if meets else None
    death = _left_alone(work, campaign, beside)
    newest, now = announcements.newest(), files_now(work.lake)
    if wrong := {file for file in newest.keys() | now.keys() if newest.get(file) != now.get(file)}:
        raise Complaint(f"After a clean run these are not the truth: {', '.join(sorted(wrong))}.")
    return death


def _left_alone(work: Work, campaign: Campaign, beside: Victim | None = None) -> Death:
    death = Victim(work).end()
    ended = [(death, work.log)]
    if beside is not None:
        campaign.two_at_once += 1
        ended.append((beside.end(), work.log.with_name("log.beside")))
    campaign.clean_runs += 1
    for one, log in ended:
        _count(campaign, one)
        if one.exit_code and beside is not None and LATER_READ in log.read_text():
            campaign.refused += 1
        elif one.exit_code:
            raise Complaint(f"A clean run failed: {log.read_text()[-2_000:]}")
    if found := strangers(work.lake):
        raise Complaint(f"A clean run left {', '.join(found)}.")
    return death


def _count(campaign: Campaign, death: Death) -> None:
    campaign.replacements += death.begun[RENAME] + death.begun[PLACE]


def strangers(lake: Path) -> list[str]:
    """Return what lies in a lake that is no table's file, no catalogue and no lock."""
    known = {file for table in TABLES for file in lake.glob(glob(table))} | {lake / CATALOGUE_NAME}
    found = (file for file in lake.rglob("*") if file.is_file() and file not in known)
    return sorted(str(file.relative_to(lake)) for file in found if not _is_lock(file.relative_to(lake)))


def _is_lock(file: Path) -> bool:
    return file.parts[0] == ".locks" and file.parts[1] != "runs"
