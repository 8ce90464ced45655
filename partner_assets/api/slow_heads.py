"""A bound on how long the head of an answer may take, which neither urllib3 nor the standard library has.

Their timeout ends a silence. A server that sends a byte of a header now and then is never silent, and a thread would wait
for it until the process ends. Here: connections that give up then. Not here: the bound on bodies (`transport.py`).
"""

import http.client
import io
from collections.abc import Callable
from typing import Any

import urllib3
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


def give_up_slow_heads(manager: urllib3.PoolManager, seconds: float, *, monotonic: Monotonic) -> None:
    """Let the connections of a manager give up an answer without a whole head.

    Args:
        manager: Makes pools of connections, from now on of our own kind.
        seconds: The bound.
        monotonic: Clock in seconds.
    """
    response = _response(seconds, monotonic)
    plain = type("Connection", (HTTPConnection,), {"response_class": response})
    secure = type("SecureConnection", (HTTPSConnection,), {"response_class": response})
    manager.pool_classes_by_scheme = {
        "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }
