"""The plan of a seeded demo: each fate is dealt, and drafts become right when they should."""

from itertools import pairwise

import pytest

from sample_agents.codegen.catalog import FUNCTIONS
from sample_agents.codegen.plan import FILES, MAX_ROUNDS, Fate, Plan

SEEDS = [1, 7, 2026]


@pytest.mark.parametrize("seed", SEEDS)
def test_seven_in_a_row_hold_each_fate(seed: int) -> None:
    """In an order of the seed, which has nothing to do with how many there are."""
    fates = [Plan(seed, number).fate for number in range(1, 15)]
    assert set(fates[:7]) == set(fates[7:]) == set(Fate)
    assert sorted(fates[:7]) == sorted(fates[7:])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_last_round_is_the_first_without_a_flaw(seed: int) -> None:
    """Where a feature is never right, there is none; a function that was right stays right."""
    for number in range(1, 29):
        plan = Plan(seed, number)
        flaws = [set(plan.flaws(round_)) for round_ in range(1, MAX_ROUNDS + 2)]
        assert [bool(one) for one in flaws[: plan.fate.rounds]] == [True] * (plan.fate.rounds - 1) + [
            not plan.fate.is_right
        ]
        assert all(later <= earlier for earlier, later in pairwise(flaws))
        assert flaws[MAX_ROUNDS] == set()


def test_a_feature_wishes_for_some_functions_of_the_catalog() -> None:
    """The same for the same seed, and every other one meets an overloaded endpoint."""
    plans = [Plan(7, number) for number in range(1, 9)]
    assert all(len(set(plan.names)) == FILES and set(plan.names) <= set(FUNCTIONS) for plan in plans)
    assert [bool(plan.overloaded) for plan in plans] == [True, False] * 4
    assert all(plan.overloaded in ("", *plan.names) for plan in plans)
    assert [plan.feature for plan in plans] == [Plan(7, number).feature for number in range(1, 9)]
    assert [plan.feature for plan in plans] != [Plan(8, number).feature for number in range(1, 9)]
