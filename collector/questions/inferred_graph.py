"""The causal graph with what we read out of a framework's own order: weaker than any claim, and named apart."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from collector.agents import reading
from collector.agents.tree import Tree
from collector.causality.cone import Direction
from collector.causality.cycle_removal import remove_cycles
from collector.causality.evidence import CausalEdge
from collector.causality.graph import NODE_LIMIT, build_causal_graph
from collector.models import CausalGraph, Edge, Node
from collector.questions import agent_spans
from collector.store.database import Session
from collector.store.queries import Query
from collector.times import nanoseconds
from runtime.semconv import Coordination, Evidence, NodeKind

#: Traces that are read for it at most.
MOST_TRACES: Final = 50


def build_graph(
    session: Session, focus: UUID, direction: Direction = Direction.BOTH, limit: int = NODE_LIMIT
) -> CausalGraph:
    """Returns what caused a node and what it caused, as `build_causal_graph` does.

    Where a framework tells in which order the steps of a run led to each other, they are drawn as that chain, and not
    as siblings that their run caused alone. Each span of an agent's work tells its role, and for whom it works.
    """
    told = build_causal_graph(session, focus, direction, limit)
    foreign = {node.trace_id for node in told.nodes if node.kind == NodeKind.SPAN and node.trace_id}
    traces = [UUID(trace) for trace in sorted(foreign)[:MOST_TRACES]]
    if not traces:
        return told
    rows = session.rows(Query.AGENTS_TOLD_TRACES, traces=traces, **session.stretch(traces).bounds)
    trees, _ = agent_spans.read_trees(session, (row["trace_id"] for row in rows))
    shown = {node.id for node in told.nodes}
    led = {pair: run for tree in trees.values() for pair, run in find_order(tree).items() if shown.issuperset(pair)}
    nodes = [_add_role_and_agent(node, trees) for node in told.nodes] if trees else told.nodes
    return told.model_copy(update={"nodes": nodes, "edges": merge_edges(told, led) if led else told.edges})


def _add_role_and_agent(node: Node, trees: Mapping[UUID, Tree]) -> Node:
    """Returns a span of others with its role, and in the lane of the agent that it works for."""
    tree = trees.get(UUID(node.trace_id)) if node.trace_id and node.kind == NodeKind.SPAN else None
    span = tree.find_by_node(UUID(node.id)) if tree is not None else None
    if tree is None or span is None:
        return node
    return node.model_copy(update={"role": span.role.value if span.role else None, "agent": tree.agent(span)})


def find_order(tree: Tree) -> dict[tuple[str, str], str]:
    """Returns which steps of a trace led to which, by cause and effect the run that they are of; what runs against the
    clock is left out.

    Args:
        tree: the trace.
    """
    found: dict[tuple[str, str], str] = {}
    waiting = list(reading.find_top_spans(tree))
    while waiting:
        run = reading.read_run(tree, waiting.pop())
        waiting += run.children
        steps = {step.span.id: step.span for step in run.steps}
        for step in run.steps:
            for cause in (steps[before] for before in step.before if before in steps):
                if cause.start_ns <= step.span.start_ns:
                    found[str(cause.node_id), str(step.span.node_id)] = str(run.span.node_id)
    return found


def merge_edges(told: CausalGraph, led: dict[tuple[str, str], str]) -> list[Edge]:
    """Returns edges with those that we read. What a sender claims of the same pair is the better evidence, and what
    would close a circle with what senders claim is left out.

    Args:
        told: a picture, without circles.
        led: by cause and effect the run in which we read that one led to the other.
    """
    starts = {node.id: nanoseconds(node.start) for node in told.nodes if node.start is not None}
    claims = [CausalEdge(edge.cause, edge.effect, edge.evidence) for edge in told.edges]
    ours = [CausalEdge(cause, effect, Evidence.INFERRED) for cause, effect in led]
    sound = {(edge.cause, edge.effect) for edge in remove_cycles([*claims, *ours], starts)}
    known = {(edge.cause, edge.effect) for edge in told.edges}
    ordered = {(run, effect) for (cause, effect), run in led.items() if (cause, effect) in sound}
    kept = [edge for edge in told.edges if edge.evidence != Evidence.PARENT or (edge.cause, edge.effect) not in ordered]
    read = [
        Edge(cause=cause, effect=effect, evidence=Evidence.INFERRED, coordination=Coordination.COMMANDED)
        for cause, effect in led
        if (cause, effect) in sound - known
    ]
    return kept + read
