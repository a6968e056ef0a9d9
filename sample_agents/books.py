"""The books of the logistics demo: the causal graph that each shipment must leave behind.

Computed from run ids and the seeded world alone, without a look at any span: what telemetry says is compared with it.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple, Self
from uuid import UUID

from runtime.causality import identity
from runtime.semconv import Coordination, DeadLetterReason, NodeKind
from sample_agents.world import World

#: The steps, each with those that it reads from.
UPSTREAM: Final = {
    "pickup": (),
    "sorting": ("pickup",),
    "transit": ("sorting",),
    "delivery": ("pickup", "transit"),
}

#: The workflow of these steps, the one among them that is judged, and the one that announces the arrival.
WORKFLOW: Final = "shipment"
JUDGED_STEP: Final = "sorting"
LAST_STEP: Final = "delivery"

#: The group whose deliveries go dead, and those whose deliveries never do.
FRAGILE_GROUP: Final = "sms"
STEADY_GROUPS: Final = ("billing", "tracking")


class Edge(NamedTuple):
    """A cause, its effect, and the kind of coordination between them."""

    cause: UUID
    effect: UUID
    coordination: Coordination


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes with their kinds, and the edges between them."""

    nodes: dict[UUID, NodeKind]
    edges: frozenset[Edge]

    def __or__(self, other: Self) -> Self:
        return type(self)(self.nodes | other.nodes, self.edges | other.edges)


def arrival(run: UUID) -> UUID:
    """The id of the event that announces the arrival of a run's shipment."""
    return identity.event_id(identity.step_id(run, LAST_STEP), 0)


def dead_letter(run: UUID, round_: int = 0) -> UUID:
    """The id that the dead letter of a run's text message has, if there is one in that round."""
    return identity.dead_letter_id(identity.delivery_id(arrival(run), FRAGILE_GROUP, round_))


def shipment(run: UUID, reason: DeadLetterReason | None, *, replayed: bool) -> Graph:
    """What one shipment leaves behind.

    Args:
        run: its run.
        reason: why its text message goes dead; None where it does not.
        replayed: whether the dead letter was sent again, once, after the outage.
    """
    graph = _build_run_graph(run) | _build_event_graph(run)
    if reason is None:
        return graph
    graph |= _make_node_graph(
        identity.delivery_id(arrival(run), FRAGILE_GROUP, 0), dead_letter(run), NodeKind.DEAD_LETTER
    )
    if not replayed:
        return graph
    replay = identity.replay_id(dead_letter(run))
    again = identity.delivery_id(arrival(run), FRAGILE_GROUP, 1)
    graph |= _make_node_graph(dead_letter(run), replay, NodeKind.REPLAY) | _make_node_graph(
        replay, again, NodeKind.DELIVERY
    )
    if reason is DeadLetterReason.NON_RETRYABLE:
        graph |= _make_node_graph(again, dead_letter(run, 1), NodeKind.DEAD_LETTER)
    return graph


def build_expected_graphs(world: World, runs: dict[int, UUID], *, replayed: bool = False) -> dict[int, Graph]:
    """The graph of each shipment.

    Args:
        world: in which they were sent.
        runs: the run of each, by number.
        replayed: whether all dead letters were sent again, once, after the outage.
    """
    return {number: shipment(run, world.dies_of(number), replayed=replayed) for number, run in runs.items()}


def _build_run_graph(run: UUID) -> Graph:
    nodes = {run: NodeKind.RUN}
    edges = set()
    for step, upstream in UPSTREAM.items():
        node = identity.step_id(run, step)
        nodes[node] = NodeKind.STEP
        causes = [identity.step_id(run, name) for name in upstream] or [run]
        edges |= {Edge(cause, node, Coordination.COMMANDED) for cause in causes}
    return Graph(nodes, frozenset(edges))


def _build_event_graph(run: UUID) -> Graph:
    event = arrival(run)
    graph = _make_node_graph(identity.step_id(run, LAST_STEP), event, NodeKind.EVENT)
    for group in (FRAGILE_GROUP, *STEADY_GROUPS):
        graph |= _make_node_graph(event, identity.delivery_id(event, group, 0), NodeKind.DELIVERY)
    return graph


def _make_node_graph(cause: UUID, effect: UUID, kind: NodeKind) -> Graph:
    """One more node, and the reaction that made it."""
    return Graph({effect: kind}, frozenset({Edge(cause, effect, Coordination.REACTED)}))
