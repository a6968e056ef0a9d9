"""Which steps led to which, where no span says so outright: our reading, which no sender claims. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from collector.agents import langgraph
from collector.agents.langgraph import GraphPlace
from collector.agents.tree import Span, Tree, name_of_agent

#: By OpenInference: of a node in a graph of agents the one that handed over to it.
HANDED_BY: Final = "graph.node.parent_id"


@dataclass(frozen=True, slots=True)
class _GraphLayers:
    """The nodes of one graph by superstep."""

    placed: Sequence[tuple[GraphPlace, Span]]
    numbers: Sequence[int]
    routes: Mapping[int, frozenset[str]]
    known: frozenset[tuple[str, str]]

    def find_previous_layer(self, where: GraphPlace) -> list[tuple[GraphPlace, Span]]:
        """Returns the nodes of the superstep before."""
        earlier = [number for number in self.numbers if number < where.step]
        return [(source, each) for source, each in self.placed if earlier and source.step == earlier[-1]]

    def find_awaited_nodes(self, where: GraphPlace) -> list[Span]:
        """Returns the nodes that are waited for, each in its latest round; none where one of them has not run."""
        rounds = [source.step for source, _ in self.placed if source.node == where.node and source.step < where.step]
        since = max(rounds, default=-1)
        found: list[Span] = []
        for name in where.awaited_nodes:
            ran = [(source.step, each) for source, each in self.placed if source.node == name]
            latest = [(step, each) for step, each in ran if since <= step < where.step]
            if not latest:
                return []
            found.append(max(latest, key=lambda each: each[0])[1])
        return found


def order_graph(tree: Tree, steps: Sequence[Span], known: frozenset[tuple[str, str]]) -> dict[int, list[int]]:
    """Returns which nodes of a graph led to which: those of one superstep to those of the next.

    Args:
        tree: the trace.
        steps: the nodes of one graph, of several attempts the last.
        known: the graph's edges. Where those, the nodes that are waited for or what routing functions said explain a
            node, other pairs are left out.

    Returns:
        By span id the ids of the spans before it.
    """
    placed = [(where, span) for span in steps if (where := langgraph.find_place(span)) is not None]
    numbers = sorted({where.step for where, _ in placed})
    layers = _GraphLayers(
        placed, numbers, {span.id: langgraph.find_route_targets(tree, span) for _, span in placed}, known
    )
    return {span.id: [each.id for each in _find_causes(layers, where)] for where, span in placed}


def _find_causes(layers: _GraphLayers, where: GraphPlace) -> list[Span]:
    if waited := layers.find_awaited_nodes(where):
        return waited
    before = layers.find_previous_layer(where)
    drawn = [each for source, each in before if (source.node, where.node) in layers.known]
    found = drawn or [each for _, each in before]
    routed = [each for each in found if where.node in layers.routes[each.id]]
    if routed and not drawn:
        return routed
    silent = [each for each in found if not layers.routes[each.id]]
    return [each for each in found if each in routed or each in silent] or found


def order_handovers(steps: Sequence[Span]) -> dict[int, list[int]]:
    """Returns which agents handed over to which.

    Args:
        steps: in order of their beginning.
    """
    found: dict[int, list[int]] = {}
    latest: dict[str, int] = {}
    for span in steps:
        source = span.hints.get(HANDED_BY)
        if isinstance(source, str) and source in latest:
            found[span.id] = [latest[source]]
        if name := name_of_agent(span):
            latest[name] = span.id
    return found


def compute_depths(steps: Sequence[Span], before: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """Returns the place of each step in its order, from 1: behind all that led to it.

    Args:
        steps: each behind those that led to it.
        before: ids of those.
    """
    found: dict[int, int] = {}
    for span in steps:
        found[span.id] = 1 + max((found.get(id_, 0) for id_ in before.get(span.id, ())), default=0)
    return found
