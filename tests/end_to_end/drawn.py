"""The causal graph that the collector draws, beside the one that a workload's own books say."""

from collector.client import ApiError
from collector.models import CausalGraph
from runtime.semconv import Evidence
from sample_agents.books import Graph
from tests.end_to_end.stack import Stack
from tests.waiting import until_sync


def require_drawn(stack: Stack, node: str, graph: Graph, what: str) -> None:
    """Waits for the picture of a node, and compares it: no edge is missing and none is extra, and no node is a hole.

    Args:
        stack: whose collector is asked.
        node: the id of any node in it.
        graph: what the books say.
        what: it is of, for the message.
    """
    answer = until_sync(lambda: _complete(stack, node, graph), what)
    assert {one.id: one.kind for one in answer.nodes} == {str(id_): kind for id_, kind in graph.nodes.items()}
    edges = [(edge.cause, edge.effect, edge.coordination) for edge in answer.edges]
    assert len(edges) == len(set(edges))
    assert set(edges) == {(str(edge.cause), str(edge.effect), edge.coordination) for edge in graph.edges}
    assert {edge.evidence for edge in answer.edges} == {Evidence.DECLARED}
    assert (answer.holes, answer.truncated, answer.focus) == ([], False, node)


def _complete(stack: Stack, node: str, graph: Graph) -> CausalGraph | None:
    """The answer once it has as many nodes as it must have: spans arrive when they arrive."""
    try:
        answer = stack.client.causality(node)
    except ApiError:
        return None
    return answer if len(answer.nodes) >= len(graph.nodes) else None
