"""The ways in which the sandbox can misbehave: their names, and how often and where each is to happen.

Not here: which request meets one (`faults.py`), and what it does to it (`misbehaviour.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

PROFILES: Mapping[str, str] = MappingProxyType(
    {
        "too_many": "429, without Retry-After",
        "too_many_told": "429, with Retry-After: 1",
        "neighbour": "another program has just spent a tenth of the key's quota; needs a rate",
        "server_error": "500, in the vendor's envelope",
        "bad_gateway": "502, with a web page",
        "unavailable": "503, with nothing in it",
        "reset_at_once": "the connection is reset instead of an answer",
        "reset_after_head": "the connection is reset after the headers",
        "reset_in_body": "the connection is reset in the middle of the body",
        "length_too_long": "Content-Length says more than comes; then the connection is closed",
        "length_too_short": "Content-Length says half of what comes",
        "slow_headers": "the headers trickle in",
        "slow_body": "the body trickles in",
        "stall": "nothing comes until the client must have given up",
        "truncated_json": "the first half of the body, with a true Content-Length",
        "invalid_json": "a comma too many",
        "success_false": "200 with success: false and an internal error",
        "refused_in_200": "200 with success: false and a refusal of the request",
        "latin_1": "the body in ISO 8859-1",
        "utf_16": "the body in UTF-16",
        "redirect": "302 to another host",
        "gzip_bomb": "the answer followed by 300 MB of blanks, in 300 kB of gzip",
        "deep_json": "a field nested 100,000 levels deep in the first row",
        "huge_answer": "50 MB of blanks in the first row",
        "doubled_rows": "a page after the first begins two rows too early",
        "missing_rows": "a page after the first begins two rows too late",
        "page_too_large": "the page that was asked for and the one after it in one",
        "page_capped": "at most three rows a page",
        "key_revoked": "403, and the key is refused from now on",
        "clock_ahead": "429 with Retry-After as a date, by a clock that is an hour ahead",
        "clock_behind": "429 with Retry-After as a date, by a clock that is an hour behind",
    }
)
"""Every profile and what it does."""

PAGE_PROFILES = frozenset({"doubled_rows", "missing_rows", "page_too_large", "page_capped"})
"""Those that have an effect only where there are pages."""

_SECONDS = {"slow_headers": 3.0, "slow_body": 3.0, "stall": 120.0}
# A port that nobody listens on: who follows gets nowhere.
_ELSEWHERE = "http://localhost:9/elsewhere"


@dataclass(frozen=True)
class Plan:
    """How often, and where, one fault happens.

    Attributes:
        name: The profile.
        rate: The share of requests that meet it, from 0 to 1.
        endpoints: Only these; None for all.
        count: At most so many times; None for no bound.
        after: Requests that are answered as they should be before the first that can meet it.
        seconds: How long a slow answer takes, or a stall lasts.
        location: Where a redirect points to.

    Raises:
        ValueError: If there is no such profile, or a number is impossible.
    """

    name: str
    rate: float
    endpoints: frozenset[str] | None = None
    count: int | None = None
    after: int = 0
    seconds: float = 0.0
    location: str = _ELSEWHERE

    def __post_init__(self) -> None:
        if self.name not in PROFILES:
            raise ValueError(f"There is no fault {self.name!r}; there are {', '.join(PROFILES)}.")
        if not 0 <= self.rate <= 1:
            raise ValueError(f"The rate of {self.name} is {self.rate:g}; it must be between 0 and 1.")
        if (self.count or 0) < 0 or self.after < 0 or self.seconds < 0:
            raise ValueError(f"count, after and seconds of {self.name} must not be negative.")
        object.__setattr__(self, "seconds", self.seconds or _SECONDS.get(self.name, 0.0))

    def concerns(self, endpoint: str) -> bool:
        """Tell whether an endpoint can meet it."""
        return self.endpoints is None or endpoint in self.endpoints


NO_QUOTA_TO_SHARE = "The fault neighbour spends a quota, and there is none: set a rate first."


def read_plans(content: Mapping[str, object]) -> list[Plan]:
    """Read plans: by the name of the profile, an object with `rate` and any other attribute of `Plan`.

    Raises:
        ValueError: If something is unknown, missing, or of another type.
    """
    return [_read_plan(name, fields) for name, fields in content.items()]


def _read_plan(name: str, content: object) -> Plan:
    if not isinstance(content, dict) or "rate" not in content:
        raise ValueError(f'{name} needs a rate: {{"{name}": {{"rate": 0.1}}}}')
    fields: dict[str, Any] = {}
    for field, value in content.items():
        kinds = _KINDS.get(field)
        if kinds is None or isinstance(value, bool) or not isinstance(value, kinds):
            raise ValueError(f"{name} cannot have {field}: {value!r}; there are {', '.join(_KINDS)}.")
        fields[field] = frozenset(map(str, value)) if isinstance(value, list) else value
    return Plan(name, **fields)


_KINDS: Mapping[str, type | tuple[type, ...]] = MappingProxyType(
    {"rate": (int, float), "endpoints": list, "count": int, "after": int, "seconds": (int, float), "location": str}
)
