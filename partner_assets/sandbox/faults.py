"""Which request meets which fault, and how often each has happened. Nothing is drawn as long as no fault is set.

Not here: what faults there are (`fault_plans.py`), and what they do (`misbehaviour.py`).
"""

from collections import Counter
from collections.abc import Collection, Mapping

from partner_assets.sandbox.fault_plans import Plan
from partner_assets.sandbox.numbers import mix_text


class Faults:
    """The faults that are set, and how often each has happened.

    Args:
        seed: The same seed lets the same requests meet the same faults, in whatever order threads ask.
        endpoints: The name of every endpoint, by method and path.
    """

    def __init__(self, seed: int, endpoints: Mapping[tuple[str, str], str]) -> None:
        self.are_on = False
        self.counts: Counter[str] = Counter()
        self._seed = seed
        self._endpoints = endpoints
        self._plans: dict[str, Plan] = {}
        self._seen: Counter[str] = Counter()
        self._happened: Counter[str] = Counter()
        self._visits: Counter[str] = Counter()

    @property
    def endpoint_names(self) -> Collection[str]:
        """The endpoints that there are."""
        return self._endpoints.values()

    def add(self, plans: Collection[Plan], seed: int | None = None) -> None:
        """Set faults, besides those that are set; one that is set already is set anew.

        Raises:
            ValueError: If an endpoint is unknown, or the rates of one add up to more than 1.
        """
        merged = self._plans | {plan.name: plan for plan in plans}
        for plan in plans:
            unknown = (plan.endpoints or frozenset()) - set(self.endpoint_names)
            if unknown:
                raise ValueError(f"There is no endpoint {min(unknown)}; there are {', '.join(self.endpoint_names)}.")
        for endpoint in self.endpoint_names:
            total = sum(plan.rate for plan in merged.values() if plan.concerns(endpoint))
            if total > 1 + 1e-9:
                raise ValueError(f"The rates of the faults at {endpoint} add up to {total:g}; 1 is every request.")
        self._plans, self.are_on = merged, bool(merged)
        self._seed = self._seed if seed is None else seed
        for plan in plans:
            self._seen.pop(plan.name, None)
            self._happened.pop(plan.name, None)

    def clear(self) -> None:
        """Behave from now on; what has happened stays counted."""
        self._plans.clear()
        self._visits.clear()
        self.are_on = False

    def endpoint_of(self, method: str, path: str) -> str | None:
        """Return the endpoint that answers at a path, None if none does."""
        folder = path.rpartition("/")[0]
        return self._endpoints.get((method, path)) or self._endpoints.get((method, f"{folder}/{{id}}"))

    def draw(self, endpoint: str, asked: str) -> Plan | None:
        """Return the fault that a request meets, None for most.

        Args:
            endpoint: Whom it asks.
            asked: What tells it from others; asked again, it is drawn for again.
        """
        self._visits[asked] += 1
        drawn = mix_text(self._seed, f"{asked} {self._visits[asked]}") / 2**64
        for plan in self._plans.values():
            if not plan.concerns(endpoint):
                continue
            self._seen[plan.name] += 1
            is_over = plan.count is not None and self._happened[plan.name] >= plan.count
            if is_over or self._seen[plan.name] <= plan.after:
                continue
            if drawn < plan.rate:
                self._happened[plan.name] += 1
                self.counts[plan.name] += 1
                return plan
            drawn -= plan.rate
        return None
