"""One request over the wire and the bytes that come back.

Here: connections, the key header, timeouts, the bound on size, and failures below HTTP. Not here: what an answer means
(`answers.py`), when to send (`pacing.py`) and whether to send again (`retry.py`).
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from partner_assets.api.errors import AnswerTooLarge, BrokenAnswer, Unreachable
from partner_assets.api.slow_heads import SlowHeadsAdapter

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
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@cache
def user_agent() -> str:
    """Return ``partner-assets/<version>``."""
    try:
        return f"partner-assets/{version('partner-assets')}"
    except PackageNotFoundError:
        return "partner-assets"


class Transport:
    """Sends requests to one host over connections that are kept open.

    A session is used by one thread at a time and goes back to a pile when its request is done, so that there are never
    more sessions than requests at once, whatever threads come and go.

    Args:
        base_url: Scheme, host and possibly a path in front of every endpoint's.
        key: Sent in the header `X-API-Key`, nowhere else, unless a request brings its own.
        connect_timeout: Seconds for a connection to be made.
        read_timeout: Seconds of silence after which an answer is given up.
        max_answer_bytes: Bound on a decompressed body.
        monotonic: Clock in seconds.
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
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("The base URL must look like https://apigw-prd.3ds.com, without query or fragment.")
        if parts.username or parts.password:
            raise ValueError("The base URL must not hold a user or a password; the key is all the API asks for.")
        self._base_url = base_url.rstrip("/")
        self._host = parts.netloc
        self._key = key
        self._timeout = (connect_timeout, read_timeout)
        self._max_answer_bytes = max_answer_bytes
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._idle: list[requests.Session] = []
        self._is_closed = False

    def close(self) -> None:
        """Close every idle connection; one in use is closed when its request is done."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for session in idle:
            session.close()

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
        session = self._take_session()
        session.headers["X-API-Key"] = (key or self._key).value
        try:
            response = session.request(
                method,
                self._base_url + target,
                data=body,
                headers={} if body is None else {"Content-Type": "application/json"},
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            )
            with response:
                answer = Answer(response.status_code, response.headers, self._read(response, attempted))
        except (requests.RequestException, HTTPError, OSError) as error:
            session.close()
            raise self._unreachable(error, attempted) from None
        except BaseException as error:
            session.close()
            # The frames of the libraries below hold the header: whoever prints their variables would print the key.
            error.__context__ = None
            raise error.with_traceback(None) from None
        self._give_back(session)
        return answer

    def _read(self, response: requests.Response, attempted: str) -> bytes:
        # urllib3 itself refuses a body shorter than its Content-Length (enforce_content_length), here by HTTPError.
        pieces: list[bytes] = []
        size = 0
        deadline = self._monotonic() + _READ_TIMEOUTS_PER_ANSWER * self._timeout[1]
        try:
            while piece := response.raw.read1(_CHUNK_BYTES, decode_content=True):
                pieces.append(piece)
                size += len(piece)
                if size > self._max_answer_bytes:
                    # The error holds on to this frame for as long as it lives, and to the bytes with it.
                    pieces.clear()
                    raise AnswerTooLarge(
                        f"{attempted} brought more than {self._max_answer_bytes:,} bytes, and reading stopped there. "
                        "No answer of the API is that large: look at what stands before it, and report it to the API's support.",
                        status=response.status_code,
                    )
                if self._monotonic() > deadline:
                    raise BrokenAnswer(f"{attempted} trickled in too slowly, and reading stopped.")
        except (HTTPError, OSError) as error:
            raise BrokenAnswer(
                f"{attempted} answered {response.status_code}, but the body broke off or cannot be decompressed "
                f"({type(error).__name__}).",
                status=response.status_code,
            ) from None
        return b"".join(pieces)

    def _unreachable(self, error: Exception, attempted: str) -> Unreachable:
        connect, read = self._timeout
        match error:
            case requests.ConnectTimeout():
                reason = f"no connection within {connect:g} seconds"
            case requests.Timeout():
                whole = _READ_TIMEOUTS_PER_ANSWER * read
                reason = f"no answer within {read:g} seconds, or no end of its headers within {whole:g}"
            case requests.exceptions.SSLError():
                reason = "the certificate was not accepted, or TLS failed"
            case requests.exceptions.ProxyError():
                reason = "the proxy did not let us through"
            case _:
                reason = "no connection, or the connection broke"
        return Unreachable(
            f"{attempted} failed: {reason} ({type(error).__name__}). Check the network and the address {self._host}."
        )

    def _take_session(self) -> requests.Session:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return self._new_session()

    def _give_back(self, session: requests.Session) -> None:
        with self._lock:
            if not self._is_closed:
                self._idle.append(session)
                return
        session.close()

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        # Proxy and certificates from the environment as everywhere, but read once; then no .netrc can add a password.
        environment = session.merge_environment_settings(self._base_url, {}, None, None, None)
        session.trust_env = False
        session.proxies = environment["proxies"]
        session.verify = environment["verify"]
        patience = _READ_TIMEOUTS_PER_ANSWER * self._timeout[1]
        adapter = SlowHeadsAdapter(
            patience, monotonic=self._monotonic, pool_connections=1, pool_maxsize=1, max_retries=0
        )
        session.mount(self._base_url, adapter)
        session.headers.clear()
        session.headers.update(
            {
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
                "User-Agent": user_agent(),
            }
        )
        return session
