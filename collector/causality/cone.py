"""Cones of a graph: everything behind a node, everything ahead of it. Pure; cycles do no harm."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

NodeId = str
"""A node's id as text."""

Pair = tuple[NodeId, NodeId]
"""A cause and its effect."""


class Direction(StrEnum):
    """Which way to look from a node."""

    CAUSES = "causes"
    EFFECTS = "effects"
    BOTH = "both"
    WHOLE = "whole"
    """All that the node's first cause brought about, which is no cone of the node itself."""


def compute_cone(
    focus: NodeId, edges: Iterable[Pair], direction: Direction, most: int
) -> tuple[frozenset[NodeId], int]:
    """Returns the nodes that caused `focus` or that it caused, itself included.

    Siblings (other effects of its causes) are in neither cone.

    Args:
        focus: where to begin.
        edges: causes and effects.
        direction: which way; `BOTH` is the union of both cones, and `WHOLE` the node alone.
        most: nodes to take at most; the nearest are taken, of equally near ones those with the smaller id.

    Returns:
        The nodes, and how many were left out.
    """
    causes: dict[NodeId, list[NodeId]] = defaultdict(list)
    effects: dict[NodeId, list[NodeId]] = defaultdict(list)
    for cause, effect in edges:
        causes[effect].append(cause)
        effects[cause].append(effect)
    near: dict[NodeId, int] = {focus: 0}
    for wanted, neighbours in ((Direction.CAUSES, causes), (Direction.EFFECTS, effects)):
        if direction in (wanted, Direction.BOTH):
            for node, distance in _measure_distances(focus, neighbours).items():
                near[node] = min(distance, near.get(node, distance))
    nearest: Sequence[NodeId] = sorted(near, key=lambda node: (near[node], node))
    return frozenset(nearest[:most]), max(0, len(nearest) - most)


def _measure_distances(focus: NodeId, neighbours: Mapping[NodeId, Sequence[NodeId]]) -> dict[NodeId, int]:
    distances, frontier = {focus: 0}, [focus]
    while frontier:
        reached = []
        for node in frontier:
            for other in neighbours.get(node, ()):
                if other not in distances:
                    distances[other] = distances[node] + 1
                    reached.append(other)
        frontier = reached
    return distances
