"""What the assets work with: settings read at first use, the client of the API, and the lake.

One plain object and no Dagster configuration: values of configuration show in the UI and in its database, and a key must
not. Here: how the parts are put together. Not here: any part (`settings.py`, `api/`, `lake/`).
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from partner_assets.api.client import PartnerApi
from partner_assets.api.transport import utc_now
from partner_assets.keys import keys_for
from partner_assets.lake.store import Lake
from partner_assets.progress import Progress, Silent
from partner_assets.settings import Settings, load

ATTEMPTS, IMPATIENT_ATTEMPTS = 6, 2


class Partner:
    """One legal entity's API and lake, made when first used.

    Args:
        read_settings: Where the settings come from.
        progress: Told of every slice that is done.
        now: The clock.
        publish_after: Documents of orders that a run may hold before it writes them, although their month's file is
            then written more than once: what a killed run loses at most.
    """

    def __init__(
        self,
        read_settings: Callable[[], Settings] = load,
        *,
        progress: Progress | None = None,
        now: Callable[[], datetime] = utc_now,
        publish_after: int = 5_000,
    ) -> None:
        self._read_settings = read_settings
        self.progress = progress or Silent()
        self.publish_after = publish_after
        self._now = now
        self._last = datetime.min.replace(tzinfo=UTC)
        self._clock_lock = threading.Lock()

    def now(self) -> datetime:
        """Return the time, later at every call: two reads never have the same, however coarse the clock."""
        # The threads that ask for details call it, too.
        with self._clock_lock:
            self._last = max(self._now(), self._last + timedelta(microseconds=1))
            return self._last

    @cached_property
    def settings(self) -> Settings:
        """The settings, checked once.

        Raises:
            SettingsError: If one is missing or wrong.
        """
        return self._read_settings()

    @cached_property
    def api(self) -> PartnerApi:
        """The client, with its connections kept open for as long as this object lives."""
        return self._new_api(ATTEMPTS, now=self.now)

    @property
    def request_count(self) -> int:
        """How many requests have been made so far; what asks nothing needs no client, and so no address and no key."""
        return self.api.counts().total if "api" in vars(self) else 0

    def impatient_api(self) -> PartnerApi:
        """Return a client of its own for a tick: it gives up soon, since the next tick tries again anyway."""
        # By the system's clock: a tick keeps no document, so nobody will ask when it was asked for.
        return self._new_api(IMPATIENT_ATTEMPTS, now=utc_now)

    def _new_api(self, attempts: int, *, now: Callable[[], datetime]) -> PartnerApi:
        settings = self.settings
        return PartnerApi(
            settings.api_base_url,
            keys_for(settings),
            version=settings.api_version,
            concurrency=settings.api_concurrency,
            connect_timeout=settings.api_connect_timeout,
            read_timeout=settings.api_read_timeout,
            paths=settings.api_paths,
            attempts=attempts,
            quota_file=quota_file(settings),
            now=now,
        )

    @cached_property
    def lake(self) -> Lake:
        """The legal entity's files."""
        return Lake(self.settings.lake, self.settings.legal_entity)


def quota_file(settings: Settings) -> Path:
    """Return where all clients of a legal entity on this machine share what they know of its quota.

    Beside the lake's locks, since whoever asks for the same lake spends the same quota. Named by legal entity and host,
    each of which has a quota of its own, and not by the key: what is derived from a key has no place on the disk.
    """
    host = (urlsplit(settings.api_base_url).hostname or "").replace(":", "_")
    return settings.lake / ".locks" / f"quota.{settings.legal_entity}.{host}"
