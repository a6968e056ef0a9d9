"""Claims become edges: one a pair, with the strongest evidence, commanded or reacted. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from collector.causality.cone import NodeId, Pair
from collector.store.database import Row
from runtime.semconv import Coordination, Evidence, NodeKind

#: What orchestration makes: a schedule its runs, a run its steps, a step the next one, a step or delivery a run of
# another workflow, and whoever answers a step what it waits for.
_COMMANDED: Final = frozenset(
    {
        (NodeKind.TICK, NodeKind.RUN),
        (NodeKind.RUN, NodeKind.STEP),
        (NodeKind.STEP, NodeKind.STEP),
        (NodeKind.STEP, NodeKind.RUN),
        (NodeKind.DELIVERY, NodeKind.RUN),
        (NodeKind.DELIVERY, NodeKind.STEP),
        (NodeKind.SPAN, NodeKind.RUN),
        (NodeKind.SPAN, NodeKind.STEP),
    }
)

#: The kinds of evidence, the strongest first.
STRENGTH: Final = {Evidence.DECLARED: 0, Evidence.LINKED: 1, Evidence.PARENT: 2, Evidence.INFERRED: 3}

#: OTLP's span kinds that hand a message over instead of calling.
_PRODUCER: Final = 4
_CONSUMER: Final = 5


@dataclass(frozen=True, slots=True)
class CausalEdge:
    """A cause, its effect, and why that is believed."""

    cause: NodeId
    effect: NodeId
    evidence: Evidence


def select_strongest_edges(claims: Iterable[Row]) -> dict[Pair, CausalEdge]:
    """Returns one edge a pair, with the strongest evidence that anybody gave for it."""
    edges: dict[Pair, CausalEdge] = {}
    for claim in claims:
        edge = CausalEdge(claim["cause"], claim["effect"], Evidence(claim["evidence"]))
        known = edges.get((edge.cause, edge.effect))
        if known is None or STRENGTH[edge.evidence] < STRENGTH[known.evidence]:
            edges[edge.cause, edge.effect] = edge
    return edges


def classify_coordination(
    edge: CausalEdge, kinds: Mapping[NodeId, NodeKind], span_kinds: Mapping[NodeId, int]
) -> Coordination:
    """Returns whether orchestration or choreography made an edge.

    Args:
        edge: the edge.
        kinds: kinds of the nodes that arrived; a hole has none, and is judged by its effect alone.
        span_kinds: OTLP's span kind of foreign nodes.
    """
    effect = kinds[edge.effect]
    cause = kinds.get(edge.cause)
    if cause is None:
        return Coordination.COMMANDED if effect in (NodeKind.STEP, NodeKind.RUN) else Coordination.REACTED
    if (cause, effect) in _COMMANDED:
        return Coordination.COMMANDED
    if effect != NodeKind.SPAN or edge.evidence != Evidence.PARENT or cause == NodeKind.EVENT:
        return Coordination.REACTED
    hands_over = span_kinds.get(edge.cause) == _PRODUCER or span_kinds.get(edge.effect) in (_PRODUCER, _CONSUMER)
    return Coordination.REACTED if hands_over else Coordination.COMMANDED  # a consumer's code commands what it calls
