"""Answers that come a few bytes at a time: never silent for as long as the read timeout, and never at an end."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from partner_assets.api.client import PartnerApi
from partner_assets.api.errors import BrokenAnswer, PartnerApiError, Unreachable
from partner_assets_tests.api.fake_time import KEY

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2000\r\n"
READ_TIMEOUT = 0.1


class Trickle:
    """A server that sends the start of an answer at once, and from then on a byte now and then, without end."""

    def __init__(self, start: bytes) -> None:
        self._start = start
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.was_left = threading.Event()

    def serve(self) -> None:
        """Serve one client until it hangs up."""
        connection, _ = self._listener.accept()
        with connection:
            connection.recv(10_000)
            connection.sendall(self._start)
            while True:
                try:
                    connection.sendall(b"x")
                except OSError:
                    self.was_left.set()
                    return
                time.sleep(READ_TIMEOUT / 4)

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()


@contextmanager
def trickling(start: bytes) -> Iterator[Trickle]:
    """A server that trickles, in a thread."""
    server = Trickle(start)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        thread.join(timeout=10)
        server.close()


@pytest.mark.parametrize(
    ("start", "kind", "words"),
    [
        (b"HTTP/1.1 2", Unreachable, "no end of its headers within 1 "),
        (HEAD + b"X-Endless: ", Unreachable, "no end of its headers within 1 "),
        (HEAD + b"\r\n", BrokenAnswer, "trickled in too slowly"),
    ],
    ids=["status line", "header", "body"],
)
def test_an_answer_that_trickles_in_is_given_up(start: bytes, kind: type[PartnerApiError], words: str) -> None:
    """Guards against a thread that waits for a server's next byte until the process ends, and a run that hangs with it."""
    with trickling(start) as server:
        with (
            PartnerApi(server.base_url, KEY, read_timeout=READ_TIMEOUT, attempts=1) as api,
            pytest.raises(kind) as told,
        ):
            list(api.price_lists())
        assert words in str(told.value)
        assert server.was_left.wait(10)
