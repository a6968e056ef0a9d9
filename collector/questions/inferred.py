"""The causal graph with what we read out of a framework's own order: weaker than any claim, and named apart."""

from collections.abc import Iterator, Mapping
from typing import Final
from uuid import UUID

from collector.agents import reading
from collector.agents.tree import Span, Tree
from collector.causality.cone import Direction
from collector.causality.graph import NODE_LIMIT, causal_graph
from collector.models import CausalGraph, Edge, Node
from collector.questions import agent_spans
from collector.store.database import Session
from collector.store.queries import Query
from runtime.semconv import Coordination, Evidence, NodeKind

#: Traces that are read for it at most.
MOST_TRACES: Final = 50


def graph(session: Session, focus: UUID, direction: Direction = Direction.BOTH, limit: int = NODE_LIMIT) -> CausalGraph:
    """Returns what caused a node and what it caused, as `causal_graph` does.

    Where a framework tells in which order the steps of a run led to each other, they are drawn as that chain, and not
    as siblings that their run caused alone. Each span of an agent's work tells its role, and for whom it works.
    """
    told = causal_graph(session, focus, direction, limit)
    foreign = {node.trace_id for node in told.nodes if node.kind == NodeKind.SPAN and node.trace_id}
    traces = [UUID(trace) for trace in sorted(foreign)[:MOST_TRACES]]
    if not traces:
        return told
    rows = session.rows(Query.AGENTS_TOLD_TRACES, traces=traces)
    trees, _ = agent_spans.trees(session, (row["trace_id"] for row in rows))
    shown = {node.id for node in told.nodes}
    led = {
        (str(cause.node_id), str(effect.node_id)): str(run.node_id)
        for tree in trees.values()
        for cause, effect, run in _orders(tree)
        if {str(cause.node_id), str(effect.node_id)} <= shown and cause.start_ns <= effect.start_ns
    }
    nodes = [_placed(node, trees) for node in told.nodes] if trees else told.nodes
    return told.model_copy(update={"nodes": nodes, "edges": _joined(told.edges, led) if led else told.edges})


def _placed(node: Node, trees: Mapping[UUID, Tree]) -> Node:
    """Returns a span of others with its role, and in the lane of the agent that it works for."""
    tree = trees.get(UUID(node.trace_id)) if node.trace_id and node.kind == NodeKind.SPAN else None
    span = tree.of_node(UUID(node.id)) if tree is not None else None
    if tree is None or span is None:
        return node
    return node.model_copy(update={"role": span.role.value if span.role else None, "agent": tree.agent(span)})


def _orders(tree: Tree) -> Iterator[tuple[Span, Span, Span]]:
    """Yields which step led to which, in which run."""
    waiting = list(reading.tops(tree))
    while waiting:
        run = reading.read(tree, waiting.pop())
        waiting += run.children
        steps = {step.span.id: step.span for step in run.steps}
        for step in run.steps:
            for before in step.before:
                if before in steps:
                    yield steps[before], step.span, run.span


def _joined(edges: list[Edge], led: dict[tuple[str, str], str]) -> list[Edge]:
    """Returns edges with those that we read; what a sender claims of the same pair is the better evidence."""
    known = {(edge.cause, edge.effect) for edge in edges}
    ordered = {(run, effect) for (_, effect), run in led.items()}
    kept = [edge for edge in edges if edge.evidence != Evidence.PARENT or (edge.cause, edge.effect) not in ordered]
    read = [
        Edge(cause=cause, effect=effect, evidence=Evidence.INFERRED, coordination=Coordination.COMMANDED)
        for cause, effect in led
        if (cause, effect) not in known
    ]
    return kept + read
