"""The causal graph of fan-outs, rounds, branches and workflows within workflows is the one that was drawn."""

import asyncio

import pytest

from tests.end_to_end.drawn import require_drawn
from tests.end_to_end.flow_app import Plan, expected, expected_around_the_wait, flow_app
from tests.end_to_end.stack import Stack

SEEDS, MORE_SEEDS = range(8), range(8, 20)
"""Each an app of its own; more of them in the battery."""
PATIENCE = 60.0


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [SEEDS, pytest.param(MORE_SEEDS, marks=pytest.mark.battery)], ids=["few", "more"])
async def test_the_graph_of_every_flow_is_the_one_that_was_drawn(stack: Stack, seeds: range) -> None:
    """Steps are tried again, items come in any order, rounds go on or don't, steps and handlers of other traces answer:
    no edge is missing and none is extra."""
    runs = {}
    for seed in seeds:
        flow = flow_app(Plan.drawn(seed), f"flows-{seed}")
        async with flow.app:
            runs[seed] = await flow.run(seed, PATIENCE)
    for seed, ran in runs.items():
        plan = Plan.drawn(seed)
        what = f"seed {seed}: {plan}"
        await asyncio.to_thread(require_drawn, stack, str(ran.run), expected(plan, ran.run), what)
        step, around = expected_around_the_wait(ran)
        await asyncio.to_thread(require_drawn, stack, str(step), around, what)
        waits = {wait.key: wait for wait in (await asyncio.to_thread(stack.client.node, str(step))).waits}
        assert sorted(waits) == sorted(plan.answerers)
        assert {who: wait.by for who, wait in waits.items()} == {
            who: "ann" if who == "outside" else f"flows-{seed}" for who in plan.answerers
        }
