"""Items of a fan-out that are alike, as one node of a drawing. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from runtime.cli.collector_answers import Edge

#: What items must have in common.
_SAME: Final = ("kind", "step", "run_id", "status", "error")


def merge_similar_items(
    nodes: Mapping[str, Any], edges: Sequence[Edge], focus: str
) -> tuple[dict[str, Any], list[Edge]]:
    """Puts items together that stand alike and have the same causes and effects.

    Args:
        nodes: of a causal graph, by id.
        edges: of the same.
        focus: a node that stays by itself.

    Returns:
        Nodes and edges. A node that stands for several has the id of the first, a name for all, `items`, how many they
        are, and their attempts together.
    """
    causes: dict[str, set[str]] = defaultdict(set)
    effects: dict[str, set[str]] = defaultdict(set)
    for edge in edges:
        causes[edge["effect"]].add(edge["cause"])
        effects[edge["cause"]].add(edge["effect"])
    alike: dict[object, list[str]] = defaultdict(list)
    for id_, node in nodes.items():
        if id_ != focus and str(node.get("place") or "").endswith("]"):
            same = tuple(str(node.get(name)) for name in _SAME)
            whole = str(node["place"]).rpartition("[")[0]
            alike[same, whole, frozenset(causes[id_]), frozenset(effects[id_])].append(id_)
    first = {id_: several[0] for several in alike.values() if len(several) > 1 for id_ in several}
    found = {id_: node for id_, node in nodes.items() if first.get(id_, id_) == id_}
    for several in alike.values():
        if len(several) > 1:
            found[several[0]] = _merge_items([nodes[id_] for id_ in several])
    kept = {
        (first.get(edge["cause"], edge["cause"]), first.get(edge["effect"], edge["effect"])): edge for edge in edges
    }
    return found, [
        Edge(cause=cause, effect=effect, coordination=edge["coordination"]) for (cause, effect), edge in kept.items()
    ]


def _merge_items(items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = [str(item["name"]) for item in items]
    name = f"{names[0]} to [{names[-1].rpartition('[')[2]}"
    attempts = sum(int(item.get("attempts") or 0) for item in items)
    return {**items[0], "name": name, "items": len(items), "attempts": attempts}
