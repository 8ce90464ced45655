"""Events of Dagster's among which something happens while a sensor looks at them: a run ends, or another begins."""

from collections.abc import Callable
from typing import Any

from dagster._core.storage.event_log import InMemoryEventLogStorage


class InterruptedEvents(InMemoryEventLogStorage):
    """Lets something happen once, right after the next look at materialisations or at what a run has told.

    Attributes:
        meanwhile: What is to happen; None again when it has.
    """

    meanwhile: Callable[[], None] | None = None

    def fetch_materializations(self, *args: Any, **options: Any) -> Any:
        """Return what there was before it happened."""
        return self._looked(super().fetch_materializations(*args, **options))

    def get_latest_asset_partition_materialization_attempts_without_materializations(
        self, *args: Any, **options: Any
    ) -> Any:
        """Return what there was before it happened."""
        attempts = super().get_latest_asset_partition_materialization_attempts_without_materializations
        return self._looked(attempts(*args, **options))

    def get_logs_for_run(self, *args: Any, **options: Any) -> Any:
        """Return what there was before it happened."""
        return self._looked(super().get_logs_for_run(*args, **options))

    def _looked(self, found: Any) -> Any:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return found
