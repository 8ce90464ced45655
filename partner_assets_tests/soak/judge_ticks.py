"""Whether the sensors worked whenever they could: a tick may fail while the API is down, and at no other time. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from partner_assets_tests.soak.records import Tick
from partner_assets_tests.soak.story import Trouble


def failed_ticks(ticks: Mapping[str, Sequence[Tick]], outages: Iterable[Trouble]) -> list[str]:
    """Return a sentence for every tick that failed although nothing was wrong.

    Args:
        ticks: The ticks of every sensor.
        outages: When the API was down.
    """
    known = list(outages)
    return [
        f"ticks: {name} failed at {tick.start:%H:%M:%S}: {tick.text}"
        for name, those in ticks.items()
        for tick in those
        if tick.status == "FAILURE" and not any(outage.overlaps(tick.start, tick.end) for outage in known)
    ]
