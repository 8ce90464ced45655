"""Days to runs: contiguous days become one range, no range is too long, and a range becomes a request; a tick's result."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import dagster as dg

from partner_assets.partitions import LONGEST_RANGE

RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DayRange:
    """The days from `first` through `last`."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def tags(self) -> dict[str, str]:
        """What makes a run one over all of its days."""
        return {RANGE_START: self.first.isoformat(), RANGE_END: self.last.isoformat()}

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"

    def request(self, key: str) -> dg.RunRequest:
        """Return the request for one run over all days.

        Args:
            key: What tells this request from others for the same days; Dagster runs each only once.
        """
        return dg.RunRequest(run_key=f"{self.first}..{self.last} {key}", tags=self.tags)


def contiguous(days: Iterable[date], *, longest: int = LONGEST_RANGE) -> list[DayRange]:
    """Put days together into as few ranges as possible, in order.

    Args:
        days: Any days; repeated ones count once.
        longest: Most days in a range.
    """
    ranges: list[DayRange] = []
    for day in sorted(set(days)):
        if ranges and day - ranges[-1].last == ONE_DAY and (day - ranges[-1].first).days < longest:
            ranges[-1] = DayRange(ranges[-1].first, day)
        else:
            ranges.append(DayRange(day, day))
    return ranges


def shortening(tries: Mapping[date, int]) -> list[DayRange]:
    """Put days together into ranges that are the shorter, the more often their days were asked for in vain.

    What ends a run without a word, as a document that takes all memory does, fails every day of its range. So the third
    request is for a week at most, and from the fourth on each day is alone: only the bad one is parked in the end.

    Args:
        tries: The days, each with its requests in vain.
    """
    by_length: dict[int, list[date]] = {}
    for day, number in tries.items():
        by_length.setdefault(max(1, LONGEST_RANGE >> 2 * max(0, number - 1)), []).append(day)
    return [one for length, days in by_length.items() for one in contiguous(days, longest=length)]


def newest(days: Collection[date]) -> DayRange:
    """Return the newest of some days with those right before it, as many as one run may take.

    Args:
        days: Any days, one at least.
    """
    first = last = max(days)
    while (day := first - ONE_DAY) in days and (last - day).days < LONGEST_RANGE:
        first = day
    return DayRange(first, last)


def tick_result(
    context: dg.SensorEvaluationContext, keyed: Sequence[tuple[DayRange, str]], *, cursor: str, message: str
) -> dg.SensorResult:
    """Return what a tick asks for, with its memory, in one piece: Dagster keeps both or neither.

    Args:
        context: The tick.
        keyed: The ranges to run, each with what tells its request from earlier ones.
        cursor: The sensor's memory after asking.
        message: What the tick did, as a sentence; in the log, and as the tick's reason if it asks for nothing.
    """
    context.log.info(message)
    return dg.SensorResult(
        run_requests=[one.request(key) for one, key in keyed],
        cursor=cursor,
        skip_reason=None if keyed else dg.SkipReason(message),
    )
