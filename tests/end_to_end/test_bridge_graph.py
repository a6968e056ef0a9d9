"""Across the bridge, the collector's picture of cause and effect is one graph."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from collector.client import ApiError
from collector.models import CausalGraph
from runtime import App, Context, Event, Settings
from runtime.admin import Admin
from runtime.causality.trace_context import TraceContext
from runtime.semconv import NodeKind
from tests.end_to_end.stack import Stack
from tests.rabbit_servers import RabbitServer
from tests.servers import LiveServer
from tests.stranger import Stranger
from tests.waiting import until, until_sync

pytestmark = pytest.mark.redis


@pytest.fixture
def other_redis_url(live_servers: dict[str, LiveServer]) -> str:
    """Of another server, where this machine has two kinds; else the same."""
    other = list(live_servers.values())[-1]
    other.empty()
    return other.url


async def test_two_apps_on_two_servers_are_one_graph_by_way_of_rabbitmq(
    stack: Stack, redis_url: str, other_redis_url: str, rabbit_server: RabbitServer
) -> None:
    """A run's event, the delivery that sends it, the event that it is over there, its delivery, and what that
    publishes: each caused by the one before it, and all of one correlation."""
    async with Stranger(rabbit_server.url) as stranger:
        queue = await stranger.queue()
    shop = App("shop", settings=Settings(redis_url=redis_url, rabbitmq_url=rabbit_server.url))
    depot = App("depot", settings=Settings(redis_url=other_redis_url, rabbitmq_url=rabbit_server.url))
    order = shop.workflow("order", number=int)
    shop.rabbitmq.outbound(channel="orders", exchange="", routing_key=queue)
    depot.rabbitmq.inbound(queue=queue, channel="incoming")
    labels: list[UUID] = []
    handled: list[Event[Any]] = []

    @order.step(publishes="orders")
    async def place(number: int) -> int:
        return number

    @depot.subscribe("incoming", group="pack")
    async def pack(event: Event[int], context: Context) -> None:
        handled.append(event)
        labels.append(context.publish("labels", event.data))

    async with shop, depot:
        run = await shop.start(order, number=7)
        await run.result()
        await until(lambda: labels, "the other app has it")
        await depot.drain(10)

    graph = await asyncio.to_thread(_graph, stack, str(run.id), str(labels[0]))
    chain = _causes(graph, str(labels[0]))
    kinds = [(node.kind, node.channel or node.step or node.workflow) for node in chain]
    assert kinds == [
        (NodeKind.EVENT, "labels"),
        (NodeKind.DELIVERY, "incoming"),
        (NodeKind.EVENT, "incoming"),
        (NodeKind.DELIVERY, "orders"),
        (NodeKind.EVENT, "orders"),
        (NodeKind.STEP, "place"),
        (NodeKind.RUN, "order"),
    ]
    assert {node.correlation_id for node in graph.nodes} == {str(handled[0].correlation_id)}
    assert graph.holes == []


async def test_a_strangers_span_is_the_cause_of_what_its_message_becomes(
    stack: Stack, redis_url: str, rabbit_server: RabbitServer
) -> None:
    """It says nothing but OpenTelemetry's `traceparent`: its span, which the collector may have, leads to ours."""
    sender = TraceContext(0x0123456789ABCDEF0123456789ABCDEF, 0x0123456789ABCDEF)
    shop = App("shop", settings=Settings(redis_url=redis_url, rabbitmq_url=rabbit_server.url))
    seen: list[Event[Any]] = []

    @shop.subscribe("incoming", group="pack")
    async def pack(event: Event[Any]) -> None:
        seen.append(event)

    async with Stranger(rabbit_server.url) as stranger:
        queue = await stranger.queue()
        shop.rabbitmq.inbound(queue=queue, channel="incoming")
        async with shop:
            await stranger.send(queue, 1, message_id="7", headers={"traceparent": sender.traceparent})
            await until(lambda: seen, "it is handled")
            await shop.drain(10)
    graph = await asyncio.to_thread(_graph, stack, str(seen[0].id), str(seen[0].id))
    chain = _causes(graph, str(seen[0].id))
    assert [node.kind for node in chain] == [NodeKind.EVENT, NodeKind.SPAN]
    assert chain[-1].name == f"receive {queue}"
    (hole,) = graph.holes  # the stranger's own span, which nobody has sent here
    assert hole.named_by == [chain[-1].id]


async def test_a_letter_and_its_replay_are_in_the_picture_of_the_event_that_died(
    stack: Stack, redis_url: str, rabbit_server: RabbitServer
) -> None:
    """From the event by RabbitMQ to the letter, the replay and the delivery that sends it back."""
    shop = App("shop", settings=Settings(redis_url=redis_url, rabbitmq_url=rabbit_server.url))
    admin = await Admin.connect(redis_url)
    async with Stranger(rabbit_server.url) as stranger:
        dead = await stranger.queue()
        work = await stranger.dying_queue(dead)
        shop.rabbitmq.outbound(channel="orders", exchange="", routing_key=work)
        shop.rabbitmq.dead_letters(queue=dead)
        async with shop:
            event = await shop.publish("orders", 1)
            await stranger.reject(work)

            async def letters() -> Any:
                return (await admin.dead_letters()).items

            (letter,) = await until(letters, "the letter")
            ((settled,)) = await admin.replay([letter.id], "ada")
            await stranger.taken(work)
            await shop.drain(10)
    await admin.close()
    graph = await asyncio.to_thread(_graph, stack, str(event), str(settled.delivery_id))
    kinds = [node.kind for node in _causes(graph, str(settled.delivery_id))]
    assert kinds == [
        NodeKind.DELIVERY,
        NodeKind.REPLAY,
        NodeKind.DEAD_LETTER,
        NodeKind.DELIVERY,
        NodeKind.EVENT,
        NodeKind.DELIVERY,
        NodeKind.EVENT,
    ]
    found = await asyncio.to_thread(stack.client.dead_letter, str(letter.id))
    assert (found.reason, found.channel, found.state) == ("non_retryable", dead, "replayed")


def _graph(stack: Stack, focus: str, must_have: str) -> CausalGraph:
    """The picture of a node, once another is in it."""

    def complete() -> CausalGraph | None:
        try:
            answer = stack.client.causality(focus)
        except ApiError:
            return None
        return answer if any(node.id == must_have for node in answer.nodes) and _all_ended(answer) else None

    return until_sync(complete, "the picture is whole")


def _all_ended(graph: CausalGraph) -> bool:
    return all(node.status not in ("running", "pending") for node in graph.nodes)


def _causes(graph: CausalGraph, start: str) -> list[Any]:
    """A node and what caused it, back to the beginning; our own claim first, where there are several."""
    nodes = {node.id: node for node in graph.nodes}
    chain = [nodes[start]]
    while causes := sorted(
        (edge for edge in graph.edges if edge.effect == chain[-1].id and edge.cause in nodes),
        key=lambda edge: edge.evidence,
    ):
        chain.append(nodes[causes[0].cause])
    return chain
