"""Apps whose events cross RabbitMQ, drawn from a seed, and the causal graph that a run of each must leave behind.

Each hop goes by a queue; of the groups that read what has come, one sends it on.
"""

import random
from dataclasses import dataclass
from typing import Final, Self
from uuid import UUID

from runtime import App, Context, Event, Retry
from runtime.causality import identity
from runtime.definitions.workflow import Workflow
from runtime.semconv import Coordination, NodeKind
from sample_agents.books import Edge, Graph

_AGAIN: Final = Retry(attempts=3, first_delay=0.01)


@dataclass(frozen=True, slots=True)
class Hop:
    """One way over RabbitMQ: how many groups read what has come, and which of them fail at first."""

    groups: int
    failing: frozenset[int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What an app of a seed does: its hops, and how many events go them, which a run's only step publishes."""

    hops: tuple[Hop, ...]
    events: int

    @classmethod
    def drawn(cls, seed: int) -> Self:
        """The plan of a seed."""
        chance = random.Random(seed)
        hops = []
        for _ in range(chance.randint(1, 3)):
            groups = chance.randint(1, 3)
            hops.append(Hop(groups, frozenset(one for one in range(groups) if chance.random() < 0.3)))
        return cls(tuple(hops), chance.randint(1, 3))

    def expected(self, run: UUID, queues: list[str]) -> Graph:
        """The graph of a run that went over so many queues."""
        step = identity.step_id(run, "begin")
        nodes, edges = {run: NodeKind.RUN, step: NodeKind.STEP}, {Edge(run, step, Coordination.COMMANDED)}

        def caused(cause: UUID, effect: UUID, kind: NodeKind) -> UUID:
            nodes[effect] = kind
            edges.add(Edge(cause, effect, Coordination.REACTED))
            return effect

        for number in range(self.events):
            event = caused(step, identity.event_id(step, number), NodeKind.EVENT)
            for at, (hop, queue) in enumerate(zip(self.hops, queues, strict=True)):
                sent = caused(event, identity.delivery_id(event, f"rabbitmq.{queue}", 0), NodeKind.DELIVERY)
                arrived = identity.derive(NodeKind.EVENT, event, came(queue), "sent on 0")
                caused(sent, arrived, NodeKind.EVENT)
                read = [identity.delivery_id(arrived, f"group-{group}", 0) for group in range(hop.groups)]
                for delivery in read:
                    caused(arrived, delivery, NodeKind.DELIVERY)
                if at + 1 < len(self.hops):
                    event = caused(read[0], identity.event_id(read[0], 0), NodeKind.EVENT)
        return Graph(nodes, frozenset(edges))

    @property
    def handled(self) -> int:
        """How often a handler of a run ends well."""
        return self.events * sum(hop.groups for hop in self.hops)


def goes(queue: str) -> str:
    """The channel of what goes to a queue: of no other app on this server."""
    return f"to.{queue}"


def came(queue: str) -> str:
    """The channel of what has come by it."""
    return f"from.{queue}"


def bridged(plan: Plan, app: App, queues: list[str], handled: list[str]) -> Workflow:
    """Declares a plan; the workflow that begins it. What its handlers have done they note in `handled`."""
    flow = app.workflow("flow")

    @flow.step
    async def begin(ctx: Context) -> None:
        for number in range(plan.events):
            ctx.publish(goes(queues[0]), number)

    for hop, queue, next_ in zip(plan.hops, queues, [*map(goes, queues[1:]), ""], strict=True):
        app.rabbitmq.outbound(channel=goes(queue), exchange="", routing_key=queue)
        app.rabbitmq.inbound(queue=queue, channel=came(queue))
        for group in range(hop.groups):
            _reader(app, came(queue), group, "" if group else next_, handled, fails=group in hop.failing)
    return flow


def _reader(app: App, channel: str, number: int, on: str, handled: list[str], *, fails: bool) -> None:
    @app.subscribe(channel, group=f"group-{number}", retry=_AGAIN)
    async def read(event: Event[int], ctx: Context) -> None:
        if on:
            ctx.publish(on, event.data)
        if fails and ctx.attempt == 1:
            raise OSError("the first attempt fails")
        handled.append(channel)
