"""The seeded world has the proportions that the demo promises, and is the same for whoever asks."""

import pytest

from runtime.semconv import DeadLetterReason
from sample_agents.depot import carrier_of
from sample_agents.parcels import Label
from sample_agents.world import LONGEST, SHORTEST, World, pause, share

SEEDS = [1, 7, 2026]


@pytest.mark.parametrize("seed", SEEDS)
def test_one_text_message_in_seven_goes_dead_and_two_for_good(seed: int):
    """Counted over 200 shipments: 28 wait for the outage's end, two have numbers that nobody serves."""
    world = World(seed, 200)
    reasons = [world.dies_of(number) for number in world.numbers]
    assert reasons.count(DeadLetterReason.NON_RETRYABLE) == 2
    assert reasons.count(DeadLetterReason.MAX_ATTEMPTS) in (28, 29)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_label_in_fifty_is_smudged(seed: int):
    """Exactly, so that accuracy has something to show in every world."""
    world = World(seed, 200)
    smudged = [number for number in world.numbers if world.order(number).label is Label.SMUDGED]
    assert len(smudged) == 4
    assert frozenset(smudged) == world.smudged


@pytest.mark.parametrize("seed", SEEDS)
def test_one_booking_in_ten_has_to_be_tried_again(seed: int):
    """Exactly, whatever the size of the world; and not every tenth, or it would look made up."""
    busy = sorted(World(seed, 200).busy)
    assert [(number - 1) // 10 for number in busy] == list(range(20))
    assert len({number % 10 for number in busy}) > 3
    assert World(seed, 15).busy == {number for number in busy if number <= 15}


@pytest.mark.parametrize("seed", SEEDS)
def test_an_orders_phone_number_belongs_to_the_carrier_that_the_world_dealt(seed: int):
    """The agents see the number alone; what they conclude must be what the books say."""
    world = World(seed, 50)
    served = {n: carrier_of(world.order(n).phone) for n in world.numbers if n not in world.unreachable}
    assert served == {n: carrier for n, carrier in world.carriers.items() if carrier}
    assert world.outage in served.values()


def test_the_same_seed_makes_the_same_world():
    """And another seed another one."""
    one, same, other = World(7, 30), World(7, 30), World(8, 30)
    assert [one.order(n) for n in one.numbers] == [same.order(n) for n in same.numbers]
    assert [one.order(n) for n in one.numbers] != [other.order(n) for n in other.numbers]


def test_choices_are_the_same_in_every_version_of_the_code():
    """Pinned: the figures in the documentation depend on them."""
    assert share(7, 1, "busy") == pytest.approx(0.4225, abs=1e-4)
    assert World(7, 200).outage == "forest"
    assert sorted(World(7, 200).unreachable) == [138, 189]
    assert sorted(World(7, 30).busy) == [5, 15, 25]


@pytest.mark.parametrize("shipments", [1, 2, 3])
def test_a_tiny_world_is_possible(shipments: int):
    """Even where all numbers are unreachable."""
    world = World(7, shipments)
    assert len(world.unreachable) == min(2, shipments)
    assert len(world.smudged) == 1
    assert len(world.busy) <= 1
    assert [world.order(number).number for number in world.numbers] == list(world.numbers)


def test_pauses_look_like_work_and_stay_short():
    """Between 5 and 60 ms, different from shipment to shipment."""
    pauses = [pause(7, number, "sorting") for number in range(500)]
    assert SHORTEST <= min(pauses) < max(pauses) < LONGEST
    assert len(set(pauses)) == 500
