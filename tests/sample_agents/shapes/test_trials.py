"""Trials with real processes, servers and kills."""

import pytest

from sample_agents.shapes import figures
from sample_agents.shapes.faults import Trouble
from sample_agents.shapes.figures import rate
from sample_agents.shapes.stage import Shape, Trial
from sample_agents.shapes.trials import run_all

pytestmark = [pytest.mark.redis, pytest.mark.slow]

#: A seed whose crashes hit orders that are under way.
SEED, ORDERS = 1, 24


async def test_a_killed_coordinator_loses_what_it_held_and_a_killed_worker_loses_nothing() -> None:
    """Nor does one that reads the shop's book again; all die at the same moments. Everybody answers: whoever is held up
    by a slow machine could meet an outage with each attempt, and give up."""
    shapes = (Shape.PURE, Shape.REREAD, Shape.HYBRID, Shape.PAIR)
    found = await run_all([Trial(shape, SEED, ORDERS, 4, 3, Trouble.CRASHES) for shape in shapes])
    lost = {shape: rate([one], figures.is_lost) for shape, one in zip(shapes, found, strict=True)}
    assert lost.pop(Shape.PURE) > 0
    assert lost == {Shape.REREAD: 0, Shape.HYBRID: 0, Shape.PAIR: 0}
    assert [len(one.fates) for one in found] == [ORDERS] * 4


async def test_without_trouble_both_do_everything_once_with_any_number_of_agents() -> None:
    """And answer each order."""
    trials = [Trial(shape, SEED, 6, 2, 8, Trouble.NONE) for shape in (Shape.PURE, Shape.HYBRID)]
    for one in await run_all(trials):
        assert (rate([one], figures.is_lost), rate([one], figures.is_doubled), len(one.answers)) == (0, 0, 6)
