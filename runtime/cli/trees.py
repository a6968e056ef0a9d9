"""A causal graph as a tree for the terminal; the collector's JSON in, a drawing out."""

from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from runtime.cli.collector_answers import CausalGraph
from runtime.cli.similar_items import merge_similar_items
from runtime.cli.terminal import plain

_STYLES: Final = {
    "ok": "green",
    "running": "blue",
    "retrying": "yellow",
    "waiting": "yellow",
    "failed": "red",
    "dead": "bold red",
    "replayed": "cyan",
    "discarded": "dim",
    "cancelled": "dim",
    "expired": "dim",
}

#: Levels of a tree; each takes four columns, and what has no room on the line would be cut off.
DEEPEST: Final = 10


def causal_tree(graph: CausalGraph) -> RenderableType:
    """Draws a causality answer from its first causes down, in the dashboard's order: the effects of what began first
    come first, and theirs before the next; the focus marked.

    A node with several causes is drawn once; where it would come again, a line says so, unless it lies below there.
    Items of a fan-out that are alike are one line.
    """
    nodes, pairs = merge_similar_items(_read_nodes(graph), graph["edges"], graph["focus"])
    effects: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for edge in sorted(pairs, key=lambda edge: _start_key(nodes, edge["effect"])):
        if edge["cause"] in nodes and edge["effect"] in nodes:
            effects[edge["cause"]].append((edge["effect"], edge["coordination"]))
    caused = {effect for found in effects.values() for effect, _ in found}
    roots = deque(sorted((id_ for id_ in nodes if id_ not in caused), key=lambda id_: _start_key(nodes, id_)))
    roots.extend([] if roots else list(nodes)[:1])
    drawing = _Drawing(nodes, effects, graph["focus"])
    trees: list[Tree] = []
    while roots:
        trees.append(drawing.tree(roots.popleft(), roots))
        if not roots:  # foreign telemetry may go in a circle, and a circle has no beginning
            roots.extend([id_ for id_ in nodes if id_ not in drawing.above][:1])
    if graph.get("truncated"):
        trees.append(Tree(plain("cut short: there are more nodes", "yellow")))
    return Group(*trees)


def _read_nodes(graph: CausalGraph) -> dict[str, Any]:
    nodes = {node["id"]: node for node in graph["nodes"]}
    for hole in graph.get("holes", ()):
        name = "not sampled" if hole.get("reason") == "not_sampled" else "never arrived"
        nodes.setdefault(hole["id"], {"id": hole["id"], "kind": "hole", "name": name, "status": "unknown"})
    return nodes


class _Drawing:
    """What is drawn of a graph. `above` has of each node that is drawn what it hangs below; None for a root."""

    def __init__(self, nodes: Mapping[str, Any], effects: Mapping[str, list[tuple[str, str]]], focus: str) -> None:
        self.above: dict[str, str | None] = {}
        self._nodes = nodes
        self._effects = effects
        self._focus = focus

    def tree(self, root: str, roots: deque[str]) -> Tree:
        """The tree below one root. Where it grows too deep for a line, the rest is a root of its own, next in turn.

        Without recursion: chains may be longer than Python's stack.
        """
        tree = Tree(_label(self._nodes[root], "", self._focus))
        self.above.setdefault(root, None)
        waiting = self._list_effects(root, tree, 0)
        while waiting:
            cause, id_, coordination, branch, depth = waiting.pop()
            if id_ in self.above:
                if not self._is_below(id_, cause):
                    branch.add(plain(f"{self._nodes[id_]['kind']} {self._nodes[id_]['name']}: drawn elsewhere", "dim"))
                continue
            self.above[id_] = cause
            if depth == DEEPEST:
                branch.add(plain(f"goes on below with {id_}", "dim"))
                roots.appendleft(id_)
                continue
            waiting += self._list_effects(
                id_, branch.add(_label(self._nodes[id_], coordination, self._focus)), depth + 1
            )
        return tree

    def _list_effects(self, id_: str, branch: Tree, depth: int) -> list[tuple[str, str, str, Tree, int]]:
        return [(id_, effect, how, branch, depth) for effect, how in reversed(self._effects.get(id_, ()))]

    def _is_below(self, id_: str, cause: str) -> bool:
        at = self.above[id_]
        while at is not None and at != cause:
            at = self.above[at]
        return at is not None


def _label(node: Mapping[str, Any], coordination: str, focus: str) -> Text:
    status = str(node.get("status", "unknown"))
    attempts = int(node.get("attempts") or 0)
    words = [f"{node['kind'].replace('_', ' ')} {node['name']}", status]
    if node.get("items"):
        words.append(f"{node['items']} items")
    if attempts > node.get("items", 1):
        words.append(f"{attempts} attempts")
    if node.get("round"):
        words.append(f"round {node['round']}")
    label = Text("~ " if coordination == "reacted" else "", "dim")
    label.append_text(plain("  ".join(words), _STYLES.get(status, "")))
    label.append_text(plain(f"  {node['id']}", "dim"))
    if node.get("error"):
        label.append_text(plain(f"  {str(node['error']).splitlines()[0]}", "red"))
    if node["id"] == focus:
        label.append(" <- asked for", "bold")
    return label


def _start_key(nodes: Mapping[str, Any], id_: str) -> tuple[str, str]:
    return str(nodes.get(id_, {}).get("start") or ""), id_
