"""Counts of everything that was asked of the API. Not here: the control endpoint, which is not counted but shows them."""

from collections import Counter

NO_ANSWER = 0
"""The status under which a request is counted that got no answer."""


class Statistics:
    """Counts since the last reset."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Start counting afresh."""
        self.endpoints: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.bytes = 0

    def count(self, endpoint: str, status: int, size: int) -> None:
        """Count one answer."""
        self.endpoints[endpoint] += 1
        self.statuses[status] += 1
        self.bytes += size

    def as_record(self) -> dict[str, object]:
        """Return the counts as the control endpoint shows them."""
        return {
            "requests": self.statuses.total(),
            "endpoints": dict(self.endpoints),
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "bytes": self.bytes,
        }
