"""Orders one by one and many at once."""

import itertools
import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from partner_assets.api import errors
from partner_assets.api.documents import OrderDocument
from partner_assets_tests.api.fake_time import KEY, FakeTime, client
from partner_assets_tests.api.scripted_server import Reply, Request, ScriptedServer, failed, rows


def echo(request: Request) -> Reply:
    """Answer every order with its own id, the even ones a little later."""
    number = request.path.rpartition("/")[2]
    return rows({"transaction": {"id": number}}, delay=0.01 * (number[-1] in "02468"))


def test_the_text_of_a_document_is_the_one_received() -> None:
    """Guards against a raw archive that was decoded, rounded and written anew."""
    text = '{ "b" : 1930.0000000000002,\n "a":12345678901234567890.10, "n":"示例公司", "e":1e2, "u":"\\u00e9" }'
    body = f'{{"info":{{"success":true}},"data":[ {text} ]}}'.encode()
    with ScriptedServer(Reply(content=body)) as server, client(server.base_url) as api:
        document = api.order_details("PO_A1")
    assert document.text == text
    assert document.record["b"] == Decimal("1930.0000000000002")
    assert str(document.record["a"]) == "12345678901234567890.10"
    assert (document.transaction_id, document.api_version) == ("PO_A1", "v1")


def test_a_gzipped_answer_is_read() -> None:
    """Guards against bodies five times as large as they need be."""
    with ScriptedServer(rows({"a": 1}, is_gzipped=True)) as server, client(server.base_url) as api:
        assert api.order_details("PO_A1").record == {"a": 1}


def test_an_order_was_asked_for_when_the_request_was_made_that_was_answered() -> None:
    """Guards against a document that seems older than it is, because its first request met a server that was busy."""
    time, start = FakeTime(), datetime(2026, 3, 5, tzinfo=UTC)
    busy = failed(503, "internalServerError", "Busy")

    def now() -> datetime:
        return start + timedelta(seconds=time.monotonic())

    missing = failed(404, "resourceNotFound", "Not found")
    with ScriptedServer(busy, busy, rows({}), busy, missing) as server, client(server.base_url, time, now=now) as api:
        before = now()
        document = api.order_details("PO_1")
        assert before < document.asked_at == now()
        [(_, answer)] = api.order_details_many(["PO_2"])
        assert isinstance(answer, errors.NotFound)
        assert document.asked_at < now() == answer.asked_at


def test_an_id_is_quoted_in_the_path() -> None:
    """Guards against an id that reaches another endpoint."""
    with ScriptedServer(rows({})) as server, client(server.base_url) as api:
        api.order_details("PO/../x?y=%1 ü")
        assert server.requests[0].target == "/order/api4partners/v1/orders/PO%2F..%2Fx%3Fy%3D%251%20%C3%BC"
        for number in ("", ".", ".."):
            with pytest.raises(ValueError, match="cannot have the id"):
                api.order_details(number)
        assert len(server.requests) == 1


def test_the_old_version_asks_the_old_paths() -> None:
    """Guards against names where codes are expected."""
    with ScriptedServer(rows({})) as server, client(server.base_url, version="v0") as api:
        assert api.order_details("PO_1").api_version == "v0"
        assert server.requests[0].path == "/order/api4partners/v0/orders/PO_1"


@pytest.mark.parametrize("reply", [rows(), rows({"a": 1}, {"b": 2})])
def test_a_success_that_is_not_one_order_is_broken(reply: Reply) -> None:
    """Guards against an empty success that is taken for an order that does not exist."""
    with (
        ScriptedServer(reply) as server,
        client(server.base_url, attempts=2) as api,
        pytest.raises(errors.BrokenAnswer, match="should hold one order"),
    ):
        api.order_details("PO_1")


