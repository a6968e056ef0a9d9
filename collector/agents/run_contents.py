"""What lies below a run's topmost span: what may be its steps, its calls, and the runs that it started. Pure."""

from collections import defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import Final

from collector.agents import langgraph
from collector.agents.tree import KIND, Span, Tree, name_of_agent
from collector.store.roles import DETAILS, Role

#: Containers that may be a run of their own within another.
WHOLE: Final = frozenset({Role.AGENT, Role.WORKFLOW})


@dataclass(slots=True)
class RunContents:
    """What lies below a run's span, up to the runs that it started.

    Attributes:
        runs: the topmost spans of those.
        containers: what may be a step, each behind those that it lies within.
        calls: each with the id of the nearest container that it lies within; that of the run's own span outside of all.
        within: of each container the id of the one that it lies within.
    """

    runs: list[Span] = field(default_factory=list)
    containers: list[Span] = field(default_factory=list)
    calls: list[tuple[Span, int]] = field(default_factory=list)
    within: dict[int, int] = field(default_factory=dict)

    @property
    def has_turns(self) -> bool:
        """Whether only its calls can tell of its steps."""
        return not self.containers

    def find_step(self, steps: Container[int], holder: int) -> int | None:
        """Returns the id of the step that something lies in, which may be further up than its nearest container."""
        at: int | None = holder
        while at is not None and at not in steps:
            at = self.within.get(at)
        return at


def find_contents(tree: Tree, top: Span) -> RunContents:
    """Returns what lies below a run's topmost span."""
    found = RunContents(calls=[(top, top.id)] if top.role in DETAILS else [])
    waiting = [(child, False, top.id) for child in reversed(tree.children(top))]
    while waiting:
        span, in_tool, step = waiting.pop()
        if _is_run(tree, span, in_tool=in_tool, in_step=step != top.id):
            found.runs.append(span)
            continue
        if span.role in DETAILS:
            found.calls += [] if is_repeated_tool_call(tree, span) else [(span, step)]
        elif _may_be_step(tree, top, span, in_step=step != top.id):
            found.containers.append(span)
            found.within[span.id] = step
            step = span.id
        below = (span.role == Role.TOOL or in_tool, step)
        waiting.extend((child, *below) for child in reversed(tree.children(span)))
    _leave_frames_out(found)
    return found


def is_repeated_tool_call(tree: Tree, call: Span) -> bool:
    """Returns whether the call of a tool lies right within that which another instrumentation tells of it."""
    holder = tree.holder(call)
    if holder is None or not (holder.role == call.role == Role.TOOL) or holder.scope == call.scope:
        return False
    return tool_name(holder) == tool_name(call)


def tool_name(call: Span) -> str:
    """Returns the name of the tool that is called."""
    return call.work.get("tool") or call.step or call.name


def _is_run(tree: Tree, span: Span, *, in_tool: bool, in_step: bool) -> bool:
    """Returns whether a span is a run of its own: what a tool starts, and a graph within a node of another."""
    return (span.role in WHOLE and in_tool) or ((in_step or in_tool) and langgraph.is_graph(tree, span))


def _may_be_step(tree: Tree, top: Span, span: Span, *, in_step: bool) -> bool:
    if span.role is None or _is_wrapper(tree, top, span) or (in_step and not _is_agent(span)):
        return False
    return not langgraph.find_edges(span) or bool(
        tree.children(span)
    )  # beside a graph that runs in a node, one tells of it


def _is_agent(span: Span) -> bool:
    return span.role == Role.AGENT


def _is_wrapper(tree: Tree, top: Span, span: Span) -> bool:
    """Returns whether a container tells of the run once more: OpenLLMetry wraps a graph in a workflow of its name."""
    told_again = span.role == Role.WORKFLOW or (span.role in WHOLE and span.hints.get(KIND) == "workflow")
    return told_again and tree.holder(span) is top and top.role in WHOLE


def _leave_frames_out(found: RunContents) -> None:
    """Leaves out what does no more than hold agents, or tell of one that another instrumentation tells of within: no
    call is its own."""
    held = {holder for _, holder in found.calls}
    of_agents: dict[int, list[Span]] = defaultdict(list)
    for span in found.containers:
        if _is_agent(span):
            of_agents[found.within[span.id]].append(span)
    frames = {
        span.id
        for span in found.containers
        if span.id in of_agents and span.id not in held and _is_frame(span, of_agents[span.id])
    }
    found.containers = [span for span in found.containers if span.id not in frames]


def _is_frame(span: Span, agents: Sequence[Span]) -> bool:
    if not _is_agent(span):
        return True
    return all(name_of_agent(span) == name_of_agent(each) and span.scope != each.scope for each in agents)
