"""The causal graph around a node, as the API answers it. A function of the data: the same spans, the same answer."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from collector.causality import chain as chains
from collector.causality import fates, inner_spans, nodes
from collector.causality.chain import WALK_LIMIT
from collector.causality.cone import Direction, compute_cone
from collector.causality.evidence import CausalEdge, classify_coordination
from collector.errors import NotFoundError
from collector.models import CausalGraph, Edge, Hole, ItemsLeftOut, Node, NodeStatus
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.times import EPOCH, moment, moment_or_none
from runtime.semconv import NodeKind

#: Nodes that an answer holds at most; beyond a thousand a picture can't be read anyway.
NODE_LIMIT: Final = 2_000

#: Items of one fan-out that are shown, of those that ended well, where there are more nodes than that.
ITEMS: Final = 500


def build_causal_graph(
    session: Session, focus: UUID, direction: Direction = Direction.BOTH, limit: int = NODE_LIMIT
) -> CausalGraph:
    """Returns what caused a node and what it caused.

    Args:
        session: the snapshot to read.
        focus: the node's id.
        direction: which cones to answer, or the whole picture: all effects of the node's first cause. Where a limit
            hides that, or would cut the node out of the picture, both of its cones are answered.
        limit: nodes to answer at most, the nearest first.

    Raises:
        NotFoundError: when no span records or names the node.
    """
    if direction != Direction.WHOLE:
        return _build_cones(session, focus, direction, limit)
    causes = _build_cones(session, focus, Direction.CAUSES, limit)
    if causes.truncated:  # the first of them is not known
        return _build_cones(session, focus, Direction.BOTH, limit)
    whole = _build_cones(session, _find_first_cause(causes), Direction.EFFECTS, limit, opened=focus)
    if str(focus) not in _list_ids(whole):
        return _build_cones(session, focus, Direction.BOTH, limit)
    return whole.model_copy(update={"focus": str(focus)})


def _find_first_cause(causes: CausalGraph) -> UUID:
    """Returns the earliest node of a cone of causes that nothing caused, else a hole; in a mere circle the focus."""
    caused = {edge.effect for edge in causes.edges}
    return UUID(next((each for each in _list_ids(causes) if each not in caused), causes.focus))


def _list_ids(graph: CausalGraph) -> list[str]:
    """Returns the ids of the nodes, oldest first, and then of the holes."""
    return [*(node.id for node in graph.nodes), *(hole.id for hole in graph.holes)]


def _build_cones(
    session: Session, focus: UUID, direction: Direction, limit: int, opened: UUID | None = None
) -> CausalGraph:
    chain = chains.load_chain(session, focus, direction)
    if not chain.traces:
        raise NotFoundError("node", str(focus))
    left_out = inner_spans.find_inner_spans(chain, str(focus), str(opened or focus))
    drawn = [edge for edge in chain.edges if edge.cause not in left_out and edge.effect not in left_out]
    pairs = [(edge.cause, edge.effect) for edge in drawn]
    near, cut = compute_cone(str(focus), pairs, direction, limit)
    items: list[ItemsLeftOut] = []
    if cut:
        whole, _ = compute_cone(str(focus), pairs, direction, WALK_LIMIT)
        spare = _spare(session, chain, whole - {str(focus), str(opened)})
        few = [(cause, effect) for cause, effect in pairs if cause not in spare and effect not in spare]
        near, cut = compute_cone(str(focus), few, direction, limit)
        items = build_items_left_out(spare.values())
    kept = [edge for edge in drawn if edge.cause in near and edge.effect in near]
    found = _find_nodes(session, chain, near)
    shown = sorted(found.values(), key=_order_key)
    return CausalGraph(
        focus=str(focus),
        nodes=shown,
        edges=_build_edges(kept, {node.id: node.kind for node in shown}, chain.span_kinds, shown),
        holes=_build_holes(session, kept, near - found.keys()),
        truncated=cut > 0 or chain.truncated,
        left_out=cut,
        items_left_out=items,
    )


def _spare(session: Session, chain: chains.Chain, among: frozenset[str]) -> dict[str, Row]:
    """Returns the items of fan-outs that are counted, not shown, so that there is room for what follows from them."""
    traces = sorted(chain.traces)
    rows = session.rows(Query.CHAIN_SPARE_ITEMS, traces=traces, most=ITEMS, **session.stretch(traces).bounds)
    return {row["node_id"]: row for row in rows if row["node_id"] in among}


def build_items_left_out(rows: Iterable[Row]) -> list[ItemsLeftOut]:
    """Returns what is told of items that are counted alone.

    Args:
        rows: of `chain/spare_items.sql`.
    """
    by_fan_out: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_fan_out[str(row["run_id"]), row["step"], row["place"]].append(row)
    return [
        ItemsLeftOut(
            run_id=run_id,
            step=step,
            place=place or None,
            statuses={NodeStatus.OK: len(each)},
            attempts=len(each),
            p50_ms=each[0]["p50_ms"],
            start=moment(min(row["start_ns"] for row in each)),
            end=moment_or_none(max((row["end_ns"] or row["start_ns"]) for row in each)),
        )
        for (run_id, step, place), each in by_fan_out.items()
    ]


def _find_nodes(session: Session, chain: chains.Chain, near: frozenset[str]) -> dict[str, Node]:
    """Returns those of some nodes that arrived, by id."""
    records = session.rows(
        Query.CHAIN_RECORDS, traces=sorted(chain.traces), nodes=sorted(near), **session.stretch(chain.traces).bounds
    )
    found = {
        str(node_id): node for node_id, node in nodes.build_nodes(records, fates.find_fates(session, records)).items()
    }
    if chain.truncated and (missing := near - found.keys()):  # they may be in traces that were not read
        ids = sorted(map(UUID, missing))
        records = session.rows(Query.NODE_RECORDS_OF_SEVERAL, ids=ids, **session.stretch(ids).bounds)
        found |= {
            str(node_id): node
            for node_id, node in nodes.build_nodes(records, fates.find_fates(session, records)).items()
        }
    return {node_id: node for node_id, node in found.items() if node_id in near}


def _order_key(node: Node) -> tuple[datetime, str]:
    return node.start or EPOCH, node.id


def _build_edges(
    edges: list[CausalEdge], kinds: dict[str, NodeKind], span_kinds: dict[str, int], shown: list[Node]
) -> list[Edge]:
    place = {node.id: index for index, node in enumerate(shown)}
    answers = [
        Edge(
            cause=edge.cause,
            effect=edge.effect,
            evidence=edge.evidence,
            coordination=classify_coordination(edge, kinds, span_kinds),
        )
        for edge in edges
    ]
    return sorted(answers, key=lambda e: (place.get(e.cause, -1), place.get(e.effect, -1), e.cause, e.effect))


def _build_holes(session: Session, edges: list[CausalEdge], missing: frozenset[str]) -> list[Hole]:
    """Returns the nodes that are named as causes and never arrived."""
    named: dict[str, list[str]] = {node: [] for node in missing}
    for edge in edges:
        if edge.cause in missing:
            named[edge.cause].append(edge.effect)
    by = sorted({effect for effects in named.values() for effect in effects})
    told = set()
    if by:
        stored = session.stretch(map(UUID, by)).bounds
        told = {row["node_id"] for row in session.rows(Query.CHAIN_NOT_SAMPLED, nodes=by, **stored)}
    return [
        Hole(
            id=hole,
            named_by=sorted(named[hole]),
            reason="missing" if told.isdisjoint(named[hole]) else "not_sampled",
        )
        for hole in sorted(missing)
    ]
