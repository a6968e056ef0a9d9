"""The world of orders: some of each fate, and the same for whoever asks."""

from collections import Counter

import pytest

from sample_agents.orders.fates import Fate, World, order
from sample_agents.orders.forms import Card

SEEDS = [1, 7, 2026]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_small_world_has_some_of_each_fate(seed: int) -> None:
    """Dealt, not drawn: nothing is left to chance but who gets which."""
    counts = Counter(World(seed, 32).fates.values())
    assert counts.keys() == set(Fate)
    assert counts[Fate.UNDELIVERABLE] == 4
    assert counts[Fate.PLAIN] == 14


def test_the_same_seed_makes_the_same_world() -> None:
    """And another seed another one."""
    one, same, other = World(7, 20), World(7, 20), World(8, 20)
    assert [one.order(number) for number in one.numbers] == [same.order(number) for number in same.numbers]
    assert [one.order(number) for number in one.numbers] != [other.order(number) for number in other.numbers]


@pytest.mark.parametrize("fate", Fate)
def test_an_order_shows_what_it_will_meet_and_nothing_else(fate: Fate) -> None:
    """Agents, bank and carrier read orders; the books read fates."""
    one = order(7, 3, fate)
    assert (one.cents == 0) is (fate is Fate.INVALID)
    assert (one.card is Card.DECLINED) is (fate is Fate.DECLINED)
    assert (one.card is Card.DROPS_FIRST) is (fate in {Fate.LOST, Fate.REFUND_LOST})
    assert (one.card is Card.DROPS_ALL) is (fate is Fate.UNHEARD)
    assert one.postcode.startswith("0") is (fate in {Fate.UNDELIVERABLE, Fate.REFUND_LOST})
    assert one.crash_in == {Fate.CRASHED: "pay", Fate.SHIPPED_TWICE: "ship"}.get(fate, "")


@pytest.mark.parametrize("fate", Fate)
def test_money_is_kept_where_something_is_shipped(fate: Fate) -> None:
    """And nowhere else."""
    assert (fate.is_charged and not fate.is_refunded) is fate.is_shipped
    assert fate.is_charged or not fate.is_refunded


@pytest.mark.parametrize("size", [1, 2])
def test_a_tiny_world_is_possible(size: int) -> None:
    """The first order goes through."""
    assert list(World(7, size).fates) == list(range(1, size + 1))
    assert Fate.PLAIN in World(7, size).fates.values()
