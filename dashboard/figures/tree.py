"""A node's causes and effects as an indented list: the picture for those who read. Pure."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

from collector.models import CausalGraph, Node, NodeKind, NodeStatus
from dashboard import palette, wording
from dashboard.figures.labels import hole_mark, tries_of

#: Rows that are listed before a reader asks for all.
MOST_ROWS: Final = 400


@dataclass(frozen=True)
class TreeRow:
    """A line. `depth` is its indent; `again` marks a node that was listed above, whose effects are not repeated."""

    id: str
    depth: int
    kind: str
    name: str
    agent: str
    status: str
    tone: str
    facts: str
    commanded: bool
    again: bool = False

    def as_data(self) -> dict[str, Any]:
        """Returns the row as plain JSON."""
        return asdict(self)


def rows(graph: CausalGraph) -> list[TreeRow]:
    """Returns the graph from its first causes down, effects indented below their first cause, in the order of time. A
    node of several causes has a row below each."""
    nodes = {node.id: node for node in [*graph.nodes, *map(hole_mark, graph.holes)]}
    effects: dict[str, list[str]] = defaultdict(list)
    caused: set[str] = set()
    commanded = set[tuple[str, str]]()
    pairs = [(edge.cause, edge.effect) for edge in graph.edges]
    pairs += [(hole.id, effect) for hole in graph.holes for effect in hole.named_by]
    for cause, effect in dict.fromkeys(pairs):
        if cause in nodes and effect in nodes:
            effects[cause].append(effect)
            caused.add(effect)
    commanded.update((edge.cause, edge.effect) for edge in graph.edges if edge.coordination == "commanded")
    when = _order(nodes)
    for below in effects.values():
        below.sort(key=when)
    roots = sorted(nodes.keys() - caused, key=when) or [graph.focus if graph.focus in nodes else min(nodes, key=when)]
    return _walk(nodes, effects, commanded, roots)


def _order(nodes: dict[str, Node]) -> Callable[[str], tuple[bool, float, str]]:
    def key(node_id: str) -> tuple[bool, float, str]:
        start = nodes[node_id].start
        return start is None, start.timestamp() if start else 0.0, node_id

    return key


def _walk(
    nodes: dict[str, Node], effects: dict[str, list[str]], commanded: set[tuple[str, str]], roots: list[str]
) -> list[TreeRow]:
    listed: list[TreeRow] = []
    seen: set[str] = set()
    todo = [(root, 0, False) for root in reversed(roots)]
    while todo:
        node_id, depth, by_command = todo.pop()
        if node_id not in nodes:
            continue
        again = node_id in seen
        listed.append(_row(nodes[node_id], depth, again=again, commanded=by_command))
        seen.add(node_id)
        if not again:
            todo += [(each, depth + 1, (node_id, each) in commanded) for each in reversed(effects[node_id])]
    return listed


def _row(node: Node, depth: int, *, again: bool, commanded: bool) -> TreeRow:
    look = palette.LOOKS[node.status]
    return TreeRow(
        id=node.id,
        depth=depth,
        kind=wording.sentence(node.role or node.kind),
        name=_name(node),
        agent=node.agent if node.agent != node.name else "",
        status=look.word,
        tone=look.variable,
        facts="listed above" if again else _facts(node),
        commanded=commanded,
        again=again,
    )


def _name(node: Node) -> str:
    if node.kind == NodeKind.DEAD_LETTER:
        return wording.sentence(node.reason or "gave up")
    return f"{node.name}, round {node.round}" if node.kind == NodeKind.DELIVERY and node.round else node.name


def _facts(node: Node) -> str:
    facts = [tries_of(node)] if node.attempts > 1 else []
    worked = node.kind in (NodeKind.RUN, NodeKind.STEP, NodeKind.DELIVERY, NodeKind.SPAN)
    if worked and node.start and node.end:
        facts.append(wording.between(node.start, node.end))
    if node.status == NodeStatus.RUNNING:
        facts.append("still going on")
    return " · ".join(facts)
