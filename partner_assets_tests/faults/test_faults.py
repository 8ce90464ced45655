"""The campaign's short version: every fault at the products, and at orders those that orders alone can suffer from.

Not here: the whole of it, which `make faults` runs, and what each fault does (`partner_assets_tests/sandbox`).
"""

import pytest

from partner_assets.sandbox.fault_plans import PROFILES
from partner_assets_tests.faults.campaign import Way, play
from partner_assets_tests.faults.mixture import FOR_GOOD, PASSING, Size, mixture
from partner_assets_tests.faults.stage import Stage
from partner_assets_tests.faults.verdicts import Outcome

A_FEW = Way(is_always=False, begins_empty=False, most=3)


@pytest.mark.parametrize("profile", PROFILES)
def test_products_are_the_truth_or_the_old_rows_and_the_run_says_which(products: Stage, profile: str) -> None:
    """Guards against the third outcome: a slice that is neither, or a failure that does not name it."""
    cell = play(products, profile, [A_FEW])
    assert [verdict.wrong for verdict in cell.verdicts] == [[]]
    assert cell.met > 0
    assert cell.unhealed == []


@pytest.mark.parametrize("profile", ["refused_in_200", "length_too_short"])
def test_no_fault_of_the_details_is_taken_for_an_order_that_is_gone(orders: Stage, profile: str) -> None:
    """Guards against documents closed, or days half published, because the details were not what they should be."""
    cell = play(orders, profile, [A_FEW])
    assert [verdict.wrong for verdict in cell.verdicts] == [[]]
    assert cell.met > 0
    assert cell.unhealed == []


def test_pages_that_always_lack_rows_lose_no_order_of_an_empty_lake(orders: Stage) -> None:
    """Guards against orders that nobody has ever heard of, which no later look would miss either."""
    always = {"missing_rows": {"rate": 1, "endpoints": ["search_orders"]}}
    assert orders.run(always, begins_empty=True).outcome is Outcome.EXACT


def test_all_faults_at_once_end_with_the_truth() -> None:
    """Guards against faults that are harmless alone and not together, and against a lake that never gets whole."""
    rounds = list(mixture(PASSING, 0.3, Size(days=2, orders_per_day=15, changed_per_day=2, rounds=5)))
    assert [one.verdict.wrong for one in rounds] == [[] for _ in rounds]
    assert sum(one.met for one in rounds) > 5
    assert rounds[-1].exact_days == 2
    assert len(PASSING) + len(FOR_GOOD) == len(PROFILES)


def test_a_judge_who_is_lied_to_says_so(products: Stage) -> None:
    """Guards against a campaign that finds nothing because it sees nothing: the truth is changed behind its back."""
    assert products.run({}).outcome is Outcome.EXACT
    true = products.expected.rows["products"]
    lost = true.pop()
    try:
        assert products.run_clean().outcome is Outcome.THIRD
    finally:
        true.append(lost)
    assert products.run_clean().outcome is Outcome.EXACT
