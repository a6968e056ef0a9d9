"""The causal graph of events that cross RabbitMQ again and again is the one that was drawn."""

import asyncio

import pytest

from collector.client import ApiError
from collector.models import CausalGraph
from runtime import App, Settings
from runtime.semconv import Evidence, NodeKind
from sample_agents.books import Graph
from tests.end_to_end.bridged_flow import Plan, bridged
from tests.end_to_end.stack import Stack
from tests.rabbit_servers import RabbitServer
from tests.stranger import Stranger
from tests.waiting import until, until_sync

pytestmark = [pytest.mark.redis, pytest.mark.slow]

SEEDS, MORE_SEEDS = range(4), range(4, 20)
"""Each an app of its own; more of them in the battery."""
PATIENCE = 60.0


@pytest.mark.parametrize("seeds", [SEEDS, pytest.param(MORE_SEEDS, marks=pytest.mark.battery)], ids=["few", "more"])
async def test_the_graph_of_what_crosses_the_bridge_is_the_one_that_was_drawn(
    stack: Stack, redis_url: str, rabbit_server: RabbitServer, seeds: range
) -> None:
    """By one queue or three, to one group or three, which fail at first: no edge is missing and none is extra."""
    for seed in seeds:
        plan, handled = Plan.drawn(seed), list[str]()
        async with Stranger(rabbit_server.url) as stranger:
            queues = [await stranger.queue() for _ in plan.hops]
        app = App(f"bridged-{seed}", settings=Settings(redis_url=redis_url, rabbitmq_url=rabbit_server.url))
        flow = bridged(plan, app, queues, handled)
        async with app:
            run = await app.start(flow)
            await until(lambda done=handled, of=plan: len(done) == of.handled, f"seed {seed}", PATIENCE)
            await app.drain(PATIENCE)
        graph = plan.expected(run.id, queues)
        await asyncio.to_thread(
            _require, stack, str(run.id), graph, queues, plan.events * len(queues), f"seed {seed}: {plan}"
        )


def _require(stack: Stack, run: str, graph: Graph, queues: list[str], sent: int, what: str) -> None:
    """What we declare is as it was drawn; beside it there is, of each message on its way, what spans say of it: that it
    was sent, and received."""
    whole = len(graph.nodes) + 2 * sent

    def complete() -> CausalGraph | None:
        try:
            answer = stack.client.causality(run)
        except ApiError:
            return None
        return answer if len(answer.nodes) >= whole else None

    answer = until_sync(complete, what)
    ours = {str(id_): kind for id_, kind in graph.nodes.items()}
    assert {one.id: one.kind for one in answer.nodes if one.id in ours} == ours
    others = [(one.kind, one.channel in queues) for one in answer.nodes if one.id not in ours]
    assert sorted(others) == sorted([(NodeKind.EVENT, True), (NodeKind.SPAN, True)] * sent)
    declared = [one for one in answer.edges if one.cause in ours and one.effect in ours]
    edges = [(one.cause, one.effect, one.coordination, one.evidence) for one in declared]
    assert sorted(edges) == sorted((str(a), str(b), how, Evidence.DECLARED) for a, b, how in graph.edges)
    assert (answer.holes, answer.truncated) == ([], False)
