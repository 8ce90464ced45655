"""What Dagster keeps of a sensor between its ticks: whether it is on, its cursor, and how its last tick ended.

Not here: what a cursor means (the file of each sensor's decisions).
"""

import dagster as dg

# Dagster gives these no public name, and `DagsterInstance.get_ticks` cannot be asked for finished ticks without.
from dagster._core.scheduler.instigation import InstigatorState, SensorInstigatorData, TickStatus

FINISHED = (TickStatus.SUCCESS, TickStatus.SKIPPED, TickStatus.FAILURE)


def sensor_state(instance: dg.DagsterInstance, name: str) -> InstigatorState | None:
    """Return what is kept of a sensor, None before its first tick."""
    # An instance that lives in memory keeps nothing.
    states = instance.all_instigator_state() if instance.schedule_storage else ()
    return next((one for one in states if one.instigator_name == name), None)


def cursor_of(state: InstigatorState | None) -> str | None:
    """Return the cursor that the last tick left, None if there is none."""
    data = state.instigator_data if state else None
    return data.cursor if isinstance(data, SensorInstigatorData) else None


def has_failed(instance: dg.DagsterInstance, state: InstigatorState) -> bool:
    """Tell whether the last tick that came to an end failed."""
    ticks = instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=1, statuses=list(FINISHED))
    return any(tick.status == TickStatus.FAILURE for tick in ticks)
