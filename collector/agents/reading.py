"""Runs of agents in one trace: which spans are runs, which are their steps, and which calls each step made."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from collector.agents import langgraph
from collector.agents.tree import Span, Tree
from collector.store.roles import DETAILS, Role

#: Containers that may be a run of their own within another.
_WHOLE: Final = frozenset({Role.AGENT, Role.WORKFLOW})

#: Calls that make a turn of a conversation where nothing else tells of steps.
_TURNS: Final = frozenset({Role.MODEL, Role.EMBEDDING})


@dataclass(slots=True)
class AgentStep:
    """A step of a run.

    Attributes:
        span: its span; of a turn the model's call.
        round: how often a step of that name came before it in its run.
        depth: its place in the order of steps, from 1.
        before: span ids of the steps that led to it; our reading, which no sender claims.
        calls: what it called, in order of their beginning.
    """

    span: Span
    name: str
    round: int = 0
    depth: int = 1
    before: Sequence[int] = ()
    calls: list[Span] = field(default_factory=list)


@dataclass(slots=True)
class AgentRun:
    """A run.

    Attributes:
        span: its topmost span.
        steps: in order of their beginning.
        calls: what was called outside of all steps.
        children: the topmost spans of the runs that its tools started.
    """

    span: Span
    name: str
    agent: str
    steps: list[AgentStep] = field(default_factory=list)
    calls: list[Span] = field(default_factory=list)
    children: list[Span] = field(default_factory=list)

    @property
    def every_call(self) -> Iterator[Span]:
        """Yields all calls, those of child runs left out."""
        yield from self.calls
        for step in self.steps:
            yield from step.calls


def read(tree: Tree, top: Span) -> AgentRun:
    """Returns the run whose topmost span is given, with those that it started.

    Args:
        tree: the trace.
        top: the span, whatever part it plays.
    """
    run = AgentRun(top, _name(top), tree.agent(top))
    inner = _Inner(tree, top)
    run.steps = _steps(tree, top, inner)
    places = {step.span.id: step for step in run.steps}
    for call, holder in inner.calls:
        step = places.get(call.id) or _nearest(places, holder, inner.within)
        if step is None and inner.has_turns:
            step = _turn_before(run.steps, call)
        (run.calls if step is None else step.calls).append(call)
    run.children = inner.runs
    return run


def tops(tree: Tree) -> list[Span]:
    """Returns the topmost spans of the runs of a trace, in order of their beginning: those that play a part and have
    none above them that does; where no span plays one, the trace's roots."""
    if not any(span.role for span in tree.spans):
        return [span for span in tree.spans if tree.parent(span) is None]
    return [span for span in tree.spans if span.role is not None and tree.holder(span) is None]


class _Inner:
    """What lies below a run's span, up to the runs that it started.

    Attributes:
        runs: the topmost spans of those.
        containers: what may be a step.
        calls: each with the id of the nearest container that it lies within; that of the run's own span outside of all.
        within: of each container the id of the one that it lies within.
        has_turns: whether only its calls can tell of its steps.
    """

    def __init__(self, tree: Tree, top: Span) -> None:
        self.runs: list[Span] = []
        self.containers: list[Span] = []
        self.within: dict[int, int] = {}
        self.calls: list[tuple[Span, int]] = [(top, top.id)] if top.role in DETAILS else []
        waiting = [(child, False, top.id) for child in reversed(tree.children(top))]
        while waiting:
            span, in_tool, step = waiting.pop()
            if span.role in _WHOLE and in_tool:
                self.runs.append(span)
                continue
            if span.role in DETAILS:
                self.calls.append((span, step))
            elif span.role is not None and not _is_wrapper(tree, top, span) and (step == top.id or _is_agent(span)):
                self.containers.append(span)
                self.within[span.id] = step
                step = span.id
            below = (span.role == Role.TOOL or in_tool, step)
            waiting.extend((child, *below) for child in reversed(tree.children(span)))
        self.has_turns = not self.containers


def _nearest(steps: Mapping[int, AgentStep], holder: int, within: Mapping[int, int]) -> AgentStep | None:
    """Returns the step that something lies in, which may be further up than its nearest container."""
    at: int | None = holder
    while at is not None and at not in steps:
        at = within.get(at)
    return None if at is None else steps[at]


def _is_agent(span: Span) -> bool:
    return span.role == Role.AGENT


def _is_wrapper(tree: Tree, top: Span, span: Span) -> bool:
    """Returns whether a container tells of the run once more: OpenLLMetry wraps a graph in a workflow of its name."""
    return span.role == Role.WORKFLOW and tree.holder(span) is top and top.role in _WHOLE


def _steps(tree: Tree, top: Span, inner: _Inner) -> list[AgentStep]:
    if inner.has_turns:
        return _turns([call for call, _ in inner.calls if call.role in _TURNS])
    nodes = [span for span in inner.containers if langgraph.is_node(span)]
    told = nodes or inner.containers
    before = langgraph.order(nodes, langgraph.edges(top)) if nodes else {}
    seen: Counter[str] = Counter()
    depths = _depths(nodes)
    steps: list[AgentStep] = []
    for span in sorted(told, key=lambda each: (each.start_ns, each.id)):
        name = _name(span)
        steps.append(AgentStep(span, name, seen[name], depths.get(span.id, 1), before.get(span.id, ())))
        seen[name] += 1
    return steps


def _depths(nodes: Sequence[Span]) -> dict[int, int]:
    placed = {span.id: where.step for span in nodes if (where := langgraph.place(span)) is not None}
    ranks = {step: rank for rank, step in enumerate(sorted(set(placed.values())), 1)}
    return {id_: ranks[step] for id_, step in placed.items()}


def _turns(calls: Sequence[Span]) -> list[AgentStep]:
    """Returns a step for each call of a model: what it asked for comes after it, and the next call answers to that."""
    ordered = sorted(calls, key=lambda each: (each.start_ns, each.id))
    return [
        AgentStep(call, f"turn {number}", depth=number, before=[ordered[number - 2].id] if number > 1 else ())
        for number, call in enumerate(ordered, 1)
    ]


def _turn_before(steps: Sequence[AgentStep], call: Span) -> AgentStep | None:
    return next((step for step in reversed(steps) if step.span.start_ns <= call.start_ns), None)


def _name(span: Span) -> str:
    if span.role in _WHOLE:
        return span.workflow or span.agent or span.name
    return span.step or span.name
