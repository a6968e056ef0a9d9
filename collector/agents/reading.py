"""Runs of agents in one trace: which spans are runs, which are their steps, and which calls each step made."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from collector.agents import langgraph, order, usage
from collector.agents.run_contents import WHOLE, RunContents, find_contents
from collector.agents.tree import Span, Tree, name_of_agent
from collector.store.roles import Role

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
        tries: the spans of attempts at it before, which failed.
        calls: what it called, in order of their beginning.
    """

    span: Span
    name: str
    round: int = 0
    depth: int = 1
    before: Sequence[int] = ()
    tries: Sequence[Span] = ()
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


def read_run(tree: Tree, top: Span) -> AgentRun:
    """Returns the run whose topmost span is given, with those that it started.

    Args:
        tree: the trace.
        top: the span, whatever part it plays.
    """
    run = AgentRun(top, _name_of_run(top), tree.agent(top))
    inner = find_contents(tree, top)
    run.steps = _read_steps(tree, top, inner)
    places = {span.id: step for step in run.steps for span in (*step.tries, step.span)}
    for call, holder in inner.calls:
        at = call.id if call.id in places else inner.find_step(places, holder)
        step = None if at is None else places[at]
        if step is None and inner.has_turns:
            step = _find_turn(run.steps, call)
        (run.calls if step is None else step.calls).append(call)
    run.children = inner.runs
    return run


def find_top_spans(tree: Tree) -> list[Span]:
    """Returns the topmost spans of the runs of a trace, in order of their beginning: those that play a part and have
    none above them that does; where no span plays one, the trace's roots."""
    if not any(span.role for span in tree.spans):
        return [span for span in tree.spans if tree.parent(span) is None]
    return [span for span in tree.spans if span.role is not None and tree.holder(span) is None]


def _read_steps(tree: Tree, top: Span, inner: RunContents) -> list[AgentStep]:
    if inner.has_turns:
        again = usage.find_uncounted(tree).keys() - tree.elsewhere.keys()
        return _make_turns([call for call, _ in inner.calls if call.role in _TURNS and call.id not in again])
    nodes = [span for span in inner.containers if langgraph.is_node(span)]
    tried = _group_attempts(sorted(nodes or inner.containers, key=lambda each: (each.start_ns, each.id)))
    told = [tries[-1] for tries in tried]
    if nodes:
        above = tree.parent(top)
        before = order.order_graph(tree, told, langgraph.find_edges(top, tree.children(above) if above else ()))
        depths = _rank_layers(told)
    else:
        before = order.order_handovers(told)
        depths = order.compute_depths(told, before)
    seen: Counter[str] = Counter()
    steps: list[AgentStep] = []
    for tries in tried:
        span = tries[-1]
        name = _name_of_step(span, top)
        steps.append(AgentStep(span, name, seen[name], depths.get(span.id, 1), before.get(span.id, ()), tries[:-1]))
        seen[name] += 1
    return steps


def _group_attempts(nodes: Sequence[Span]) -> list[list[Span]]:
    """Returns the attempts at each step; LangGraph tells which are at one task."""
    found: dict[object, list[Span]] = {}
    for span in nodes:
        where = langgraph.find_place(span)
        found.setdefault((where.node, where.path) if where is not None and where.path else span.id, []).append(span)
    return list(found.values())


def _rank_layers(nodes: Sequence[Span]) -> dict[int, int]:
    placed = {span.id: where.step for span in nodes if (where := langgraph.find_place(span)) is not None}
    ranks = {step: rank for rank, step in enumerate(sorted(set(placed.values())), 1)}
    return {id_: ranks[step] for id_, step in placed.items()}


def _make_turns(calls: Sequence[Span]) -> list[AgentStep]:
    """Returns a step for each call of a model: what it asked for comes after it, and the next call answers to that."""
    ordered = sorted(calls, key=lambda each: (each.start_ns, each.id))
    return [
        AgentStep(call, f"turn {number}", depth=number, before=[ordered[number - 2].id] if number > 1 else ())
        for number, call in enumerate(ordered, 1)
    ]


def find_parent_run(tree: Tree, top: Span) -> Span | None:
    """Returns the topmost span of the run that started the one whose topmost span is given; None where none did."""
    above = list(tree.above(top))
    holders = [span for span in above if span.role is not None]
    at = holders[-1] if holders else None
    while at is not None:
        nearer = next((child for child in find_contents(tree, at).runs if child in above), None)
        if nearer is None:
            return at
        at = nearer
    return None


def _find_turn(steps: Sequence[AgentStep], call: Span) -> AgentStep | None:
    """Returns the turn that a call is of: the last one before it, or of a model's call that tells of a turn once more,
    and began before that, the turn itself."""
    end_ns = max(call.end_ns or 0, call.start_ns)
    if call.role in _TURNS and (same := [step for step in steps if call.start_ns <= step.span.start_ns < end_ns]):
        return same[0]
    return next((step for step in reversed(steps) if step.span.start_ns <= call.start_ns), None)


def _name_of_span(span: Span) -> str:
    if span.role in WHOLE:
        return span.workflow or name_of_agent(span) or span.name
    return span.step or span.name


def _name_of_run(top: Span) -> str:
    """Returns the name of a run, which the filter of runs (`agents/runs.sql`) finds it by."""
    if top.role == Role.STEP:
        return top.step or top.workflow or top.agent or top.name
    return _name_of_span(top)


def _name_of_step(span: Span, top: Span) -> str:
    """Returns what an agent is called rather than the workflow, which all steps of its run may have in common."""
    if span.role in WHOLE and span.workflow is not None and span.workflow == top.workflow:
        return name_of_agent(span) or span.step or span.name
    return (name_of_agent(span) if span.role == Role.AGENT else None) or _name_of_span(span)