def test_results_come_in_the_order_asked() -> None:
    """Guards against results that are matched to the wrong order."""
    numbers = [f"PO_{i}" for i in range(60)]
    with ScriptedServer(script=echo) as server, client(server.base_url) as api:
        results = list(api.order_details_many(numbers))
    assert [number for number, _ in results] == numbers
    assert all(isinstance(d, OrderDocument) and d.record["transaction"]["id"] == n for n, d in results)


def test_at_most_as_many_requests_at_once_as_allowed_and_few_connections() -> None:
    """Guards against a storm of connections, and against a new TLS handshake per request."""
    with ScriptedServer(script=echo) as server, client(server.base_url, concurrency=4) as api:
        for _ in range(3):
            list(api.order_details_many(f"PO_{i}" for i in range(40)))
        assert len(server.requests) == 120
        assert 2 <= server.most_at_once <= 4
        assert server.connections <= 4
        assert api.counts().requests == {"order_details": 120}
        assert api.counts().statuses == {200: 120}


def test_ids_are_taken_only_as_room_appears() -> None:
    """Guards against memory that grows with a million ids."""
    taken = itertools.count()
    with ScriptedServer(script=echo) as server, client(server.base_url, concurrency=3) as api:
        results = api.order_details_many(f"PO_{next(taken)}" for _ in itertools.repeat(None))
        for _ in range(20):
            next(results)
        assert next(taken) <= 20 + 6
        results.close()  # type: ignore[attr-defined] # a generator, declared as the iterator that callers see


def test_a_vanished_order_stands_in_its_place_as_not_found() -> None:
    """Guards against one deleted order that fails a day of them."""

    def script(request: Request) -> Reply:
        return failed(404, "resourceNotFound", "Gone") if request.path.endswith("_2") else echo(request)

    with ScriptedServer(script=script) as server, client(server.base_url) as api:
        results = dict(api.order_details_many(f"PO_{i}" for i in range(5)))
    assert isinstance(results["PO_2"], errors.NotFound)
    assert sum(isinstance(result, OrderDocument) for result in results.values()) == 4


def test_any_other_error_is_raised_and_what_has_not_begun_is_not_begun() -> None:
    """Guards against a thousand requests after the key was refused."""

    def script(request: Request) -> Reply:
        return Reply(403, {"message": "no"}, delay=0.02) if request.path.endswith("_3") else echo(request)

    with ScriptedServer(script=script) as server, client(server.base_url, concurrency=2) as api:
        with pytest.raises(errors.KeyRefused):
            list(api.order_details_many(f"PO_{i}" for i in range(1000)))
        assert len(server.requests) < 12


def test_a_gateway_without_the_path_is_not_a_vanished_order() -> None:
    """Guards against a wrong path that reports every order as deleted."""
    reply = Reply(404, {"message": "no Route matched with those values"})
    with (
        ScriptedServer(reply) as server,
        client(server.base_url) as api,
        pytest.raises(errors.NoRoute, match="PARTNER_API_PATH_ORDER_DETAILS"),
    ):
        list(api.order_details_many(["PO_1"]))


def test_a_client_can_be_used_after_a_loop_was_left() -> None:
    """Guards against a stop that outlives the loop it belongs to."""
    with ScriptedServer(script=echo) as server, client(server.base_url) as api:
        for _ in api.order_details_many(f"PO_{i}" for i in range(100)):
            break
        assert api.order_details("PO_7").transaction_id == "PO_7"


def test_ctrl_c_ends_the_process_although_the_server_has_stalled(tmp_path: Path) -> None:
    """Guards against a process that lives on for a minute after Ctrl-C, waiting for its threads."""
    program = f"""
        from partner_assets.api.client import PartnerApi
        import sys
        with PartnerApi(sys.argv[1], {KEY!r}) as api:
            for _ in api.order_details_many(str(i) for i in range(100)): pass
    """
    with ScriptedServer(script=lambda _: rows({}, delay=30)) as server:
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(program), server.base_url],
            stderr=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            env={**os.environ},
        )
        deadline = time.monotonic() + 15
        while not server.requests and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, printed = process.communicate(timeout=5)
    assert b"KeyboardInterrupt" in printed
