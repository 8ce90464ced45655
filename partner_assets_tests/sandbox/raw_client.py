"""A client that takes whatever comes on a connection, byte for byte, and knows how the connection ended.

Not here: anything of HTTP beyond where the head ends and what its lines say.
"""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from partner_assets.sandbox.server import RunningSandbox

Ending = Literal["open", "closed", "reset"]

# Nothing that is on its way on this machine takes so long.
_SILENCE_SECONDS = 0.4


@dataclass
class Heard:
    """What came back.

    Attributes:
        raw: All of it.
        ending: How the connection stood when nothing more came.
        arrivals: How often something arrived.
    """

    raw: bytes = b""
    ending: Ending = "open"
    arrivals: int = 0

    @property
    def status(self) -> int:
        """The status; 0 if none came."""
        return int(self.raw.split(b" ", 2)[1]) if b" " in self.raw else 0

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, by names in lower case."""
        lines = self.raw.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}

    @property
    def body(self) -> bytes:
        """Everything after the head, whatever `Content-Length` says."""
        return self.raw.partition(b"\r\n\r\n")[2]

    @property
    def declared(self) -> int:
        """What `Content-Length` says."""
        return int(self.headers["content-length"])

    def json(self) -> Any:
        """Return the body, decoded."""
        return json.loads(self.body)

    def rows(self) -> list[Any]:
        """Return the rows of a page."""
        rows: list[Any] = self.json()["data"]
        return rows


@dataclass(frozen=True)
class RawClient:
    """Asks a sandbox, each time over a new connection."""

    sandbox: RunningSandbox
    silence: float = field(default=_SILENCE_SECONDS)

    def ask(self, path: str, body: object = None, **headers: str) -> Heard:
        """Ask, by POST if there is a body, and listen until nothing more comes."""
        sent = b"" if body is None else json.dumps(body).encode()
        lines = {
            "Host": "sandbox",
            "X-API-Key": self.sandbox.api_key,
            "Content-Length": str(len(sent)),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        method = "GET" if body is None else "POST"
        heard = Heard()
        pieces = []
        with socket.create_connection(("127.0.0.1", self.sandbox.port), timeout=self.silence) as connection:
            connection.sendall(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + sent)
            try:
                while piece := connection.recv(1 << 20):
                    pieces.append(piece)
                heard.ending = "closed"
            except TimeoutError:
                heard.ending = "open"
            except ConnectionResetError:
                heard.ending = "reset"
        heard.raw, heard.arrivals = b"".join(pieces), len(pieces)
        return heard
