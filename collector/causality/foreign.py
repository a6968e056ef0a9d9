"""Which foreign spans are nodes of a chain, and which are only detail of a node of ours. Pure.

A model call inside a step is detail. A web request above a run, a service between a step and the run that it started,
and a foreign consumer of our event are causes and effects.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from uuid import UUID

from collector.causality.edges import Claimed
from runtime.semconv import Evidence, NodeKind


def detail(edges: Iterable[Claimed], kinds: Mapping[UUID, NodeKind], focus: UUID) -> frozenset[UUID]:
    """The foreign spans to leave out of a chain.

    Args:
        edges: all edges of the chain.
        kinds: kinds of its nodes.
        focus: whom the chain is asked about; a foreign focus is seen with its own surroundings.
    """
    foreign = {node for node, kind in kinds.items() if kind == NodeKind.SPAN}
    causes: dict[UUID, list[UUID]] = defaultdict(list)
    children: dict[UUID, list[UUID]] = defaultdict(list)
    kept = {focus}
    for edge in edges:
        causes[edge.effect].append(edge.cause)
        if edge.effect in foreign and edge.evidence == Evidence.PARENT:
            children[edge.cause].append(edge.effect)
        if edge.effect in foreign and _is_reaction(edge, kinds):
            kept.add(edge.effect)
    ours = [node for node in kinds if node not in foreign]
    leading = _reach([*ours, *kept], causes)
    if focus not in foreign:
        return frozenset(foreign - leading)
    nested = _reach([node for node in ours if kinds[node] != NodeKind.EVENT], children)
    if focus in nested:  # somebody looks at the detail itself
        return frozenset()
    return frozenset((foreign & nested) - leading)


def _is_reaction(edge: Claimed, kinds: Mapping[UUID, NodeKind]) -> bool:
    """Whether one of our nodes caused a foreign one other than by nesting it."""
    cause = kinds.get(edge.cause, NodeKind.SPAN)
    return cause == NodeKind.EVENT or (cause != NodeKind.SPAN and edge.evidence != Evidence.PARENT)


def _reach(start: Iterable[UUID], neighbours: Mapping[UUID, list[UUID]]) -> set[UUID]:
    reached, open_ = set(start), list(start)
    while open_:
        for other in neighbours.get(open_.pop(), ()):
            if other not in reached:
                reached.add(other)
                open_.append(other)
    return reached
