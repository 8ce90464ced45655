"""A real HTTP server on port 0 whose answers a test writes down beforehand.

Here: raw sockets, so that an answer can be cut short, stalled or reset, and a record of what was asked. Not here: the
behaviour of the Partner API, which `partner_assets/sandbox/` has.
"""

import gzip
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    """A request as it arrived; header names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """Path without the query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, int]:
        """The numbers in the query."""
        return {name: int(values[0]) for name, values in parse_qs(urlsplit(self.target).query).items()}

    def json(self) -> Any:
        """Return the body decoded."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """An answer: bytes or JSON, and what goes wrong with it."""

    status: int = 200
    content: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    declared_length: int | None = None
    is_reset: bool = False
    is_gzipped: bool = False
    is_chunked: bool = False
    delay: float = 0.0

    def encode(self) -> bytes:
        """Return the bytes on the wire."""
        body = self.content if isinstance(self.content, bytes) else json.dumps(self.content).encode()
        headers = {"Content-Type": "application/json", **self.headers}
        if self.is_gzipped:
            body = gzip.compress(body)
            headers["Content-Encoding"] = "gzip"
        if self.is_chunked:
            headers["Transfer-Encoding"] = "chunked"
            # The closing chunk is missing: the answer breaks off.
            body = b"%x\r\n%s\r\n" % (len(body), body)
        else:
            headers["Content-Length"] = str(len(body) if self.declared_length is None else self.declared_length)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"HTTP/1.1 {self.status} Scripted\r\n{lines}\r\n".encode() + body

    @property
    def is_cut(self) -> bool:
        """Whether the connection must be closed after it."""
        return self.is_chunked or self.declared_length is not None


def rows(*records: object, estimated: int | None = None, **reply: Any) -> Reply:
    """Return a successful page."""
    info: dict[str, object] = {"success": True, "statusCode": 200}
    if estimated is not None:
        info["estimatedSearchCount"] = estimated
    return Reply(content={"data": list(records), "info": info}, **reply)


def failed(status: int, kind: str, title: str, *, status_code: int | None = None, detail: str = "no") -> Reply:
    """Return the envelope of a failure."""
    entry = {"type": f"errors:3dx:{kind}", "title": title, "errors": [{"detail": detail, "pointer": "/x"}]}
    info = {"success": False, "statusCode": status if status_code is None else status_code}
    return Reply(status, {"data": [], "info": info, "error": [entry]})


Script = Callable[[Request], Reply]


class ScriptedServer:
    """Answers with the replies in turn, the last one for ever, or with what a function returns."""

    def __init__(self, *replies: Reply, script: Script | None = None) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self.most_at_once = 0
        self._at_once = 0
        self._replies = list(replies)
        self._script = script
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def base_url(self) -> str:
        """Address for a client."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def follow(self, script: Script) -> None:
        """Answer by another script from now on."""
        with self._lock:
            self._script = script

    def __enter__(self) -> "ScriptedServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        with self._lock:
            for connection in self._open:
                connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self.connections += 1
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as stream:
                while (request := _read(stream)) is not None:
                    if not self._answer(connection, request):
                        return
        except OSError:
            return
        finally:
            with self._lock:
                self._open.discard(connection)

    def _answer(self, connection: socket.socket, request: Request) -> bool:
        with self._lock:
            self.requests.append(request)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            reply = self._next(request)
        try:
            time.sleep(reply.delay)
            if reply.is_reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
        finally:
            with self._lock:
                self._at_once -= 1
        connection.sendall(reply.encode())
        return not reply.is_cut

    def _next(self, request: Request) -> Reply:
        if self._script is not None:
            return self._script(request)
        return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]


def _read(stream: Any) -> Request | None:
    line = stream.readline().decode("latin-1")
    if not line.strip():
        return None
    method, target, _ = line.split(" ", 2)
    headers: dict[str, str] = {}
    while (text := stream.readline().decode("latin-1").strip()) != "":
        name, _, value = text.partition(":")
        headers[name.strip().lower()] = value.strip()
    return Request(method, target, headers, stream.read(int(headers.get("content-length", 0))))
