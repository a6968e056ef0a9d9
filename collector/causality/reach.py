"""What a node's causes and effects are, found claim by claim. Pure."""

from collections import defaultdict
from collections.abc import Iterable

from collector.causality.cone import NodeId, Pair


class ReachedNodes:
    """The nodes that lead to a node, and those that it leads to, as far as claims are known.

    Args:
        focus: where to begin.
        ahead: whether to look for effects, too.
    """

    def __init__(self, focus: NodeId, *, ahead: bool) -> None:
        self._behind = _DirectedReach(focus)
        self._ahead = _DirectedReach(focus) if ahead else None

    def add(self, pairs: Iterable[Pair]) -> set[NodeId]:
        """Takes claims in: causes with their effects.

        Returns:
            The nodes that are reached now and were not before.
        """
        known = list(pairs)
        fresh = self._behind.add((effect, cause) for cause, effect in known)
        return fresh if self._ahead is None else fresh | self._ahead.add(known)


class _DirectedReach:
    """What is reached in one direction."""

    def __init__(self, focus: NodeId) -> None:
        self._reached = {focus}
        self._next: dict[NodeId, list[NodeId]] = defaultdict(list)

    def add(self, steps: Iterable[tuple[NodeId, NodeId]]) -> set[NodeId]:
        doors = []
        for from_, to in steps:
            self._next[from_].append(to)
            if from_ in self._reached:
                doors.append(to)
        fresh: set[NodeId] = set()
        while doors:
            node = doors.pop()
            if node not in self._reached:
                self._reached.add(node)
                fresh.add(node)
                doors.extend(self._next.get(node, ()))
        return fresh
