"""A causal graph as a tree for the terminal; the collector's JSON in, a drawing out."""

from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from runtime.cli.terminal import plain

_STYLES: Final = {
    "ok": "green",
    "running": "blue",
    "retrying": "yellow",
    "failed": "red",
    "dead": "bold red",
    "replayed": "cyan",
    "discarded": "dim",
    "cancelled": "dim",
    "expired": "dim",
}

#: Levels of a tree; each takes four columns, and what has no room on the line would be cut off.
DEEPEST: Final = 10


def causal_tree(graph: Mapping[str, Any]) -> RenderableType:
    """Draws a causality answer: each node below its first cause, the focus marked.

    A node with several causes is drawn once; where it would come again, a line says so.
    """
    nodes = {node["id"]: node for node in graph["nodes"]}
    for hole in graph.get("holes", ()):
        name = "not sampled" if hole.get("reason") == "not_sampled" else "never arrived"
        nodes.setdefault(hole["id"], {"id": hole["id"], "kind": "hole", "name": name, "status": "unknown"})
    effects: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for edge in sorted(graph["edges"], key=lambda edge: _start(nodes, edge["effect"])):
        if edge["cause"] in nodes and edge["effect"] in nodes:
            effects[edge["cause"]].append((edge["effect"], edge["coordination"]))
    caused = {effect for found in effects.values() for effect, _ in found}
    roots = deque(sorted((id_ for id_ in nodes if id_ not in caused), key=lambda id_: _start(nodes, id_)))
    roots.extend([] if roots else list(nodes)[:1])
    drawn: set[str] = set()
    trees: list[Tree] = []
    while roots:
        trees.append(_tree(roots.popleft(), nodes, effects, drawn, roots, graph["focus"]))
        if not roots:  # foreign telemetry may go in a circle, and a circle has no beginning
            roots.extend([id_ for id_ in nodes if id_ not in drawn][:1])
    if graph.get("truncated"):
        trees.append(Tree(plain("cut short: there are more nodes", "yellow")))
    return Group(*trees)


def _tree(
    root: str,
    nodes: Mapping[str, Any],
    effects: Mapping[str, list[tuple[str, str]]],
    drawn: set[str],
    roots: deque[str],
    focus: str,
) -> Tree:
    """The tree below one root. Where it grows too deep for a line, the rest becomes a root of its own, next in turn.

    Without recursion: chains may be longer than Python's stack.
    """
    tree = Tree(_label(nodes[root], "", focus))
    drawn.add(root)
    waiting = [(root, tree, 0)]
    while waiting:
        id_, branch, depth = waiting.pop()
        for effect, coordination in effects.get(id_, ()):
            if effect in drawn:
                branch.add(plain(f"{nodes[effect]['kind']} {nodes[effect]['name']}: drawn elsewhere", "dim"))
            elif depth == DEEPEST:
                branch.add(plain(f"goes on below with {effect}", "dim"))
                drawn.add(effect)
                roots.appendleft(effect)
            else:
                drawn.add(effect)
                waiting.append((effect, branch.add(_label(nodes[effect], coordination, focus)), depth + 1))
    return tree


def _label(node: Mapping[str, Any], coordination: str, focus: str) -> Text:
    status = str(node.get("status", "unknown"))
    attempts = int(node.get("attempts") or 0)
    words = [f"{node['kind'].replace('_', ' ')} {node['name']}", status]
    if attempts > 1:
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


def _start(nodes: Mapping[str, Any], id_: str) -> tuple[str, str]:
    return str(nodes.get(id_, {}).get("start") or ""), id_
