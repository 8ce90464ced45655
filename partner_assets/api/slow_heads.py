"""A bound on how long the head of an answer may take, which neither requests nor the standard library has.

Their timeout ends a silence. A server that sends a byte of a header now and then is never silent, and a thread would wait
for it until the process ends. Here: connections that give up then. Not here: the bound on bodies (`transport.py`).
"""

import http.client
import io
from collections.abc import Callable
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

Monotonic = Callable[[], float]


class _Bytes(io.RawIOBase):
    """What comes on a connection, as long as there is time.

    Args:
        raw: The connection's own file.
        monotonic: Clock in seconds.
    """

    def __init__(self, raw: io.RawIOBase, monotonic: Monotonic) -> None:
        self._raw = raw
        self._monotonic = monotonic
        self.deadline = float("inf")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._monotonic() > self.deadline:
            raise TimeoutError("the headers trickled in too slowly")
        return self._raw.readinto(buffer)

    def close(self) -> None:
        super().close()
        self._raw.close()


def _response(seconds: float, monotonic: Monotonic) -> type[http.client.HTTPResponse]:
    class Response(http.client.HTTPResponse):
        """An answer whose head has to come within a bound."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._bytes = _Bytes(self.fp.detach(), monotonic)
            self.fp = io.BufferedReader(self._bytes)

        def begin(self) -> None:
            self._bytes.deadline = monotonic() + seconds
            super().begin()
            self._bytes.deadline = float("inf")

    return Response


class SlowHeadsAdapter(HTTPAdapter):
    """An adapter whose connections give up an answer without a whole head.

    Args:
        seconds: The bound.
        monotonic: Clock in seconds.
        options: As for any adapter.
    """

    def __init__(self, seconds: float, *, monotonic: Monotonic, **options: Any) -> None:
        response = _response(seconds, monotonic)
        plain = type("Connection", (HTTPConnection,), {"response_class": response})
        secure = type("SecureConnection", (HTTPSConnection,), {"response_class": response})
        self._pools = {
            "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }
        super().__init__(**options)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of connections, of our own kind."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Return the pools of connections through a proxy, of our own kind as well."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager
