"""Proxies of the environment: what every company has, and what a client that reads no environment would pass by."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from partner_assets.api.client import PartnerApi
from partner_assets.api.errors import Unreachable

BEHIND = "partner.example"
"""A host that only a proxy could reach."""


@contextmanager
def a_proxy() -> Iterator[tuple[str, list[str]]]:
    """Run a proxy that answers by itself and lets no tunnel through; yield its address, and what it was asked for."""
    asked: list[str] = []

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"GET {self.path}")
            body = json.dumps({"success": True, "data": [{"transaction": {"id": "PO_1"}}]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_CONNECT(self) -> None:
            asked.append(f"CONNECT {self.path}")
            self.send_error(403)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("scheme", ["", "http://"])
def test_requests_go_through_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    """Guards against a client that does not work in a network where everything goes through a proxy."""
    with a_proxy() as (address, asked):
        monkeypatch.setenv("HTTP_PROXY", scheme + address)
        with PartnerApi(f"http://{BEHIND}", "k" * 64) as api:
            assert api.order_details("PO_1").record["transaction"]["id"] == "PO_1"
    assert asked == [f"GET http://{BEHIND}/order/api4partners/v1/orders/PO_1"]


def test_a_proxy_that_refuses_a_tunnel_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards against an operator who looks for the fault in the API, or in the network."""
    with a_proxy() as (address, asked):
        monkeypatch.setenv("HTTPS_PROXY", f"http://{address}")
        with (
            PartnerApi(f"https://{BEHIND}", "k" * 64, attempts=1) as api,
            pytest.raises(Unreachable, match="the proxy did not let us through"),
        ):
            api.order_details("PO_1")
    assert asked == [f"CONNECT {BEHIND}:443"]


def test_a_host_that_needs_no_proxy_is_asked_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards against requests to loopback that go to a proxy elsewhere."""
    with a_proxy() as (address, asked), a_proxy() as (proxy, passed):
        monkeypatch.setenv("HTTP_PROXY", f"http://{proxy}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with PartnerApi(f"http://{address}/below", "k" * 64) as api:
            api.order_details("PO_1")
    assert asked == ["GET /below/order/api4partners/v1/orders/PO_1"]
    assert not passed


def test_certificates_of_the_environment_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards against a company's own certificates that are passed by: here they are a file that is not there."""
    with a_proxy() as (address, asked):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
        with (
            PartnerApi(f"https://{address}", "k" * 64, attempts=1) as api,
            pytest.raises(Unreachable, match="the certificate was not accepted, or TLS failed"),
        ):
            api.order_details("PO_1")
    assert not asked
