"""Edges of a causal graph, as tests compare them."""

from uuid import UUID

from collector.models import CausalGraph

Edges = set[tuple[str, str, str, str]]


def edges_of(graph: CausalGraph) -> Edges:
    """Edges as a set, so that a missing one and an extra one both show."""
    return {(edge.cause, edge.effect, edge.evidence.value, edge.coordination.value) for edge in graph.edges}


def edge(cause: UUID, effect: UUID, evidence: str, coordination: str) -> tuple[str, str, str, str]:
    """One edge as `edges_of` has it."""
    return str(cause), str(effect), evidence, coordination
