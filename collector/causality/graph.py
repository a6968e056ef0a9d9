"""The causal graph around a node, as the API answers it. A function of the data: the same spans, the same answer."""

from collections import defaultdict
from datetime import datetime
from typing import Final
from uuid import UUID

from collector.api.models import CausalGraph, Edge, Hole, Node
from collector.causality import chain as chains
from collector.causality import foreign, nodes
from collector.causality.cone import Direction, cone
from collector.causality.edges import Claimed, coordination, strongest
from collector.errors import NotFoundError
from collector.store.database import Session
from collector.times import EPOCH
from runtime.semconv import Evidence, NodeKind

#: Nodes that an answer holds at most; beyond a thousand a picture can't be read anyway.
NODE_LIMIT: Final = 2_000


def causal_graph(
    session: Session, focus: UUID, direction: Direction = Direction.BOTH, limit: int = NODE_LIMIT
) -> CausalGraph:
    """What caused a node and what it caused.

    Args:
        session: the snapshot to read.
        focus: the node's id.
        direction: which cones to answer.
        limit: nodes to answer at most, the nearest first.

    Raises:
        NotFoundError: when no span records or names the node.
    """
    chain = chains.load(session, focus)
    if not chain.records:
        raise NotFoundError("node", str(focus))
    found = nodes.build(chain.records)
    kinds = {node_id: node.kind for node_id, node in found.items()}
    span_kinds = {row["node_id"]: row["kind"] for row in chain.records if kinds[row["node_id"]] == NodeKind.SPAN}
    claimed = strongest(claim for claim in chain.claims if claim["effect"] in found)
    left_out = foreign.detail(claimed.values(), kinds, span_kinds, focus)
    drawn = [edge for edge in claimed.values() if edge.cause not in left_out and edge.effect not in left_out]
    near, cut = cone(focus, [(edge.cause, edge.effect) for edge in drawn], direction, limit)
    kept = [edge for edge in drawn if edge.cause in near and edge.effect in near]
    shown = sorted((found[node] for node in near if node in found), key=_order)
    return CausalGraph(
        focus=str(focus),
        nodes=shown,
        edges=_edges(kept, kinds, span_kinds, shown),
        # A cause that a cut chain doesn't hold may well have arrived.
        holes=[] if chain.truncated else _holes(kept, found, near, focus),
        truncated=cut or chain.truncated,
    )


def _order(node: Node) -> tuple[datetime, str]:
    return node.start or EPOCH, node.id


def _edges(
    edges: list[Claimed], kinds: dict[UUID, NodeKind], span_kinds: dict[UUID, int], shown: list[Node]
) -> list[Edge]:
    place = {node.id: index for index, node in enumerate(shown)}
    answers = [
        Edge(
            cause=str(edge.cause),
            effect=str(edge.effect),
            evidence=edge.evidence,
            coordination=coordination(edge, kinds, span_kinds),
        )
        for edge in edges
    ]
    return sorted(answers, key=lambda e: (place.get(e.cause, -1), place.get(e.effect, -1), e.cause, e.effect))


def _holes(edges: list[Claimed], found: dict[UUID, Node], near: frozenset[UUID], focus: UUID) -> list[Hole]:
    """Nodes that are named as causes and never arrived."""
    named: dict[UUID, set[UUID]] = defaultdict(set)
    if focus not in found:
        named[focus] = set()
    for edge in edges:
        if edge.cause not in found and edge.evidence != Evidence.PARENT:
            named[edge.cause].add(edge.effect)
    return [
        Hole(id=str(hole), named_by=[str(effect) for effect in sorted(named[hole])])
        for hole in sorted(named)
        if hole in near
    ]
