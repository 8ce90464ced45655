"""Starting and stopping: where the sandbox listens, and how it ends."""

import signal
import subprocess
import sys

import pytest
import requests

from partner_assets.sandbox.server import RunningSandbox, SandboxConfig, new_api_key, run

PROGRAM = "from partner_assets.sandbox.server import SandboxConfig, run; run(SandboxConfig(), 0)"


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly_after_one_friendly_line(sig: signal.Signals) -> None:
    """A demo that ends with a traceback, or an exit code that a supervisor takes for a crash, frightens people."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = line.split(" on ")[1].split(": stop")[0]
        assert address.startswith("http://127.0.0.1:")
        assert requests.get(f"{address}/_sandbox/stats", timeout=10).json()["requests"] == 0
        process.send_signal(sig)
        rest, complaints = process.communicate(timeout=15)
        assert (process.returncode, rest, complaints) == (0, "", "")


def test_it_listens_on_loopback_only() -> None:
    """The control endpoint has no key: on any other address, anyone could change the data."""
    with pytest.raises(ValueError, match=r"only listens on 127\.0\.0\.1"):
        run(SandboxConfig(), 0, "0.0.0.0")  # noqa: S104 - the point is that it is refused


def test_two_sandboxes_run_side_by_side_and_leave_no_port_behind() -> None:
    """Tests run in parallel: a fixed port, or one that stays taken, would make them fail at random."""
    with RunningSandbox(SandboxConfig()) as one, RunningSandbox(SandboxConfig()) as other:
        assert one.port != other.port
        port = one.port
    with RunningSandbox(SandboxConfig(), port=port) as again:
        assert again.port == port
        assert again.stats()["requests"] == 0
    with pytest.raises(RuntimeError, match="not running"):
        _ = again.base_url


def test_one_that_goes_down_refuses_connections_and_comes_back_as_it_was() -> None:
    """Guards against outages in tests that are none, and against a world that is another one afterwards."""
    with RunningSandbox(SandboxConfig()) as sandbox:
        address, added = sandbox.base_url, sandbox.control("orders/add")["ids"]
        assert requests.get(f"{address}/_sandbox/stats", timeout=10).json()["orders"]["added"] == 1
        sandbox.go_down()
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{address}/_sandbox/stats", timeout=10)
        removed = sandbox.commands.remove_orders({"ids": added})
        sandbox.come_back()
        assert sandbox.base_url == address
        assert (sandbox.stats()["orders"], removed) == ({"added": 1, "changed": 0, "removed": 1}, {"ids": added})
    with RunningSandbox(SandboxConfig()) as sandbox:
        sandbox.go_down()


def test_it_remembers_which_versions_it_gave_if_it_is_told_to() -> None:
    """Guards against a soak that asks for versions that nobody was given, and a demo whose memory grows for ever."""
    key = new_api_key()
    for keeps in (True, False):
        with RunningSandbox(SandboxConfig(keeps_given=keeps, api_keys=(key,))) as sandbox:
            (order,) = list(sandbox.control("orders/add")["ids"])  # type: ignore[call-overload] # a list of ids
            for asked in (order, "PO_0000000000"):
                address = f"{sandbox.base_url}/order/api4partners/v1/orders/{asked}"
                answer = requests.get(address, headers={"X-API-Key": key}, timeout=10).json()
            assert answer["data"] == []
            told = (sandbox.world.order(order) or {})["lastUpdateDateTime"]
            given = [(one.order_id, one.last_update) for one in sandbox.world.given.all]
            assert given == ([(order, told)] if keeps else [])


def test_a_configuration_shows_no_key() -> None:
    """Configurations end up in logs."""
    key = new_api_key()
    assert key not in repr(SandboxConfig(api_keys=(key,)))
    assert len(key) == 64


@pytest.mark.parametrize("wrong", [{"days": 0}, {"orders_per_day": -1}, {"page_cap": 0}, {"window_end": "maybe"}])
def test_an_impossible_configuration_is_refused(wrong: dict[str, object]) -> None:
    """A page cap of nothing would page for ever."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SandboxConfig(**wrong)  # type: ignore[arg-type] # wrong on purpose
