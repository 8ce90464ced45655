"""What a sandbox can be told before it starts.

Not here: anything that happens afterwards, nor any environment variable.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from partner_assets.sandbox.fault_plans import NO_QUOTA_TO_SHARE, Plan

MOST_ORDERS_PER_DAY = 75_000


@dataclass(frozen=True)
class SandboxConfig:
    """How a sandbox behaves.

    Attributes:
        seed: Which made-up partner this is; the same seed gives the same data everywhere.
        days: How many days back orders exist, the day of the start included.
        orders_per_day: How many orders are created on an ordinary day; one day in forty has none.
        latency_ms: How long every answer is held back.
        rate: Requests allowed per window and key; None for no limit.
        rate_window: Seconds that a window of the rate limit lasts.
        retry_after: Whether a 429 also says `Retry-After`, which the vendor does not promise.
        window_end: Whether an order exactly at the end of a search window belongs to it; the vendor does not say.
        exact_counts: Whether `estimatedSearchCount` is exact; it is not, in life.
        page_cap: The longest page the server gives, whatever `top` asks for.
        now: Freeze the clock here; None for the machine's clock.
        faults: How often to misbehave, by the names of `fault_plans.PROFILES`.
        keeps_given: Whether to remember which versions of orders were given as details (`World.given`).
        api_keys: The keys that are accepted from the start.
    """

    seed: int = 1
    days: int = 30
    orders_per_day: int = 200
    latency_ms: float = 0
    rate: int | None = None
    rate_window: float = 1.0
    retry_after: bool = False
    window_end: Literal["inclusive", "exclusive"] = "inclusive"
    exact_counts: bool = False
    page_cap: int | None = None
    now: datetime | None = None
    faults: Mapping[str, float] = field(default_factory=dict)
    keeps_given: bool = False
    api_keys: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.orders_per_day <= MOST_ORDERS_PER_DAY:
            raise ValueError(
                f"orders_per_day is {self.orders_per_day}; it must be between 0 and {MOST_ORDERS_PER_DAY}."
            )
        if self.days < 1:
            raise ValueError(f"days is {self.days}; it must be at least 1.")
        if self.page_cap is not None and self.page_cap < 1:
            raise ValueError(f"page_cap is {self.page_cap}; a server that gives no rows is no server.")
        if self.window_end not in ("inclusive", "exclusive"):
            raise ValueError(f"window_end is {self.window_end!r}; it must be 'inclusive' or 'exclusive'.")
        if sum(Plan(name, rate).rate for name, rate in self.faults.items()) > 1:
            raise ValueError("The rates of the faults add up to more than 1, which is every request.")
        if self.faults.get("neighbour") and self.rate is None:
            raise ValueError(NO_QUOTA_TO_SHARE)


def new_api_key() -> str:
    """Make a random API key, 64 hexadecimal digits like the vendor's."""
    return secrets.token_hex(32)
