"""Many siblings drawn as one, where a picture would hold more nodes than a reader can take in. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final

from collector.models import CausalGraph, Edge, Node, NodeKind, NodeStatus
from dashboard import palette, wording

#: Above this many nodes siblings collapse.
MOST_VISIBLE: Final = 150

#: Above this many after that, siblings collapse that have other names too, such as the groups of an event.
MOST_DRAWN: Final = 400

_Family = tuple[frozenset[str], NodeKind, str, str]


@dataclass(frozen=True)
class CollapsedGraph:
    """A graph with fewer nodes. `members` holds the ids of the nodes behind each node that stands for several."""

    nodes: list[Node]
    edges: list[Edge]
    members: dict[str, list[Node]] = field(default_factory=dict)


def collapse(graph: CausalGraph, keep: Collection[str] = (), most: int = MOST_VISIBLE) -> CollapsedGraph:
    """Draws siblings of one kind, name and agent as one node, where there are more nodes than `most`; where that does
    not help, those of one kind, status and agent.

    Args:
        graph: what to draw.
        keep: ids that must stay themselves, such as the selection; their causes stay too.
        most: nodes that may be drawn one by one.
    """
    if len(graph.nodes) <= most:
        return CollapsedGraph(graph.nodes, graph.edges)
    pinned = _with_causes(graph, keep)
    stand_in = _stand_ins(graph, pinned, lambda node: node.name)
    if len(set(stand_in.values())) > max(most, MOST_DRAWN):
        stand_in = _stand_ins(graph, pinned, lambda node: node.status)
    families: dict[str, list[Node]] = defaultdict(list)
    for node in graph.nodes:
        families[stand_in[node.id]].append(node)
    nodes = [_merge_siblings(key, members) for key, members in families.items()]
    return CollapsedGraph(
        nodes, _edges(graph.edges, stand_in), {key: each for key, each in families.items() if len(each) > 1}
    )


def _with_causes(graph: CausalGraph, keep: Collection[str]) -> set[str]:
    causes: dict[str, list[str]] = defaultdict(list)
    for edge in graph.edges:
        causes[edge.effect].append(edge.cause)
    found, todo = set[str](), list(keep)
    while todo:
        node_id = todo.pop()
        if node_id not in found:
            found.add(node_id)
            todo += causes[node_id]
    return found


def _stand_ins(graph: CausalGraph, pinned: Collection[str], trait: Callable[[Node], str]) -> dict[str, str]:
    """Returns which node each is drawn as: siblings that share a trait as one. Causes first, so that effects of
    collapsed siblings are siblings too."""
    causes: dict[str, list[str]] = defaultdict(list)
    for edge in graph.edges:
        causes[edge.effect].append(edge.cause)
    stand_in: dict[str, str] = {}
    first_of: dict[_Family, str] = {}
    for node in _causes_first(graph, causes):
        above = frozenset(stand_in.get(cause, cause) for cause in causes[node.id])
        family = (above, node.kind, trait(node), node.agent)
        stand_in[node.id] = node.id if node.id in pinned else first_of.setdefault(family, node.id)
    return stand_in


def _causes_first(graph: CausalGraph, causes: dict[str, list[str]]) -> list[Node]:
    nodes = {node.id: node for node in graph.nodes}
    waits = Counter({node_id: sum(cause in nodes for cause in causes[node_id]) for node_id in nodes})
    effects: dict[str, list[str]] = defaultdict(list)
    for edge in graph.edges:
        effects[edge.cause].append(edge.effect)
    ready = [node_id for node_id in nodes if not waits[node_id]]
    order: list[str] = []
    for node_id in ready:
        order.append(node_id)
        for effect in effects[node_id]:
            waits[effect] -= 1
            if effect in nodes and not waits[effect]:
                ready.append(effect)
    # A loop among causes can only come from foreign telemetry; its nodes come last, as they are.
    ordered = set(order)
    rest = [node_id for node_id in nodes if node_id not in ordered]
    return [nodes[node_id] for node_id in [*order, *rest]]


def _merge_siblings(key: str, members: list[Node]) -> Node:
    """Returns the node that stands for siblings, under the id that edges know it by."""
    if len(members) == 1:
        return members[0]
    starts = [node.start for node in members if node.start]
    ends = [node.end or node.start for node in members if node.end or node.start]
    return members[0].model_copy(
        update={
            "id": key,
            "status": palette.worst([node.status for node in members]),
            "start": min(starts, default=None),
            "end": max((end for end in ends if end), default=None),
            "bars": [],
            "name": f"{_get_common_name(members)} {wording.TIMES} {len(members):,}{_describe_bad_statuses(members)}",
        }
    )


def _get_common_name(members: list[Node]) -> str:
    """Returns the name of siblings; where each has another, what they are."""
    first = members[0]
    return first.name if all(node.name == first.name for node in members) else wording.sentence(first.kind)


def _describe_bad_statuses(members: list[Node]) -> str:
    counts = Counter(node.status for node in members)
    bad = (NodeStatus.DEAD, NodeStatus.FAILED, NodeStatus.RETRYING)
    return "".join(f", {counts[status]} {palette.LOOKS[status].word}" for status in bad if counts[status])


def _edges(edges: list[Edge], stand_in: dict[str, str]) -> list[Edge]:
    drawn: dict[tuple[str, str], Edge] = {}
    for edge in edges:
        cause, effect = stand_in.get(edge.cause, edge.cause), stand_in.get(edge.effect, edge.effect)
        if cause != effect:
            drawn.setdefault((cause, effect), edge.model_copy(update={"cause": cause, "effect": effect}))
    return list(drawn.values())
