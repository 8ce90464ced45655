"""One request over the wire and the bytes that come back.

Here: connections, the key header, timeouts, the bound on size, and failures below HTTP. Not here: what an answer means
(`answers.py`), when to send (`pacing.py`) and whether to send again (`retry.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol
from urllib.parse import urlsplit

import urllib3
from urllib3 import exceptions as wire

from partner_assets.api.connections import connections
from partner_assets.api.errors import AnswerTooLarge, BrokenAnswer, Unreachable

_CHUNK_BYTES = 256 * 1024
# The read timeout bounds each silence; a head or a body that trickles in may take this many of them in all.
_READ_TIMEOUTS_PER_ANSWER = 10


class SecretValue(Protocol):
    """A secret that has to be asked for its value, such as pydantic's `SecretStr`."""

    def get_secret_value(self) -> str:
        """Return the value."""


@dataclass(frozen=True)
class ApiKey:
    """The key of one partner legal entity, which no repr shows.

    Args:
        value: The key itself.
    """

    value: str = field(repr=False)

    @classmethod
    def of(cls, key: str | SecretValue) -> "ApiKey":
        """Return the key, whichever way it is wrapped.

        Raises:
            ValueError: If it is empty, or cannot be the value of a header.
        """
        wrapped = cls(key if isinstance(key, str) else key.get_secret_value())
        if not _fits_header(wrapped.value):
            raise ValueError("The API key must be printable ASCII without blanks around it, and not empty.")
        return wrapped

    def get_secret_value(self) -> str:
        """Return the key itself."""
        return self.value

    def hide_in(self, text: str) -> str:
        """Return the text without the key, should a server echo it."""
        return text.replace(self.value, "[the key]")


def _fits_header(value: str) -> bool:
    return bool(value) and value.isascii() and value.isprintable() and value == value.strip()


@dataclass(frozen=True)
class Answer:
    """What came back.

    Args:
        status: HTTP status.
        headers: Headers, looked up without regard to case.
        body: Decompressed body.
        asked_at: When the request was made: what came back is as new as that, or newer.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    asked_at: datetime


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@cache
def user_agent() -> str:
    """Return ``partner-assets/<version>``."""
    try:
        return f"partner-assets/{version('partner-assets')}"
    except PackageNotFoundError:
        return "partner-assets"


class Transport:
    """Sends requests to one host over connections that are kept open; safe to use from many threads.

    Args:
        base_url: Scheme, host and possibly a path in front of every endpoint's.
        key: Sent in the header `X-API-Key`, nowhere else, unless a request brings its own.
        connect_timeout: Seconds for a connection to be made.
        read_timeout: Seconds of silence after which an answer is given up.
        max_answer_bytes: Bound on a decompressed body.
        monotonic: Clock in seconds.
        now: Clock that tells when a request was made.
    """

    def __init__(
        self,
        base_url: str,
        *,
        key: ApiKey,
        connect_timeout: float,
        read_timeout: float,
        max_answer_bytes: int,
        monotonic: Callable[[], float],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("The base URL must look like https://apigw-prd.3ds.com, without query or fragment.")
        if parts.username or parts.password:
            raise ValueError("The base URL must not hold a user or a password; the key is all the API asks for.")
        self._patience = _READ_TIMEOUTS_PER_ANSWER * read_timeout
        self._connections = connections(base_url.rstrip("/"), head_seconds=self._patience, monotonic=monotonic)
        self._host = parts.netloc
        self._key = key
        self._timeout = urllib3.Timeout(connect=connect_timeout, read=read_timeout)
        self._max_answer_bytes = max_answer_bytes
        self._monotonic = monotonic
        self._now = now

    def close(self) -> None:
        """Close every idle connection; one in use is closed when its request is done."""
        self._connections.pool.close()

    def exchange(
        self, method: str, target: str, *, body: bytes | None, attempted: str, key: ApiKey | None = None
    ) -> Answer:
        """Send one request and read the whole answer, whatever its status.

        Args:
            method: HTTP method.
            target: Path and query below the base URL.
            body: JSON to send, or None.
            attempted: What we are doing, to open a message with.
            key: Sent instead of the transport's own.

        Raises:
            Unreachable: If there was no connection, or it broke before the headers had come.
            BrokenAnswer: If the body came incomplete or undecodable.
            AnswerTooLarge: If the body is beyond the bound.
        """
        pool, prefix = self._connections.pool, self._connections.prefix
        asked_at = self._now()
        try:
            response = pool.urlopen(
                method,
                prefix + target,
                body=body,
                headers=_headers(key or self._key, has_body=body is not None),
                timeout=self._timeout,
                retries=False,
                redirect=False,
                assert_same_host=False,  # a proxy is another host than the one that it is asked for
                preload_content=False,
            )
            # What was not read to its end closes the connection.
            with response:
                return Answer(response.status, response.headers, self._read(response, attempted), asked_at)
        except (wire.HTTPError, OSError) as error:
            raise self._unreachable(error, attempted) from None
        except BaseException as error:
            # The frames of the libraries below hold the header: whoever prints their variables would print the key.
            error.__context__ = None
            raise error.with_traceback(None) from None

    def _read(self, response: urllib3.BaseHTTPResponse, attempted: str) -> bytes:
        # urllib3 itself refuses a body shorter than its Content-Length (enforce_content_length), here by an HTTPError.
        pieces: list[bytes] = []
        size = 0
        deadline = self._monotonic() + self._patience
        try:
            while piece := response.read1(_CHUNK_BYTES, decode_content=True):
                pieces.append(piece)
                size += len(piece)
                if size > self._max_answer_bytes:
                    # The error holds on to this frame for as long as it lives, and to the bytes with it.
                    pieces.clear()
                    raise AnswerTooLarge(
                        f"{attempted} brought more than {self._max_answer_bytes:,} bytes, and reading stopped there. "
                        "No answer of the API is that large: look at what stands before it, and report it to the API's support.",
                        status=response.status,
                    )
                if self._monotonic() > deadline:
                    raise BrokenAnswer(f"{attempted} trickled in too slowly, and reading stopped.")
        except (wire.HTTPError, OSError) as error:
            raise BrokenAnswer(
                f"{attempted} answered {response.status}, but the body broke off or cannot be decompressed "
                f"({type(error).__name__}).",
                status=response.status,
            ) from None
        return b"".join(pieces)

    def _unreachable(self, error: Exception, attempted: str) -> Unreachable:
        match error:
            case wire.ConnectTimeoutError():
                reason = f"no connection within {self._timeout.connect_timeout:g} seconds"
            case wire.TimeoutError():
                read = self._timeout.read_timeout
                reason = f"no answer within {read:g} seconds, or no end of its headers within {self._patience:g}"
            case wire.SSLError():
                reason = "the certificate was not accepted, or TLS failed"
            case wire.ProxyError():
                reason = "the proxy did not let us through"
            case _:
                reason = "no connection, or the connection broke"
        return Unreachable(
            f"{attempted} failed: {reason} ({type(error).__name__}). Check the network and the address {self._host}."
        )


def _headers(key: ApiKey, *, has_body: bool) -> dict[str, str]:
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        "User-Agent": user_agent(),
        "X-API-Key": key.value,
    }
    return {**headers, "Content-Type": "application/json"} if has_body else headers
