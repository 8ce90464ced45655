"""Starting and stopping a sandbox: as an application, in a thread for tests, or in the foreground for the command line.

Not here: what it answers (`endpoints.py`), and the command line itself.
"""

import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Self

import requests
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from partner_assets.sandbox.config import SandboxConfig, new_api_key
from partner_assets.sandbox.control import Control
from partner_assets.sandbox.endpoints import Endpoints
from partner_assets.sandbox.envelope import NO_ROUTE, gateway_message, json_bytes
from partner_assets.sandbox.exchange import OpenProtocol
from partner_assets.sandbox.fault_plans import Plan
from partner_assets.sandbox.faults import Faults
from partner_assets.sandbox.gateway import CONTROL_PATH, Gateway, Manners, guarded
from partner_assets.sandbox.keys import KeyRing
from partner_assets.sandbox.quota import Quota
from partner_assets.sandbox.statistics import Statistics
from partner_assets.sandbox.truth import truth_routes
from partner_assets.sandbox.world import World

__all__ = ["RunningSandbox", "SandboxConfig", "create_app", "new_api_key", "run"]

LOOPBACK = "127.0.0.1"
_START_SECONDS = 15


def create_app(config: SandboxConfig) -> Starlette:
    """Build a sandbox as an ASGI application; its world is at `app.state.world`."""
    world, keys = World(config), KeyRing(config.api_keys)
    quota, statistics = Quota(config.rate, config.rate_window), Statistics()
    manners = Manners(config.latency_ms, config.retry_after)
    api = Endpoints(world, keys, config).routes()
    faults = Faults(config.seed, {(method, path): name for name, method, path, _ in api})
    faults.add([Plan(name, rate) for name, rate in config.faults.items()])
    control = Control(world, keys, quota, statistics, manners, faults)
    app = Starlette(
        routes=[
            *(
                Route(path, guarded(name, endpoint), methods=[method], name=name)
                for name, method, path, endpoint in api
            ),
            *control.routes(),
            *truth_routes(world),
        ],
        middleware=[Middleware(Gateway, keys=keys, quota=quota, statistics=statistics, manners=manners, faults=faults)],
        exception_handlers={404: _no_route, 405: _no_route},
    )
    app.router.redirect_slashes = False
    app.state.world = world
    app.state.control = control
    return app


async def _no_route(request: Request, exc: Exception) -> Response:
    return gateway_message(NO_ROUTE, 404)


def _bound_socket(host: str, port: int, *, listens: bool = True) -> socket.socket:
    if host != LOOPBACK:
        raise ValueError(f"The sandbox only listens on {LOOPBACK}, not on {host}: anyone there could change its data.")
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        if listens:
            listener.listen(512)
    except OSError:
        listener.close()
        raise
    return listener


class _Server(uvicorn.Server):
    """A server that ends quietly on SIGINT and SIGTERM: uvicorn's own raises the signal again when all is done."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="uvloop",
                http=OpenProtocol,
                ws="none",
                lifespan="off",
                log_level="warning",
                access_log=False,
                server_header=False,
                backlog=512,
                timeout_graceful_shutdown=1,
            )
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Turn the two signals into an ordinary end while the server runs in the main thread."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {sig: signal.signal(sig, self._end) for sig in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for sig, handler in before.items():
                signal.signal(sig, handler)

    def _end(self, sig: int, frame: FrameType | None) -> None:
        self.should_exit = True


class RunningSandbox:
    """A sandbox in a thread of this process, for the length of a `with` block.

    Args:
        config: How it behaves.
        port: Where it listens; 0 takes any free port.

    Attributes:
        world: Its data, for the truth; `world.overlay` and `world.catalogue` hold what was changed.
        commands: What the control endpoint does; only to be called while nobody listens, which `control` needs.
    """

    def __init__(self, config: SandboxConfig, port: int = 0) -> None:
        self._app = create_app(config)
        self.world: World = self._app.state.world
        self.commands: Control = self._app.state.control
        self._config = config
        self._wanted_port = port
        self._server: _Server | None = None
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port it listens on.

        Raises:
            RuntimeError: Outside the `with` block.
        """
        if self._socket is None:
            raise RuntimeError("The sandbox is not running: use it in a `with` block.")
        return int(self._socket.getsockname()[1])

    @property
    def base_url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def api_key(self) -> str:
        """The first key that it accepts."""
        return self._config.api_keys[0]

    def control(self, path: str, **json: object) -> dict[str, object]:
        """Post to the control endpoint, for example ``control("orders/change", count=3)``.

        Raises:
            ValueError: If the control endpoint refuses, with its words.
        """
        answer = requests.post(f"{self.base_url}{CONTROL_PATH}{path}", data=json_bytes(json), timeout=30)
        content: dict[str, object] = answer.json()
        if not answer.ok:
            raise ValueError(f"The sandbox refused {path}: {content.get('message')}")
        return content

    def stats(self) -> dict[str, object]:
        """Return the counts since the last reset."""
        content: dict[str, object] = requests.get(f"{self.base_url}{CONTROL_PATH}stats", timeout=30).json()
        return content

    def go_down(self) -> None:
        """Stop listening: connections are refused until `come_back`. The world and the counts stay as they are."""
        port = self.port
        self._stop()
        # Held without being listened on, or any program might be given the port meanwhile.
        self._socket = _bound_socket(LOOPBACK, port, listens=False)

    def come_back(self) -> None:
        """Listen again, on the same port."""
        port = self.port
        self._stop()
        self._start(port)

    def __enter__(self) -> Self:
        self._start(self._wanted_port)
        return self

    def _start(self, port: int) -> None:
        self._socket = _bound_socket(LOOPBACK, port)
        self._server = server = _Server(self._app)
        self._thread = threading.Thread(
            target=server.run, kwargs={"sockets": [self._socket]}, name="partner-api-sandbox", daemon=True
        )
        self._thread.start()
        deadline = time.monotonic() + _START_SECONDS
        while not server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("The sandbox did not start.")
            time.sleep(0.005)

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()
            self._thread = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def run(config: SandboxConfig, port: int, host: str = LOOPBACK) -> None:
    """Serve until SIGINT or SIGTERM, then return.

    Args:
        config: How the sandbox behaves.
        port: Where it listens; 0 takes any free port, told in the line that is printed.
        host: Must be 127.0.0.1.

    Raises:
        ValueError: If the host is any other.
        OSError: If the port is taken.
    """
    with _bound_socket(host, port) as listener:
        address = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        sys.stdout.write(f"Partner API sandbox on {address}: stop it with Ctrl+C\n")
        sys.stdout.flush()
        _Server(create_app(config)).run(sockets=[listener])
