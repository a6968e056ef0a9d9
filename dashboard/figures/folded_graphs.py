"""A causal graph, and the steps of a run, with items and rounds in them drawn as one. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from collector.models import CausalGraph, Edge, ItemsLeftOut, Node, NodeStatus, RunStep
from dashboard import palette
from dashboard.figures.folding import Group, describe_group, fold_items

#: Steps of one unfolded group that a run's graph has a box for, each as high as three rows.
BOXES: Final = 20


@dataclass(frozen=True)
class FoldedGraph:
    """A graph with folds in it; `members` are the ids behind each fold that is drawn."""

    graph: CausalGraph
    groups: list[Group] = field(default_factory=list)
    members: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class FoldedSteps:
    """Steps of a run with folds among them; `stand_in` has the fold of each that is drawn in one."""

    steps: list[RunStep]
    groups: list[Group] = field(default_factory=list)
    stand_in: dict[str, str] = field(default_factory=dict)


def of_graph(graph: CausalGraph, opened: Collection[str] = (), keep: Collection[str] = ()) -> FoldedGraph:
    """Folds the steps of a causal graph.

    Args:
        graph: what is to be drawn.
        opened: ids of groups that are unfolded.
        keep: ids that stay themselves, such as the selection.
    """
    placed = [(f"{node.run_id}", node.step, node.id, node) for node in graph.nodes if node.step is not None]
    groups, stand_in = fold_items(placed, opened, keep, graph.items_left_out)
    if not stand_in:
        return FoldedGraph(graph, groups)
    behind: dict[str, list[Node]] = defaultdict(list)
    nodes: list[Node] = []
    for node in graph.nodes:
        fold = stand_in.get(node.id)
        if fold is None:
            nodes.append(node)
        else:
            behind[fold].append(node)
    titles = {group.id: group for group in groups}
    nodes += [_node(fold, titles[fold], each) for fold, each in behind.items()]
    edges: dict[tuple[str, str], Edge] = {}
    for edge in graph.edges:
        cause, effect = stand_in.get(edge.cause, edge.cause), stand_in.get(edge.effect, edge.effect)
        if cause != effect:
            edges.setdefault((cause, effect), edge.model_copy(update={"cause": cause, "effect": effect}))
    named = [
        hole.model_copy(update={"named_by": sorted({stand_in.get(each, each) for each in hole.named_by})})
        for hole in graph.holes
    ]
    drawn = graph.model_copy(update={"nodes": nodes, "edges": list(edges.values()), "holes": named})
    return FoldedGraph(drawn, groups, {fold: [node.id for node in each] for fold, each in behind.items()})


def of_steps(
    run_id: str,
    steps: Sequence[RunStep],
    opened: Collection[str] = (),
    keep: Collection[str] = (),
    left_out: Sequence[ItemsLeftOut] = (),
) -> FoldedSteps:
    """Folds the steps of one run.

    Args:
        run_id: the run.
        steps: its steps.
        opened: ids of groups that are unfolded.
        keep: ids of steps that stay themselves.
        left_out: items that are not among the steps.
    """
    groups, stand_in = fold_items(
        [(run_id, step.step, step.node_id, step) for step in steps], opened, keep, left_out, BOXES
    )
    if not stand_in:
        return FoldedSteps(list(steps), groups)
    behind: dict[str, list[RunStep]] = defaultdict(list)
    for step in steps:
        if fold := stand_in.get(step.node_id):
            behind[fold].append(step)
    titles = {group.id: group for group in groups}
    shown: list[RunStep] = []
    seen: set[str] = set()
    for step in steps:
        fold = stand_in.get(step.node_id)
        if fold is None:
            shown.append(_replace_causes(step, stand_in))
        elif fold not in seen:
            seen.add(fold)
            shown.append(_step(fold, titles[fold], behind[fold], stand_in))
    return FoldedSteps(shown, groups, stand_in)


def _statuses(left_out: Iterable[ItemsLeftOut]) -> list[NodeStatus]:
    return [status for one in left_out for status in one.statuses]


def _node(fold: str, group: Group, members: list[Node]) -> Node:
    of_all: list[Node | ItemsLeftOut] = [*members, *group.left_out]
    ends = [one.end for one in of_all if one.end]
    return members[0].model_copy(
        update={
            "id": fold,
            "name": describe_group(group, members),
            "status": palette.worst([*(node.status for node in members), *_statuses(group.left_out)]),
            "start": min((one.start for one in of_all if one.start), default=None),
            "end": max(ends) if len(ends) == len(of_all) else None,
            "attempts": 1,
            "bars": [],
            "error": next((node.error for node in members if node.error), None),
            "place": None,
        }
    )


def _step(fold: str, group: Group, members: list[RunStep], stand_in: dict[str, str]) -> RunStep:
    of_all: list[RunStep | ItemsLeftOut] = [*members, *group.left_out]
    ends = [one.end for one in of_all if one.end]
    start = min(one.start for one in of_all)
    end = max(ends) if len(ends) == len(of_all) else None
    causes = dict.fromkeys(stand_in.get(cause, cause) for step in members for cause in step.causes)
    scores = [step.score for step in members if step.score is not None]
    return members[0].model_copy(
        update={
            "node_id": fold,
            "name": describe_group(group, members),
            "status": palette.worst([*(step.status for step in members), *_statuses(group.left_out)]),
            "start": start,
            "end": end,
            "duration_ms": (end - start) / timedelta(milliseconds=1) if end else None,
            "attempts": sum(one.attempts for one in of_all),
            "causes": [cause for cause in causes if cause != fold],
            "error": next((step.error for step in members if step.error), None),
            "score": min(scores, default=None),
            "scores": {},
            "worked_ms": None,
            "answer_ms": None,
            "calls": [],
            "usage": None,
            "input": None,
            "result": None,
            "place": None,
        }
    )


def _replace_causes(step: RunStep, stand_in: dict[str, str]) -> RunStep:
    """Returns a step with the folds of its causes."""
    causes = list(dict.fromkeys(stand_in.get(cause, cause) for cause in step.causes))
    return step if causes == step.causes else step.model_copy(update={"causes": causes})
