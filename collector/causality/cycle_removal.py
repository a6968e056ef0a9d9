"""No effect comes before its cause: edges that close a circle are left out. Pure.

Foreign telemetry may claim anything: a message that is put back into its channel is sent by who received it, links go
both ways, parents name each other. Of the claims that make up a circle the weakest goes, and of equally weak ones that
which runs against the clock.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from collector.causality.cone import NodeId
from collector.causality.evidence import STRENGTH, CausalEdge

#: Edges in circles that are weighed against each other; where there are more, those against the clock go.
_WEIGHED = 4_000


def remove_cycles(edges: Sequence[CausalEdge], starts: Mapping[NodeId, int]) -> list[CausalEdge]:
    """Returns edges without those that close a circle, in their order.

    Args:
        edges: one a pair.
        starts: when nodes began, in nanoseconds; of holes nothing is known.
    """
    knotted = _find_cyclic_core(edges)
    if not knotted:
        return list(edges)
    suspects = [edge for edge in edges if edge.cause in knotted and edge.effect in knotted]
    left_out = (
        _find_closing_edges(suspects, starts) if len(suspects) <= _WEIGHED else _find_backward_edges(suspects, starts)
    )
    return [edge for edge in edges if edge not in left_out]


def has_cycles(edges: Sequence[CausalEdge]) -> bool:
    """Returns whether any edges may close a circle: if none does, all stay."""
    return bool(_find_cyclic_core(edges))


def _find_cyclic_core(edges: Iterable[CausalEdge]) -> set[NodeId]:
    """Returns the nodes that are left when those without causes, and then those without effects, are taken away again
    and again: all nodes of circles, and of ways between circles."""
    pairs = [(edge.cause, edge.effect) for edge in edges]
    left = _peel_sources(pairs)
    return _peel_sources([(effect, cause) for cause, effect in pairs if cause in left and effect in left])


def _peel_sources(pairs: Sequence[tuple[NodeId, NodeId]]) -> set[NodeId]:
    following: dict[NodeId, list[NodeId]] = defaultdict(list)
    owed: dict[NodeId, int] = defaultdict(int)
    for before, after in pairs:
        following[before].append(after)
        owed[after] += 1
    left = {node for pair in pairs for node in pair}
    free = [node for node in left if not owed.get(node)]
    while free:
        node = free.pop()
        left.discard(node)
        for after in following[node]:
            owed[after] -= 1
            if not owed[after]:
                free.append(after)
    return left


def _find_closing_edges(suspects: Iterable[CausalEdge], starts: Mapping[NodeId, int]) -> set[CausalEdge]:
    """Returns the edges that close a circle when all are drawn, the most credible first."""

    def credibility_key(edge: CausalEdge) -> tuple[int, bool, int, NodeId, NodeId]:
        return STRENGTH[edge.evidence], _is_backward(edge, starts), starts.get(edge.cause, 0), edge.cause, edge.effect

    drawn: dict[NodeId, list[NodeId]] = defaultdict(list)
    closing = set()
    for edge in sorted(suspects, key=credibility_key):
        if _is_reachable(edge.effect, edge.cause, drawn):
            closing.add(edge)
        else:
            drawn[edge.cause].append(edge.effect)
    return closing


def _find_backward_edges(suspects: Iterable[CausalEdge], starts: Mapping[NodeId, int]) -> set[CausalEdge]:
    """Returns the edges that run against the clock, and of those within one moment against the order of ids."""
    return {edge for edge in suspects if _order_key(edge.cause, starts) >= _order_key(edge.effect, starts)}


def _order_key(node: NodeId, starts: Mapping[NodeId, int]) -> tuple[int, NodeId]:
    return starts.get(node, 0), node


def _is_backward(edge: CausalEdge, starts: Mapping[NodeId, int]) -> bool:
    return starts.get(edge.cause, 0) > starts.get(edge.effect, 0)


def _is_reachable(start: NodeId, goal: NodeId, drawn: Mapping[NodeId, Sequence[NodeId]]) -> bool:
    """Returns whether one node leads to another."""
    seen, open_ = {start}, [start]
    while open_:
        node = open_.pop()
        if node == goal:
            return True
        for other in drawn.get(node, ()):
            if other not in seen:
                seen.add(other)
                open_.append(other)
    return False
