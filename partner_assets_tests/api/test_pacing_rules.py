"""What several clients make of one quota that they share, in simulated time.

Not here: a client's own threads (`test_pacing.py`), the file they share (`test_pacing_file.py`), and real processes
(`quota/test_across_processes.py`).
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partner_assets.api.hints import Quota
from partner_assets.api.pacing_lessons import Told, learn
from partner_assets.api.pacing_rules import ask
from partner_assets.api.pacing_state import PRESENT_SECONDS, QuotaState
from partner_assets_tests.api.quota_simulation import Client, Gateway, Simulation, Ways

FOUR = [Client()] * 4


@pytest.mark.parametrize(("limit", "seconds"), [(50, 1), (200, 1), (20, 1), (100, 4), (1000, 60)])
def test_four_clients_use_a_quota_up_and_are_not_rejected(limit: int, seconds: float) -> None:
    """Guards against processes that each believe the quota to be theirs: half of it unused, every tenth answer a 429."""
    played = Simulation(Gateway(limit, seconds), FOUR).run(20.5 * seconds)
    assert played.gateway.used >= 0.97
    assert played.rejected_share < 0.005
    assert played.fairness > 0.9


@pytest.mark.parametrize(
    "ways", [Ways(back=0.05), Ways(there=0.05), Ways(varies=0.03), Ways(0.02, 0.05, 0.02)], ids=str
)
def test_slow_and_wayward_networks_cost_little_of_it(ways: Ways) -> None:
    """Guards against windows that open too late, by half the time of an answer each, or too early, for a rejection each."""
    played = Simulation(Gateway(50, 1), FOUR, ways=ways).run(60.5)
    assert played.gateway.used >= 0.95
    assert played.rejected_share < 0.01


@settings(max_examples=25)
@given(
    limit=st.integers(20, 300),
    seconds=st.sampled_from([1, 2, 5, 30]),
    threads=st.lists(st.integers(1, 12), min_size=1, max_size=5),
    ways=st.builds(Ways, there=st.floats(0, 0.04), back=st.floats(0, 0.04), varies=st.floats(0, 0.01)),
    seed=st.integers(0, 1000),
)
def test_whatever_the_quota_and_the_clients_rejections_are_rare(
    limit: int, seconds: int, threads: list[int], ways: Ways, seed: int
) -> None:
    """Guards against rules that fit the quota of one benchmark."""
    played = Simulation(Gateway(limit, seconds), [Client(each) for each in threads], ways=ways, seed=seed)
    played.run(8.5 * seconds)
    assert played.rejected_share <= 0.01
    # What so many threads can ask for at all, each waiting for its answers.
    capacity = sum(threads) / (ways.there + ways.back + ways.varies + 0.002)
    if capacity > 2 * limit / seconds:
        assert played.gateway.used >= 0.9
        assert played.fairness >= 0.5 / max(threads) if len(set(threads)) > 1 else played.fairness >= 0.6


@pytest.mark.parametrize(("limit", "seconds"), [(50, 1), (600, 60)])
def test_a_client_with_one_thread_does_not_starve_beside_sixteen(limit: int, seconds: float) -> None:
    """Guards against a sensor's tick that waits for a whole window behind the runs: it has a minute in all."""
    played = Simulation(Gateway(limit, seconds), [Client(1), Client(16)]).run(20.5 * seconds)
    assert played.fairness > 0.6
    assert played.gateway.used >= 0.97


def test_what_a_client_does_not_want_goes_to_the_others() -> None:
    """Guards against a share that is kept for a client too slow to spend it."""
    played = Simulation(Gateway(50, 1), [Client(1), Client(16)], ways=Ways(0.05, 0.05)).run(20.5)
    assert len(played.admitted[0]) < 0.3 * len(played.admitted[1])
    assert played.gateway.used >= 0.95


def test_who_comes_into_a_spent_window_is_next() -> None:
    """Guards against a newcomer that finds every window spent before it was asked."""
    played = Simulation(Gateway(600, 60), [Client(8), Client(8), Client(1, begins=30.0)]).run(70)
    assert played.waited[2] < 5


def test_a_neighbour_that_takes_half_of_every_window_unseen_is_believed() -> None:
    """Guards against counting our own requests only."""
    played = Simulation(Gateway(50, 1), FOUR, neighbour=25).run(60.5)
    assert played.rejected_share < 0.01
    assert sum(map(len, played.admitted)) >= 0.95 * 25 * 60
    assert played.fairness > 0.9


def test_a_window_that_was_taken_for_open_too_soon_costs_one_request_and_not_thirty() -> None:
    """Guards against all threads asking at once in the moment that was announced, on a machine that is busy."""
    for seed in range(4):
        played = Simulation(Gateway(200, 1), FOUR, ways=Ways(stalls=0.1), neighbour=100, seed=seed).run(30.5)
        assert played.rejected_share < 0.004


