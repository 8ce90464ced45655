"""When faults happen: their rates, bounds and places, and that the same seed brings the same ones.

Not here: what they do (`test_faults.py`).
"""

from collections.abc import Iterator

import pytest

from partner_assets.sandbox.fault_plans import PROFILES, Plan, read_plans
from partner_assets.sandbox.faults import Faults
from partner_assets.sandbox.server import RunningSandbox, SandboxConfig, new_api_key
from partner_assets_tests.sandbox.client import ACCREDITATIONS, ORDER, PRICE_LISTS, Client

ENDPOINTS = {("GET", "/lists"): "lists", ("POST", "/search"): "search", ("GET", "/orders/{id}"): "details"}


def faults(seed: int, *plans: Plan) -> Faults:
    """Return faults that are set."""
    made = Faults(seed, ENDPOINTS)
    made.add(plans)
    return made


def drawn(some: Faults, requests: int, endpoint: str = "lists") -> list[str | None]:
    """Return what so many different requests meet."""
    plans = [some.draw(endpoint, f"/lists?skip={number}") for number in range(requests)]
    return [None if plan is None else plan.name for plan in plans]


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of a sandbox that may misbehave."""
    with RunningSandbox(SandboxConfig(days=1, orders_per_day=0, api_keys=(new_api_key(),))) as sandbox:
        yield Client(sandbox)


def test_a_rate_is_kept() -> None:
    """A fault at 5 % that happens to half of the requests tries something else than it says."""
    met = drawn(faults(1, Plan("too_many", 0.05), Plan("unavailable", 0.2)), 10_000)
    assert 400 < met.count("too_many") < 600
    assert 1800 < met.count("unavailable") < 2200


def test_the_same_seed_brings_the_same_faults_whatever_asks_first() -> None:
    """A campaign that finds something must find it again, although threads never ask in the same order."""
    plans = (Plan("too_many", 0.3), Plan("stall", 0.3))
    one, other = faults(7, *plans), faults(7, *plans)
    forwards = {asked: one.draw("lists", asked) for asked in map(str, range(200))}
    backwards = {asked: other.draw("lists", asked) for asked in map(str, reversed(range(200)))}
    assert forwards == backwards
    assert drawn(faults(7, *plans), 200) != drawn(faults(8, *plans), 200)


def test_a_request_that_is_made_again_is_drawn_for_again() -> None:
    """A retry that always met the same fault would make every fault a permanent one."""
    some = faults(1, Plan("too_many", 0.5))
    met = [some.draw("lists", "/lists") is not None for _ in range(50)]
    assert 10 < sum(met) < 40


def test_bounds_are_kept() -> None:
    """A bomb that must come three times would otherwise fill the memory."""
    assert drawn(faults(1, Plan("gzip_bomb", 1, count=3)), 10) == ["gzip_bomb"] * 3 + [None] * 7
    assert drawn(faults(1, Plan("key_revoked", 1, after=4, count=1)), 6) == [None] * 4 + ["key_revoked", None]
    some = faults(1, Plan("stall", 1, endpoints=frozenset({"search"})))
    assert (drawn(some, 3), drawn(some, 1, "search")) == ([None] * 3, ["stall"])


def test_paths_are_told_apart() -> None:
    """An order's own path must not count as no endpoint, nor a path without one as an endpoint."""
    some = faults(1)
    assert some.endpoint_of("GET", "/orders/PO_1") == "details"
    assert some.endpoint_of("GET", "/lists") == "lists"
    assert some.endpoint_of("POST", "/lists") is None
    assert some.endpoint_of("GET", "/elsewhere/PO_1") is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"toomany": {"rate": 0.1}}, "There is no fault 'toomany'; there are too_many, "),
        ({"too_many": {"rate": 1.5}}, "The rate of too_many is 1.5; it must be between 0 and 1."),
        ({"too_many": {}}, "too_many needs a rate"),
        ({"too_many": 0.1}, "too_many needs a rate"),
        ({"too_many": {"rate": "often"}}, "too_many cannot have rate: 'often'"),
        ({"too_many": {"rate": 0.1, "often": 3}}, "too_many cannot have often: 3"),
        ({"too_many": {"rate": 0.1, "count": -1}}, "must not be negative"),
        ({"too_many": {"rate": 0.1, "endpoints": ["orders"]}}, "There is no endpoint orders; there are "),
        ({"too_many": {"rate": 0.6}, "stall": {"rate": 0.6}}, "add up to 1.2; 1 is every request"),
        ({"neighbour": {"rate": 0.5}}, "The fault neighbour spends a quota, and there is none"),
    ],
)
def test_an_impossible_fault_is_refused_in_a_sentence(client: Client, content: dict[str, object], words: str) -> None:
    """A fault that is mistyped and ignored makes a campaign that passes without having tried anything."""
    with pytest.raises(ValueError, match="The sandbox refused faults: ") as refused:
        client.sandbox.control("faults", **content)
    assert words in str(refused.value)
    assert client.get(PRICE_LISTS).ok


def test_faults_are_set_counted_and_cleared(client: Client) -> None:
    """Faults that outlive their test, or are not counted, prove nothing."""
    client.sandbox.control("faults", unavailable={"rate": 1, "endpoints": ["price_lists"]}, seed=3)
    statuses = [client.get(path).status_code for path in (PRICE_LISTS, ACCREDITATIONS, ORDER + "PO_1", PRICE_LISTS)]
    assert statuses == [503, 200, 404, 503]
    stats = client.sandbox.stats()
    assert stats["faults"] == {"unavailable": 2}
    assert stats["statuses"] == {"200": 1, "404": 1, "503": 2}
    assert stats["endpoints"] == {"price_lists": 2, "accreditations": 1, "order_details": 1}
    client.sandbox.control("faults/clear")
    assert client.get(PRICE_LISTS).ok
    client.sandbox.control("stats/reset")
    assert client.sandbox.stats()["faults"] == {}


def test_a_request_without_an_answer_is_counted_all_the_same(client: Client) -> None:
    """Requests that a reset hides would make a client that asks too often look modest."""
    client.sandbox.control("faults", reset_at_once={"rate": 1})
    with pytest.raises(OSError, match="reset"):
        client.get(PRICE_LISTS)
    assert client.sandbox.stats()["statuses"] == {"0": 1}


def test_a_sandbox_can_misbehave_from_its_start() -> None:
    """The option of the command line ends here."""
    config = SandboxConfig(days=1, orders_per_day=0, faults={"unavailable": 1}, api_keys=(new_api_key(),))
    with RunningSandbox(config) as sandbox:
        assert Client(sandbox).get(PRICE_LISTS).status_code == 503
    with pytest.raises(ValueError, match="There is no fault 'x'"):
        SandboxConfig(faults={"x": 0.1})
    with pytest.raises(ValueError, match="add up to more than 1"):
        SandboxConfig(faults={"stall": 0.6, "too_many": 0.6})
    with pytest.raises(ValueError, match="set a rate first"):
        SandboxConfig(faults={"neighbour": 0.1})


def test_every_profile_can_be_planned() -> None:
    """A name that the control endpoint does not take is a profile that nobody can use."""
    assert [plan.name for plan in read_plans({name: {"rate": 0} for name in PROFILES})] == list(PROFILES)
