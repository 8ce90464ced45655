"""Using up a quota without exceeding it, on a clock that only sleeping moves, and once with real threads."""

import math
import random
import threading
import time
from collections.abc import Callable

import pytest

from partner_assets.api.hints import Quota, read_quota, read_retry_after
from partner_assets.api.pacing import Pacer
from partner_assets.api.waiting import Waiting
from partner_assets_tests.api.fake_time import FakeTime


class Window:
    """A quota per fixed window, as a gateway keeps it."""

    def __init__(self, limit: int, seconds: float, *, rounding: Callable[[float], int] = math.ceil) -> None:
        self.limit, self.seconds, self.rounding = limit, seconds, rounding
        self.window = -1
        self.used = 0
        self.rejected = 0
        self.accepted = 0

    def hit(self, now: float) -> tuple[int, dict[str, str]]:
        """Count a request, and return status and headers."""
        window = math.floor(now / self.seconds)
        if window != self.window:
            self.window, self.used = window, 0
        status = 200 if self.used < self.limit else 429
        self.used += status == 200
        self.accepted += status == 200
        self.rejected += status == 429
        return status, {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.limit - self.used),
            "X-RateLimit-Reset": str(self.rounding((window + 1) * self.seconds - now)),
        }


def pacer(clock: FakeTime) -> tuple[Pacer, Waiting]:
    """Return a pacer on a fake clock."""
    return Pacer(monotonic=clock.monotonic, random=lambda: 0.5), Waiting(clock.sleep)


def test_one_thread_spends_the_whole_quota_and_is_never_rejected() -> None:
    """Guards against the 326 rejections that a plain script collected on the same quota."""
    clock, server = FakeTime(), Window(60, 30)
    pace, waiting = pacer(clock)
    for _ in range(240):
        ticket = pace.take(waiting)
        clock.sleep(0.05)
        status, headers = server.hit(clock.now)
        pace.give_back(ticket, status=status, headers=headers)
    assert server.rejected == 0
    assert clock.slept < 4 * 30 + 2


def test_a_server_that_rounds_its_reset_down_rejects_once_at_most() -> None:
    """Guards against a request in the last second of every window that was announced as over."""
    clock, server = FakeTime(), Window(10, 7.5, rounding=math.floor)
    pace, waiting = pacer(clock)
    for _ in range(80):
        ticket = pace.take(waiting)
        clock.sleep(0.05)
        status, headers = server.hit(clock.now)
        pace.give_back(ticket, status=status, headers=headers)
    assert server.rejected <= 1


def test_sixteen_threads_use_the_quota_and_are_hardly_ever_rejected() -> None:
    """Guards against threads that each believe the last free request to be theirs."""
    limit, seconds, windows = 40, 1.0, 4
    server, lock, stop = Window(limit, seconds), threading.Lock(), threading.Event()
    pace, waiting = Pacer(monotonic=time.monotonic, random=random.random), Waiting(time.sleep)

    def work() -> None:
        while not stop.is_set():
            ticket = pace.take(waiting)
            time.sleep(0.01)
            with lock:
                status, headers = server.hit(time.monotonic())
            time.sleep(0.01)
            pace.give_back(ticket, status=status, headers=headers)

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    time.sleep(windows * seconds)
    stop.set()
    for thread in threads:
        thread.join()
    assert server.accepted >= 0.97 * limit * (windows - 1)
    assert server.rejected <= max(1, 0.01 * server.accepted)


def test_a_neighbour_on_the_same_quota_is_believed() -> None:
    """Guards against counting only our own requests."""
    clock, server = FakeTime(), Window(60, 30)
    pace, waiting = pacer(clock)
    for _ in range(100):
        ticket = pace.take(waiting)
        server.hit(clock.now)
        clock.sleep(0.05)
        status, headers = server.hit(clock.now)
        pace.give_back(ticket, status=status, headers=headers)
    ours_rejected = server.rejected
    assert ours_rejected <= 8


def test_the_last_part_of_a_quota_is_spread_over_the_window() -> None:
    """Guards against leaving nothing to the partner's other programs until the reset."""
    clock, server = FakeTime(), Window(100, 20)
    pace, waiting = pacer(clock)
    for _ in range(99):
        ticket = pace.take(waiting)
        status, headers = server.hit(clock.now)
        pace.give_back(ticket, status=status, headers=headers)
    assert 5 < clock.slept < 20


def test_without_headers_nothing_is_slowed_down() -> None:
    """Guards against waiting for a word that never comes."""
    clock = FakeTime()
    pace, waiting = pacer(clock)
    for _ in range(100):
        pace.give_back(pace.take(waiting), status=200, headers={})
    assert clock.slept == 0
    assert pace.quota() is None


def test_rejections_without_a_hint_make_it_wait_longer_and_longer() -> None:
    """Guards against hammering a gateway that only says 429."""
    clock = FakeTime()
    pace, waiting = pacer(clock)
    pauses = []
    for _ in range(10):
        before = clock.slept
        ticket = pace.take(waiting)
        pauses.append(clock.slept - before)
        pace.give_back(ticket, status=429, headers={})
    assert pauses[1] < pauses[3] < pauses[6]
    assert max(pauses) < 62


@pytest.mark.parametrize("reset", ["-5", "1763800000", "soon", "", "nan", "inf", "1e3", "١٢"])
def test_absurd_numbers_are_as_good_as_none(reset: str) -> None:
    """Guards against sleeping until an epoch, or for NaN seconds."""
    clock = FakeTime()
    pace, waiting = pacer(clock)
    headers = {"X-RateLimit-Limit": reset, "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    for _ in range(3):
        pace.give_back(pace.take(waiting), status=200, headers=headers)
    assert clock.slept < 5


def test_before_the_first_answer_one_request_goes_ahead() -> None:
    """Guards against sixteen rejections when the quota was already gone at the start."""
    clock = FakeTime()
    pace, waiting = pacer(clock)
    first = pace.take(waiting)
    pace.take(waiting)
    assert clock.slept >= 1
    pace.give_back(first, status=200, headers={})


def test_the_hints_are_read_in_both_forms() -> None:
    """Guards against a date that is taken for no hint."""
    quota = read_quota({"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "1.5"})
    assert quota == Quota(60, 3, 1.5)
    dated = {"Retry-After": "Tue, 01 Apr 2025 10:00:20 GMT", "Date": "Tue, 01 Apr 2025 10:00:00 GMT"}
    assert read_retry_after(dated) == 20
    assert read_retry_after({"Retry-After": "Tue, 01 Apr 2025 10:00:20 GMT"}) == 0
    assert read_retry_after({"Retry-After": "12"}) == 12
    assert read_retry_after({"Retry-After": "soon"}) is None
    assert read_retry_after({}) is None