def test_where_others_spend_in_bursts_fewer_requests_are_under_way() -> None:
    """Guards against thirty requests on their way into what is left, of which each finds a tenth of the quota just gone."""
    played = Simulation(Gateway(50, 1), FOUR, unseen=0.2).run(60.5)
    assert played.rejected_share < 0.06
    assert played.gateway.used >= 0.97


def test_what_others_have_spent_is_soon_forgotten() -> None:
    """Guards against a quota half unused for ever after a neighbour has gone."""
    played = Simulation(Gateway(50, 1), FOUR, neighbour=45, neighbour_ends=10.0, ways=Ways(back=0.05)).run(30.5)
    late = sum(moment > 14 for moments in played.admitted for moment in moments)
    assert late >= 0.95 * 50 * 16


def test_an_answer_of_the_last_window_says_nothing_about_this_one() -> None:
    """Guards against a whole window that is left unused because a rejection came late."""
    state = QuotaState()
    asked = [ask(state, state.enter(name, 0.0), 0.0) for name in (1,)]
    learn(state, Told(200, Quota(50, 0, 1.0), None), started=0.0, now=0.1, random=lambda: 0.5)
    state.enter(1, 0.1).in_flight = 0
    asked.append(ask(state, state.enter(1, 1.2), 1.2))
    learn(state, Told(200, Quota(50, 49, 1.0), None), started=1.2, now=1.3, random=lambda: 0.5)
    state.enter(1, 1.3).in_flight = 0
    learn(state, Told(429, Quota(50, 0, 1.0), None), started=0.9, now=1.4, random=lambda: 0.5)
    asked.append(ask(state, state.enter(1, 1.4), 1.4))
    assert asked == [0, 0, 0]


def test_clients_that_die_leave_the_quota_to_the_others() -> None:
    """Guards against a quota that shrinks with every process that is killed."""
    victims = [Client(8, begins=float(second), dies=second + 1.02) for second in range(1, 6)]
    played = Simulation(Gateway(50, 1), [*FOUR, *victims]).run(31.5)
    late = sum(moment > 12 for moments in played.admitted for moment in moments)
    assert late >= 0.97 * 50 * 18
    assert played.rejected_share < 0.01


def test_what_a_dead_client_had_under_way_is_forgotten() -> None:
    """Guards against requests that are deducted for ever because nobody is left to take their answers."""
    state = QuotaState()
    ask(state, state.enter(1, 0.0), 0.0)
    learn(state, Told(200, Quota(50, 8, 60.0), None), started=0.0, now=0.1, random=lambda: 0.5)
    state.enter(1, 0.1).in_flight = 8
    assert ask(state, state.enter(2, 1.0), 1.0) > 0
    assert ask(state, state.enter(2, 4.9), 4.9) > 0
    assert ask(state, state.enter(2, 5.2), 5.2) == 0


def test_a_probe_that_dies_holds_up_nobody_for_long() -> None:
    """Guards against everybody waiting for the answer of a process that was killed while it went ahead."""
    state = QuotaState()
    assert ask(state, state.enter(1, 0.0), 0.0) == 0
    assert ask(state, state.enter(2, 0.5), 0.5) > 0
    assert ask(state, state.enter(2, 1.1), 1.1) == 0


def test_who_is_alone_asks_for_itself() -> None:
    """Guards against a run that waits for an hour because of what a file said before the key or the quota was changed."""
    state = QuotaState()
    ask(state, state.enter(1, 100.0), 100.0)
    told = Told(200, Quota(1000, 0, 3600.0), None)
    learn(state, told, started=100.0, now=100.1, random=lambda: 0.5)
    state.enter(1, 100.1).in_flight = 0
    assert ask(state, state.enter(2, 101.0), 101.0) > 3000
    assert ask(state, state.enter(3, 102.0 + PRESENT_SECONDS), 102.0 + PRESENT_SECONDS) == 0


def test_a_clock_put_back_under_a_request_does_not_move_the_window_away() -> None:
    """Guards against an hour's wait for a window that ends in a second."""
    state = QuotaState()
    ask(state, state.enter(1, 5000.0), 5000.0)
    told = Told(200, Quota(50, 0, 1.0), None)
    state.has_opened = True
    learn(state, told, started=5000.0, now=1400.0, random=lambda: 0.5)
    assert state.window_end is not None
    assert state.window_end <= 1401.0


def test_a_full_house_takes_no_more_than_it_can_note() -> None:
    """Guards against a file that grows with every process there ever was."""
    state = QuotaState()
    for name in range(200):
        state.enter(name, 1.0)
    assert len(state.sharers) == 64
    assert state.sharers[-1].name == 199
